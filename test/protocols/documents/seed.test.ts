import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { documentActions } from "../../../src-main/protocols/documents/messages.ts";
import { version } from "../../../src-main/version.ts";
import { DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passRefusal } from "../../support/passRefusal.ts";
import { type DocumentsAnswer, PlainDocuments } from "../../support/plainDocuments.ts";
import { adminPassword, startCore } from "../../support/startCore.ts";

failOnLeaks();

async function start(t: TestContext) {
  const core = await startCore(t);
  return { core, client: await PlainDocuments.connect(t, core.wsUrl) };
}

/** What an answer is without its time, which must be now. */
function shapeOf({ timestamp, ...answer }: DocumentsAnswer): object {
  assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60, "seconds since 1970");
  assert.deepEqual(Object.keys(answer).sort(), ["code", "data", "message", "protocol_version"]);
  return answer;
}

test("server_info, as a client asks before it logs in", async (t) => {
  const { client } = await start(t);
  const answer = await client.ask(`{
    "action": "server_info",
    "data": {},
    "username": "",
    "token": ""
}`);
  assert.deepEqual(shapeOf(answer), {
    code: 200,
    message: "Server information retrieved successfully",
    data: { server_name: "Picket", version, protocol_version: 3, lockdown: false },
    protocol_version: 3,
  });
});

test("login with the right password", async (t) => {
  const { client } = await start(t);
  const answer = await client.ask(`{
    "action": "login",
    "data": {
        "username": "admin",
        "password": "${adminPassword}"
    },
    "username": "",
    "token": ""
}`);
  const { data, ...rest } = shapeOf(answer) as DocumentsAnswer;
  assert.deepEqual(rest, { code: 200, message: "Login successful", protocol_version: 3 });
  const { token, exp, nickname, permissions, groups, avatar_id, ...more } = data;
  assert.deepEqual(more, {});
  assert.match(String(token), /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.ok(Math.abs(Number(exp) - Date.now() / 1000 - 3600) < 60);
  assert.equal(nickname, null);
  assert.equal(avatar_id, null);
  assert.ok((permissions as string[]).includes("shutdown") && (permissions as string[]).includes("create_document"));
  assert.deepEqual([...(groups as string[])].sort(), ["sysop", "user"]);

  const [header, claims] = String(token)
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString());
  assert.deepEqual(JSON.parse(header ?? ""), { alg: "HS256", typ: "JWT" });
  assert.deepEqual(JSON.parse(claims ?? ""), { username: "admin", exp });
});

test("login with a wrong password: the answer comes after three seconds, and says nothing of whether the user exists", async (t) => {
  const clock = new ManualClock(Date.now());
  const core = await startCore(t, { clock });
  for (const username of ["admin", "nobody"]) {
    const client = await PlainDocuments.connect(t, core.wsUrl);
    const login = { action: "login", data: { username, password: "your_password" }, username: "", token: "" };
    assert.deepEqual(shapeOf(await passRefusal(clock, () => client.ask(login))), {
      code: 401,
      message: "Invalid credentials",
      data: {},
      protocol_version: 3,
    });
  }
});

test("a request with the token, and its refreshing", async (t) => {
  const { client } = await start(t);
  const { data: session } = await client.login("admin", adminPassword);
  const listing = await client.ask(`{
    "action": "list_directory",
    "data": {
        "folder_id": "root"
    },
    "username": "admin",
    "token": "${session["token"]}"
}`);
  assert.deepEqual(shapeOf(listing), {
    code: 200,
    message: "Directory listing successful",
    data: { parent_id: null, documents: [], folders: [] },
    protocol_version: 3,
  });
  const answer = await client.ask(`{
    "action": "refresh_token",
    "data": {},
    "username": "admin",
    "token": "${session["token"]}"
}`);
  const { data, ...rest } = shapeOf(answer) as DocumentsAnswer;
  assert.deepEqual(rest, { code: 200, message: "Token refreshed successfully", protocol_version: 3 });
  assert.deepEqual(Object.keys(data).sort(), ["exp", "token"]);
  assert.notEqual(data["token"], session["token"]);
  for (const token of [data["token"], session["token"]]) {
    const credentials = { username: "admin", token: String(token) };
    assert.equal((await client.request("list_sessions", {}, credentials)).code, 200, "both are good until their ends");
  }
});

test("a download: the task by document, its data by task", async (t) => {
  const { client } = await start(t);
  const { data: session } = await client.login("admin", adminPassword);
  const { document_id: id, task_data: task } = await client.done("create_document", { title: "doc123" });
  await upload(client, (task as { readonly task_id: string }).task_id, Buffer.from("hello"));
  const made = await client.ask(`{
    "action": "download_file",
    "data": {
        "document_id": "${id}"
    },
    "username": "admin",
    "token": "${session["token"]}"
}`);
  const { data, ...rest } = shapeOf(made) as DocumentsAnswer;
  assert.deepEqual(rest, { code: 200, message: "Download task created", protocol_version: 3 });
  const { task_id: taskId, file_id: fileId, start_time: startTime, end_time: endTime, ...more } = data;
  assert.deepEqual(more, {});
  assert.match(String(taskId), /^[0-9a-f]{64}$/);
  assert.match(String(fileId), /^[0-9a-f]{64}$/);
  assert.equal(Number(endTime) - Number(startTime), 3600);

  const other = await PlainDocuments.connect(t, client.socket.url);
  other.send({ action: "download_file", data: { task_id: taskId }, username: "", token: "" });
  assert.equal((await other.nextJson())["action"], "transfer_file");
  assert.equal((await other.nextBytes()).toString(), "hello");
  const { code, data: end } = await other.nextAnswer();
  assert.deepEqual([code, end], [200, { sha256: sha256("hello"), file_size: 5 }]);
});

test("what may be done in a lockdown by whoever may not pass it", async (t) => {
  const { client } = await start(t);
  await client.login("admin", adminPassword);
  await client.done("lockdown", { status: true });
  const stranger = await PlainDocuments.connect(t, client.socket.url);
  const open = [
    "server_info",
    "register_listener",
    "login",
    "refresh_token",
    "validate_2fa",
    "upload_file",
    "download_file",
  ];
  for (const action of Object.keys(documentActions)) {
    const { code } = await stranger.request(action);
    assert.equal(code === 999, !open.includes(action), action);
  }
  const answer = await stranger.request("get_document", { document_id: "doc123" });
  assert.deepEqual(shapeOf(answer), { code: 999, message: "lockdown", data: {}, protocol_version: 3 });
  assert.equal((await stranger.done("server_info"))["lockdown"], true);
  assert.equal(await client.codeOf("list_users"), 200, "whoever may pass it goes on");
});

const errors: readonly (readonly [what: string, ask: (client: PlainDocuments) => Promise<DocumentsAnswer>, object])[] =
  [
    [
      "JSON that is broken",
      (client) => client.ask('{"action": "server_info", '),
      { code: 400, message: "Invalid JSON format", data: {} },
    ],
    [
      "a field that is missing",
      (client) => client.request("get_document"),
      {
        code: 400,
        message: "Missing required field: document_id",
        data: { validator: "required", validator_value: ["document_id"] },
      },
    ],
    [
      "a right that is missing",
      (client) => client.request("shutdown"),
      { code: 403, message: "Permission denied", data: {} },
    ],
    [
      "a document that is not there",
      (client) => client.request("get_document", { document_id: "doc123" }),
      { code: 404, message: "Document not found", data: {} },
    ],
  ];

for (const [what, ask, expected] of errors) {
  test(`the answer to ${what}`, async (t) => {
    const client = await (await DocumentScene.open(t)).user();
    assert.deepEqual(shapeOf(await ask(client)), { ...expected, protocol_version: 3 });
  });
}

test("the answer to a token that is expired", async (t) => {
  const clock = new ManualClock(Date.now());
  const core = await startCore(t, { clock });
  const client = await PlainDocuments.connect(t, core.wsUrl);
  await client.login("admin", adminPassword);
  clock.jump(3_601_000);
  const { timestamp, ...answer } = await client.request("list_directory", { folder_id: "root" });
  assert.ok(Math.abs(Number(timestamp) - clock.wallTime() / 1000) < 1);
  assert.deepEqual(answer, { code: 401, message: "Token expired", data: {}, protocol_version: 3 });
});

async function upload(client: PlainDocuments, taskId: string, bytes: Buffer): Promise<void> {
  client.send({ action: "upload_file", data: { task_id: taskId } });
  assert.equal((await client.nextJson())["action"], "transfer_file");
  client.send({ action: "transfer_file", data: { file_size: bytes.length, sha256: sha256(bytes) } });
  assert.equal(await client.nextText(), "ready");
  client.send(bytes);
  assert.equal((await client.nextAnswer()).code, 200);
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
