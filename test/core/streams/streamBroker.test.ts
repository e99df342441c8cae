import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PicketError } from "../../../src-main/base/errors.ts";
import { AuditLog } from "../../../src-main/core/audit/auditLog.ts";
import { defaultPasswordPolicy } from "../../../src-main/core/identity/passwordPolicy.ts";
import type { Principal, Role } from "../../../src-main/core/identity/principal.ts";
import { Users } from "../../../src-main/core/identity/users.ts";
import type { NearEnd } from "../../../src-main/core/streams/stream.ts";
import { StreamBroker, streamQuotas } from "../../../src-main/core/streams/streamBroker.ts";
import { channelPair } from "../../support/channelPair.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openNodes } from "../../support/openNodes.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

const near: NearEnd = { window: 1024, result() {} };
const everything = ["channels", "terminal", "exec-stream"];

function principal(userId: string, role: Role = "operator"): Principal {
  return { userId, username: `name of ${userId}`, role, groups: undefined, sessionId: "s" };
}

async function setUp(t: TestContext, capabilities: readonly string[] = everything) {
  const core = await openNodes(t);
  const audit = await AuditLog.open(core);
  const users = new Users({ ...core, policy: defaultPasswordPolicy });
  const broker = new StreamBroker({ nodes: core.nodes, commands: core.commands, audit, users, bus: core.bus });
  t.after(() => broker.dispose());
  const link = new RecordingLink({ capabilities });
  link.onStream = async () => ({ stream: channelPair().near, window: 2048, result: { session: "s-1" } });
  await core.add();
  await core.connect("node-1", link);
  const open = (kind = "terminal", params: Readonly<Record<string, unknown>> = {}, by = principal("kim")) =>
    broker.open({ principal: by, node: core.nodes.require("node-1"), kind, params }, near);
  return { core, audit, broker, link, open };
}

const newest = async (audit: AuditLog) => (await audit.list({ limit: 1 }))[0];

test("a stream is opened on the node in the name of the user, and written down", async (t) => {
  const { link, open, audit } = await setUp(t);
  const stream = await open("terminal", { cols: 80, session: "s-0" });
  assert.deepEqual([stream.window, stream.result], [2048, { session: "s-1" }]);
  assert.deepEqual(link.streams, [{ kind: "terminal", params: { cols: 80, session: "s-0", owner: "kim" } }]);
  const record = await newest(audit);
  assert.deepEqual(
    [record?.actor, record?.action, record?.target, record?.outcome, record?.details],
    ["name of kim", "terminal-open", "node-1", "done", { resumed: true }],
  );
});

test("whose session it is the core says, whatever the console wrote", async (t) => {
  const { link, open } = await setUp(t);
  await open("terminal", { owner: "somebody else", session: "s-0" });
  assert.equal(link.streams[0]?.params["owner"], "kim");
});

const refusals = [
  { what: "a kind that is not known", kind: "files", code: "CHANNEL_UNKNOWN_KIND" },
  { what: "a kind that is a property of every object", kind: "constructor", code: "CHANNEL_UNKNOWN_KIND" },
  { what: "a viewer", by: principal("eve", "viewer"), code: "FORBIDDEN" },
  { what: "a node without terminals", has: ["channels"], code: "UNSUPPORTED" },
  { what: "a node without channels", has: ["terminal"], code: "UNSUPPORTED" },
  { what: "an exec without a command", kind: "exec", code: "INVALID_PARAMS" },
  { what: "an exec of nothing", kind: "exec", params: { command: "" }, code: "INVALID_PARAMS" },
  { what: "an exec of far too much", kind: "exec", params: { command: "x".repeat(40_000) }, code: "INVALID_PARAMS" },
  { what: "a command that is none", kind: "exec", params: { command_id: "unknown" }, code: "COMMAND_NOT_FOUND" },
];

for (const { what, kind, by, has, params, code } of refusals) {
  test(`${what} is refused with ${code}, and the node is not asked`, async (t) => {
    const { link, open } = await setUp(t, has);
    await assert.rejects(open(kind, params, by), { code });
    assert.deepEqual(link.streams, []);
  });
}

test("a node that is away is refused at once", async (t) => {
  const { core, link, open } = await setUp(t);
  core.disconnect("node-1", link);
  await assert.rejects(open(), { code: "NODE_OFFLINE" });
});

test("what the node says no to ends with its code, is written down, and frees its place", async (t) => {
  const { link, open, audit } = await setUp(t);
  link.onStream = () => Promise.reject(new PicketError("FORBIDDEN_BY_POLICY"));
  for (let index = 0; index < streamQuotas.perUser + 1; index += 1) {
    await assert.rejects(open(), { code: "FORBIDDEN_BY_POLICY" });
  }
  const record = await newest(audit);
  assert.deepEqual([record?.outcome, record?.details], ["refused", { code: "FORBIDDEN_BY_POLICY" }]);
});

test("one user has so many streams at a time; each that is released makes room for one", async (t) => {
  const { open, core, broker } = await setUp(t);
  const opened = [];
  for (let index = 0; index < streamQuotas.perUser; index += 1) opened.push(await open());
  await assert.rejects(open(), { code: "CHANNEL_LIMIT" });
  await core.add("node-2");
  const link = new RecordingLink({ capabilities: everything });
  await core.connect("node-2", link);
  const elsewhere = { principal: principal("kim"), node: core.nodes.require("node-2"), kind: "terminal", params: {} };
  await assert.rejects(broker.open(elsewhere, near), { code: "CHANNEL_LIMIT" }, "on every node together");
  await open("terminal", {}, principal("lee"));
  opened[0]?.release();
  opened[0]?.release();
  await open();
  await assert.rejects(open(), { code: "CHANNEL_LIMIT" }, "a release counts once");
});

test("one node has so many streams at a time, of all users together", async (t) => {
  const { open } = await setUp(t);
  const users = [principal("a"), principal("b"), principal("c")];
  const perUser = streamQuotas.perNode / 2;
  for (const by of users.slice(0, 2)) {
    for (let index = 0; index < perUser; index += 1) await open("terminal", {}, by);
  }
  await assert.rejects(open("terminal", {}, users[2]), { code: "CHANNEL_LIMIT" });
});

test("a command over a stream is stored before the node is asked, like any other", async (t) => {
  const { core, link, open } = await setUp(t);
  const seen: unknown[] = [];
  link.onStream = async ({ params }) => {
    seen.push((await core.commands.get(String(params["command_id"])))?.status);
    return { stream: channelPair().near, window: 1, result: {} };
  };
  await open("exec", { command: "uptime", timeout: 7.4, pty: "yes" });
  const params = link.streams[0]?.params ?? {};
  assert.deepEqual(seen, ["sent"]);
  assert.deepEqual(params, {
    command_id: params["command_id"],
    command: "uptime",
    timeout: 7,
    pty: false,
    owner: "kim",
  });
  const command = await core.commands.get(String(params["command_id"]));
  assert.deepEqual([command?.commandText, command?.createdBy, command?.timeout], ["uptime", "name of kim", 7]);
  assert.deepEqual(link.executed, [], "it is not handed over a second time");
});

test("a command over a stream that the node refuses has failed", async (t) => {
  const { core, link, open } = await setUp(t);
  link.onStream = () => Promise.reject(new PicketError("FORBIDDEN_BY_POLICY"));
  await assert.rejects(open("exec", { command: "rm -rf /" }), { code: "FORBIDDEN_BY_POLICY" });
  const command = await core.commands.get(String(link.streams[0]?.params["command_id"]));
  assert.deepEqual([command?.status, command?.errorCode], ["failed", "FORBIDDEN_BY_POLICY"]);
});

test("a running command can be read along on its own node only", async (t) => {
  const { core, link, open } = await setUp(t);
  await open("exec", { command: "uptime" });
  const id = String(link.streams[0]?.params["command_id"]);
  await open("exec", { command_id: id, command: "something else" });
  assert.deepEqual(link.streams[1]?.params, { command_id: id, owner: "kim" });
  await core.add("node-2");
  const other = new RecordingLink({ capabilities: everything });
  await core.connect("node-2", other);
  const [elsewhere] = await core.commands.create({
    nodes: [core.nodes.require("node-2")],
    commandText: "x",
    timeout: 9,
    expiresIn: 9_000,
    createdBy: "kim",
  });
  await assert.rejects(open("exec", { command_id: elsewhere?.id }), { code: "COMMAND_NOT_FOUND" });
});

test("what cannot be written down is not done", async (t) => {
  const { audit, link, open } = await setUp(t);
  const pair = channelPair();
  link.onStream = async () => ({ stream: pair.near, window: 1, result: {} });
  t.mock.method(audit, "append", () => Promise.reject(new PicketError("DATABASE_ERROR")));
  await assert.rejects(open(), { code: "DATABASE_ERROR" });
  assert.equal(pair.near.isClosed, true);
});
