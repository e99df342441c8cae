import assert from "node:assert/strict";
import { test } from "node:test";
import { type ActionName, documentActions } from "../../../src-main/protocols/documents/messages.ts";
import { jsonSchemaOf } from "../../documentation/describeSchema.ts";
import { DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { authorisationRows, Subject } from "../documents/authorisationRows.ts";

failOnLeaks();

/** These wait for three seconds, end the program, make answers come that nobody asked for, or begin a transfer. */
const elsewhere: readonly ActionName[] = [
  "login",
  "set_passwd",
  "disable_2fa",
  "shutdown",
  "register_listener",
  "upload_file",
];
const actions = (Object.keys(documentActions) as ActionName[]).filter((action) => !elsewhere.includes(action));

const nested = (depth: number): unknown => (depth === 0 ? "x" : { in: [nested(depth - 1)] });

/** What no client would send. */
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  "",
  " ",
  "../../etc/passwd",
  "a' or 1=1; drop table users; --",
  "\u0000",
  "\ud800",
  "x".repeat(70_000),
  [],
  [null],
  [[[]]],
  ["read", "read", "nothing"],
  {},
  { constructor: [], toString: [null] },
  JSON.parse('{"__proto__": [{"match": "all", "match_groups": []}]}'),
  nested(40),
  [{ match: "all", match_groups: [nested(3)] }],
  { read: [{ match: "any", match_groups: [{ rights: { require: ["x".repeat(300)] } }] }] },
  { type: "document", id: "x" },
  { permission: "move", start_time: 5, end_time: 1 },
];

test("whatever stands in the data of an action, the answer is none of the server's own faults", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const faults: string[] = [];
  let asked = 0;
  for (const action of actions) {
    const { properties = {} } = jsonSchemaOf(documentActions[action].data, "input");
    const good = (await authorisationRows[action].data?.(new Subject(scene, sysop))) ?? {};
    const tries = [
      ...values,
      ...Object.keys(properties).flatMap((field) => values.map((value) => ({ ...good, [field]: value }))),
    ];
    for (const data of tries) {
      asked += 1;
      const { code, message, data: answer } = await sysop.request(action, data);
      const said = `${action} ${JSON.stringify(data)?.slice(0, 120)}: ${code} ${message}`;
      if (![200, 400, 401, 403, 404, 409].includes(code)) faults.push(said);
      if (/sqlite|kysely|undefined|at \/|node:/i.test(`${message}${JSON.stringify(answer)}`)) faults.push(said);
    }
  }
  assert.ok(asked > 2_000, `${asked} were asked`);
  assert.deepEqual(faults, []);
  assert.equal(await sysop.codeOf("list_directory", { folder_id: null }), 200, "and the connection lives");
});

test("a member that nobody knows is named and refused, with what JSON Schema calls it", async (t) => {
  const scene = await DocumentScene.open(t);
  const tolerant: readonly ActionName[] = ["get_document_info", "create_directory", "shutdown"];
  for (const action of Object.keys(documentActions) as ActionName[]) {
    if (tolerant.includes(action)) continue;
    const { required = [] } = jsonSchemaOf(documentActions[action].data, "input");
    if (required.length > 0) continue;
    const { code, data } = await scene.sysop.request(action, { surprise: 1 });
    assert.deepEqual(
      [action, code, data],
      [action, 400, { validator: "additionalProperties", validator_value: false }],
    );
  }
});

test("a required member that is missing is named, and all that are required", async (t) => {
  const scene = await DocumentScene.open(t);
  for (const action of Object.keys(documentActions) as ActionName[]) {
    const { required = [] } = jsonSchemaOf(documentActions[action].data, "input");
    if (required.length === 0) continue;
    const { code, message, data } = await scene.sysop.request(action, {});
    assert.deepEqual([action, code], [action, 400]);
    assert.match(message, /^Missing required field: \w+$/);
    assert.deepEqual(data, { validator: "required", validator_value: required });
  }
});
