import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainDocuments } from "../../support/plainDocuments.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

const type = (value: unknown) => ({ validator: "type", validator_value: value });

/** What comes in, and the code, message and data that go out. */
const faults: readonly (readonly [what: string, sent: unknown, code: number, message: RegExp, data: object])[] = [
  ["an empty message", "", 400, /^Invalid JSON format$/, {}],
  ["words", "hello", 400, /^Invalid JSON format$/, {}],
  ["half an object", '{"action": "server_info"', 400, /^Invalid JSON format$/, {}],
  ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00]), 400, /^Invalid JSON format$/, {}],
  ["an array", "[]", 400, /object expected/, type("object")],
  ["a number", "42", 400, /object expected/, type("object")],
  ["null", "null", 400, /object expected/, type("object")],
  ["a text", '"server_info"', 400, /object expected/, type("object")],
  ["no action", {}, 400, /^No action specified in request$/, {}],
  ["null for an action", { action: null }, 400, /^No action specified in request$/, {}],
  ["a list for an action", { action: ["login"] }, 400, /^action: string expected$/, type("string")],
  ["a number for an action", { action: 1 }, 400, /^action: string expected$/, type("string")],
  ["a number for a user name", { action: "server_info", username: 1 }, 400, /^username: /, type("string")],
  ["an object for a token", { action: "server_info", token: {} }, 400, /^token: /, type("string")],
  ["an unknown action", { action: "fly" }, 400, /^Unknown action: fly$/, {}],
  ["the name of a method", { action: "toString" }, 400, /^Unknown action: toString$/, {}],
  ["the name of the prototype", { action: "__proto__" }, 400, /^Unknown action: __proto__$/, {}],
  ["an action in capitals", { action: "SERVER_INFO" }, 400, /^Unknown action/, {}],
  ["null for data", { action: "server_info", data: null }, 400, /^data: object expected$/, type("object")],
  ["a list for data", { action: "server_info", data: [] }, 400, /^data: object expected$/, type("object")],
  ["a text for data", { action: "login", data: "admin" }, 400, /^data: object expected$/, type("object")],
  [
    "an unknown member of data",
    { action: "server_info", data: { verbose: true } },
    400,
    /^Unexpected field: verbose$/,
    { validator: "additionalProperties", validator_value: false },
  ],
  [
    "the prototype among the data",
    '{"action": "server_info", "data": {"__proto__": {"a": 1}}}',
    400,
    /^Unexpected field: __proto__$/,
    { validator: "additionalProperties", validator_value: false },
  ],
  [
    "one of two missing fields",
    { action: "login", data: { username: "admin" } },
    400,
    /^Missing required field: password$/,
    { validator: "required", validator_value: ["username", "password"] },
  ],
  [
    "a missing field inside a list",
    { action: "create_group", data: { group_name: "g", permissions: [{ start_time: 1 }] } },
    400,
    /permissions/,
    { validator: "type", validator_value: ["string", "object"] },
  ],
  [
    "a number for a name",
    { action: "login", data: { username: 5, password: "x" } },
    400,
    /^username: string expected$/,
    type("string"),
  ],
  [
    "null where there must be something",
    { action: "get_document", data: { document_id: null } },
    400,
    /^document_id: string expected$/,
    type("string"),
  ],
  [
    "a number where there may be nothing",
    { action: "rename_user", data: { username: "a", nickname: 7 } },
    400,
    /^nickname: string or null expected$/,
    type(["string", "null"]),
  ],
  [
    "an empty name",
    { action: "login", data: { username: "", password: "x" } },
    400,
    /^username: a length of at least 1 expected$/,
    { validator: "minLength", validator_value: 1 },
  ],
  [
    "an endless name",
    { action: "login", data: { username: "a".repeat(129), password: "x" } },
    400,
    /^username: a length of at most 128/,
    { validator: "maxLength", validator_value: 128 },
  ],
  [
    "a number that is too small",
    { action: "view_audit_logs", data: { offset: -1 } },
    400,
    /^offset: at least 0 expected$/,
    { validator: "minimum", validator_value: 0 },
  ],
  [
    "a number that is too large",
    { action: "view_audit_logs", data: { count: 101 } },
    400,
    /^count: at most 100 expected$/,
    { validator: "maximum", validator_value: 100 },
  ],
  [
    "half a number",
    { action: "view_audit_logs", data: { count: 1.5 } },
    400,
    /^count: integer expected$/,
    type("integer"),
  ],
  [
    "a list that is too long",
    { action: "view_audit_logs", data: { filters: Array.from({ length: 257 }, () => "login") } },
    400,
    /^filters: at most 256 items expected$/,
    { validator: "maxItems", validator_value: 256 },
  ],
  [
    "a number inside a list of names",
    { action: "view_audit_logs", data: { filters: ["login", 3] } },
    400,
    /^filters\.1: string expected$/,
    type("string"),
  ],
  [
    "none of the words that are known",
    { action: "setup_2fa", data: { method: "sms" } },
    400,
    /^method: one of totp expected$/,
    { validator: "enum", validator_value: ["totp"] },
  ],
  [
    "a name of other characters",
    { action: "create_user", data: { username: "a b", password: "x" } },
    400,
    /^username: not of the form/,
    { validator: "pattern", validator_value: "^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]{0,63}$" },
  ],
  [
    "a text for a yes or no",
    { action: "lockdown", data: { status: "true" } },
    400,
    /^status: boolean expected$/,
    type("boolean"),
  ],
];

test("what is wrong with a message is said, and the connection goes on", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  const wrong: unknown[] = [];
  for (const [what, sent, code, message, data] of faults) {
    const answer = await client.ask(sent);
    const fits = answer.code === code && message.test(answer.message);
    if (!fits || JSON.stringify(answer.data) !== JSON.stringify(data)) wrong.push({ what, answer });
    assert.equal(answer.protocol_version, 3);
    assert.equal(typeof answer.timestamp, "number");
  }
  assert.deepEqual(wrong, []);
  assert.equal(await client.codeOf("server_info"), 200);
});

for (const [what, sent] of [
  ["without data and credentials", { action: "server_info" }],
  ["with null for credentials", { action: "server_info", data: {}, username: null, token: null }],
  ["with members that nobody knows", { action: "server_info", data: {}, timestamp: 1.5, id: [1] }],
  ["in a binary frame", Buffer.from('{"action":"server_info","data":{}}')],
  ["with a byte order mark in a binary frame", Buffer.from('\ufeff{"action":"server_info","data":{}}')],
  ["with blanks around it", ' \n{"action":"server_info"}\t'],
] as const) {
  test(`a request ${what} is taken`, async (t) => {
    const scene = await DocumentScene.open(t);
    const client = await scene.anonymous();
    assert.equal((await client.ask(sent)).code, 200);
  });
}

test("what is wrong with the data is said before anybody is asked who they are", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  assert.equal(await client.codeOf("get_document", { document_id: 1 }), 400);
  assert.equal(await client.codeOf("get_document", { document_id: "a" }), 401);
  assert.equal((await client.request("fly", {}, { username: "admin", token: "forged" })).code, 400);
});

test("who has no credentials, wrong ones or somebody else's is told so with 401", async (t) => {
  const scene = await DocumentScene.open(t);
  const client = await scene.anonymous();
  const other = (await scene.user()).credentials.username;
  const { token } = scene.sysop.credentials;
  const asked = (username: string | null, given: string | null) =>
    client.request("list_users", {}, { username, token: given });
  for (const [username, given, message] of [
    ["", "", "Authentication required"],
    [null, null, "Authentication required"],
    ["admin", "", "Authentication required"],
    ["", token, "Authentication required"],
    ["admin", "forged", "Invalid user or token"],
    ["admin", `${token}x`, "Invalid user or token"],
    ["nobody", token, "Invalid user or token"],
    [other, token, "Invalid user or token"],
    ["admin", "eyJhbGciOiJub25lIn0.eyJ1c2VybmFtZSI6ImFkbWluIiwiZXhwIjo5OTk5OTk5OTk5fQ.", "Invalid user or token"],
  ] as const) {
    const answer = await asked(username, given);
    assert.deepEqual([answer.code, answer.message, answer.data], [401, message, {}], `${username} ${given}`);
  }
  assert.equal((await asked("admin", token)).code, 200);
});

test("JSON that is nested without end is taken or refused like any other", async (t) => {
  const scene = await DocumentScene.open(t);
  const nested = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const { username, token } = scene.sysop.credentials;
  for (const [text, code] of [
    ["[".repeat(500_000), 400],
    [`{"action":"server_info","more":${nested}}`, 200],
    [`{"action":"server_info","data":${nested}}`, 400],
    [`{"action":"server_info","data":{"a":${nested}}}`, 400],
    [`{"action":"login","data":{"username":${nested},"password":"x"}}`, 400],
    [`{"action":"search","data":{"query":"a","limit":${nested}},"username":"${username}","token":"${token}"}`, 400],
    [`{"action":"set_document_rules","data":{"document_id":"a","access_rules":{"read":${nested}}}}`, 400],
  ] as const) {
    assert.equal((await scene.sysop.ask(text)).code, code, text.slice(0, 60));
  }
});

test("requests that come at once are answered one after another, in their order", async (t) => {
  const { sysop: client } = await DocumentScene.open(t);
  const groups = Array.from({ length: 40 }, (_, index) => `group-${index}`);
  for (const name of groups) {
    client.send({ action: "create_group", data: { group_name: name }, ...client.credentials });
    client.send({ action: "get_group_info", data: { group_name: name }, ...client.credentials });
  }
  for (const name of groups) {
    assert.equal((await client.nextAnswer()).message, "Group created successfully");
    assert.equal((await client.nextAnswer()).data["name"], name);
  }
});

test("a message over one mebibyte closes the connection with 1009, and only that one", async (t) => {
  const scene = await DocumentScene.open(t);
  const [large, other] = [await scene.anonymous(), await scene.anonymous()];
  const request = { action: "server_info" };
  large.send(JSON.stringify(request).padEnd(1024 * 1024, " "));
  assert.equal((await large.nextAnswer()).code, 200, "one mebibyte is taken");
  large.send(JSON.stringify(request).padEnd(1024 * 1024 + 1, " "));
  assert.equal((await large.closed).code, 1009);
  assert.equal(await other.codeOf("server_info"), 200);
});

test("every path leads to the documents on a listener for them alone; on a common one only two do", async (t) => {
  const alone = await startCore(t, {
    configuration: { listen: [{ host: "127.0.0.1", port: 0, protocol: "documents", tls: false }] },
  });
  const common = await startCore(t);
  for (const url of [
    `${alone.wsUrl}/`,
    `${alone.wsUrl}/any/path?x=1`,
    alone.wsUrl,
    common.wsUrl,
    `${common.wsUrl}/cfms`,
  ]) {
    const client = await PlainDocuments.connect(t, url);
    assert.equal(await client.codeOf("server_info"), 200, url);
  }
  await assert.rejects(PlainDocuments.connect(t, `${common.wsUrl}/any`), /404/);
});
