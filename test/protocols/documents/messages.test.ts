import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ActionName,
  documentActions,
  parseRequest,
  parseResult,
} from "../../../src-main/protocols/documents/messages.ts";
import { parseData } from "../../../src-main/protocols/documents/schemaFault.ts";

function parsed(action: ActionName, data: unknown): unknown {
  const result = parseData(action, data);
  return result.ok ? result.value : result.error;
}

const root = { folder_id: null };
const always = { start_time: 0, end_time: null };

const spellings: readonly (readonly [action: ActionName, data: object, canonical: object])[] = [
  ["list_directory", { folder_id: null }, root],
  ["list_directory", { folder_id: "" }, root],
  ["list_directory", { folder_id: "root" }, root],
  ["list_directory", { folder_id: "/" }, root],
  ["list_directory", { directory_id: "a" }, { folder_id: "a" }],
  ["get_directory_info", { folder_id: "a" }, { directory_id: "a" }],
  [
    "set_passwd",
    { username: "a", old_password: "b", new_password: "c" },
    { username: "a", old_passwd: "b", new_passwd: "c" },
  ],
  ["move_directory", { folder_id: "a", target_parent_id: "root" }, { folder_id: "a", target_folder_id: null }],
  ["rename_group", { group_name: "a", new_display_name: "b" }, { group_name: "a", display_name: "b" }],
  [
    "change_user_groups",
    { target_username: "a", groups: ["b", { group_name: "c", start_time: 1, end_time: 2.5 }] },
    {
      username: "a",
      groups: [
        { name: "b", ...always },
        { name: "c", start_time: 1, end_time: 2.5 },
      ],
    },
  ],
  [
    "create_group",
    { group_name: "a", permissions: [{ permission: "b", start_time: null, end_time: null }, { permission: "c" }] },
    {
      group_name: "a",
      permissions: [
        { name: "b", ...always },
        { name: "c", ...always },
      ],
    },
  ],
];

for (const [action, data, canonical] of spellings) {
  test(`${action} takes ${JSON.stringify(data)}`, () => assert.deepEqual(parsed(action, data), canonical));
}

test("what stands there under two names is not understood", () => {
  assert.deepEqual(parsed("list_directory", { folder_id: "a", directory_id: "b" }), {
    message: "Unexpected field: directory_id",
    data: { validator: "additionalProperties", validator_value: false },
  });
});

test("an alias that is missing is asked for under its own name, with everything that the action needs", () => {
  assert.deepEqual(parsed("set_passwd", {}), {
    message: "Missing required field: username",
    data: { validator: "required", validator_value: ["username", "new_passwd"] },
  });
});

test("every action tells what it lacks in words, for whatever comes as its data", () => {
  const strange = [null, 1, "a", [], [1], { a: 1 }, { username: {} }, { access_rules: 1 }, { target: { type: 1 } }];
  for (const action of Object.keys(documentActions) as ActionName[]) {
    for (const data of strange) {
      const result = parseData(action, data);
      if (result.ok) continue;
      const { message, data: fault } = result.error;
      assert.ok(message.length > 3 && !/undefined|\[object/.test(message), `${action}: ${message}`);
      assert.doesNotThrow(() => JSON.stringify(fault));
    }
  }
});

test("an envelope without credentials has empty ones, and its other members are passed over", () => {
  const empty = { ok: true, value: { action: "a", data: {}, username: "", token: "" } };
  assert.deepEqual(parseRequest('{"action":"a"}'), empty);
  assert.deepEqual(parseRequest('{"action":"a","data":{},"username":null,"token":null,"id":5}'), empty);
});

test("a result may have members that nobody knows, and may not lack one", () => {
  const info = { server_name: "a", version: "b", protocol_version: 3, lockdown: false };
  assert.deepEqual(parseResult("server_info", { ...info, motd: "hello" }), { ok: true, value: info });
  assert.equal(parseResult("server_info", { ...info, lockdown: "no" }).ok, false);
  assert.equal(parseResult("login", { token: "a" }).ok, false);
});
