import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainCore, type PlainCoreConnection } from "../support/plainCore.ts";
import type { Message } from "../support/plainNode.ts";
import { startAgent, type TestAgent } from "../support/startAgent.ts";

failOnLeaks();

const capabilities = ["channels", "terminal", "exec-stream"];

/** Registers the agent as a core with the extension does. */
async function admit(link: PlainCoreConnection, picket?: object): Promise<Message> {
  link.send("welcome", { message: "hello", node_id: link.query.get("node_id") });
  const register = await link.next("node_register");
  const data = { success: true, message: "", node_id: register.data["node_id"], action: "created" };
  link.send("register_response", picket === undefined ? data : { ...data, picket }, register.id);
  return register;
}

async function start(
  t: TestContext,
): Promise<{ readonly agent: TestAgent; readonly link: PlainCoreConnection; readonly core: PlainCore }> {
  const core = await PlainCore.start(t);
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: "t" });
  const link = await core.accept();
  link.takesFrames = true;
  await admit(link, { version: 1, capabilities, metrics_interval: 5, heartbeat_interval: 30 });
  await agent.connected();
  return { agent, link, core };
}

/** The agent still does what it is there for. */
async function assertWorks(link: PlainCoreConnection, id: string): Promise<void> {
  link.send("execute_command", { command_id: id, command_text: `echo ${id}`, timeout: 10 });
  const { data } = await eventually(() =>
    link.received.find(({ type, data: { command_id } }) => type === "command_result" && command_id === id),
  );
  assert.equal(data["stdout"], `${id}\n`);
}

const envelope = (type: string, data: unknown): string => JSON.stringify({ type, id: "x", timestamp: "", data });
const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;

const garbage: readonly (string | Uint8Array)[] = [
  "",
  "{",
  "null",
  "[]",
  deep,
  "x".repeat(900_000),
  envelope("__proto__", {}),
  envelope("constructor", {}),
  envelope("nonsense", {}),
  envelope("node_register", {}),
  envelope("heartbeat", { node_id: "x" }),
  envelope("welcome", { message: 7 }),
  envelope("register_response", { success: "yes" }),
  envelope("execute_command", { command_id: "", command_text: "touch /tmp/x", timeout: 1 }),
  envelope("execute_command", { command_id: "a", command_text: ["id"], timeout: 1 }),
  envelope("execute_command", { command_id: "a", command_text: "id", timeout: -1 }),
  envelope("execute_command", { command_id: "a", command_text: "id", timeout: 1e308 }),
  envelope("execute_command", { command_id: "a".repeat(129), command_text: "id", timeout: 1 }),
  envelope("cancel_command", { command_id: "never given" }),
  envelope("set_metrics_interval", { metrics_interval: 0 }),
  envelope("set_metrics_interval", { metrics_interval: -5 }),
  envelope("set_metrics_interval", { metrics_interval: 1e308 }),
  envelope("terminal_resize", { session: "guessed", cols: 80, rows: 24 }),
  envelope("terminal_resize", { session: "guessed", cols: 1e9, rows: -1 }),
  envelope("heartbeat_ack", { received: true }),
  envelope("command_received", { received: true }),
  envelope("inventory_received", { received: true }),
  envelope("error", { error_code: "INTERNAL_ERROR", message: "x", details: { deep: [1] } }),
  envelope("error", { error_code: "__proto__" }),
  envelope("challenge", { nonce: "x".repeat(257) }),
  envelope("channel_open", { channel: 0, kind: "exec", params: {}, window: 1 }),
  envelope("channel_opened", { channel: 2, window: 1, result: {} }),
  envelope("channel_rejected", { channel: 2, error_code: "x" }),
  envelope("channel_result", { channel: 2, result: {} }),
  Buffer.from([1, 0, 0, 0, 2, 65]),
  Buffer.from([2, 0, 0, 0, 2, 255, 255, 255, 255]),
  Buffer.from([3, 0, 0, 0, 2]),
  Buffer.from([4, 0, 0, 0, 2, 1]),
];

test("whatever a core says, the agent goes on", async (t) => {
  const { agent, link } = await start(t);
  for (const [index, message] of garbage.entries()) {
    link.sendRaw(message);
    await assertWorks(link, `after-${index}`);
  }
  assert.equal(agent.connections, 1);
  const ran = link.received.filter(({ type }) => type === "command_started").map(({ data }) => data["command_id"]);
  assert.deepEqual(
    ran.filter((id) => !String(id).startsWith("after-")),
    [],
  );
});

test("a malformed frame costs the link, and the agent comes back", async (t) => {
  const { agent, link, core } = await start(t);
  link.sendRaw(Buffer.from([99, 0, 0, 0, 2]));
  assert.equal(await link.closed, 1002);
  const again = await core.accept();
  await admit(again);
  await assertWorks(again, "back");
  assert.equal(agent.connections, 2);
});

test("a core that gives up to 256 channels gets that many, and the next one is refused", async (t) => {
  const { link } = await start(t);
  const open = (channel: number, kind = "nonsense"): void => {
    link.send("channel_open", { channel, kind, params: {}, window: 1000 });
  };
  for (let index = 1; index <= 300; index += 1) open(index * 2);
  await eventually(() => link.count("channel_rejected") === 300);
  open(7);
  await eventually(() => link.count("channel_rejected") === 301);
  for (let index = 0; index < 40; index += 1) {
    const params = { command_id: `c${index}`, command: "read x", timeout: 60, owner: "o" };
    link.send("channel_open", { channel: 1_000 + index * 2, kind: "exec", params, window: 1000 });
  }
  await eventually(() => link.count("channel_opened") === 32 && link.count("channel_rejected") === 309);
  const codes = link.received.filter(({ type }) => type === "channel_rejected").map(({ data }) => data["error_code"]);
  assert.deepEqual([...new Set(codes)].sort(), ["CHANNEL_LIMIT", "CHANNEL_UNKNOWN_KIND", "RATE_LIMITED"]);
});

test("an id of a core becomes no path: what a command came to is kept in the agent's own folder", async (t) => {
  const { agent, link } = await start(t);
  const evil = "../../../evil";
  link.send("execute_command", { command_id: evil, command_text: "echo evil", timeout: 10 });
  await eventually(() => link.count("command_result") === 1);
  assert.equal(existsSync(join(agent.folder, "agent/evil.json")), false);
  assert.equal(readdirSync(join(agent.folder, "agent/core/results")).length, 1, "kept until it is acked");
  const result = await link.next("command_result");
  link.send("command_received", { received: true, node_id: agent.nodeId }, result.id);
  await eventually(() => readdirSync(join(agent.folder, "agent/core/results")).length === 0);
});

test("what the policy denies is denied, whichever way a core asks", async (t) => {
  const core = await PlainCore.start(t);
  const policy = "version: 1\ncapabilities: [commands]\ncommands: {allow: ['^echo '], deny: ['secret']}\n";
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: "t", policy });
  const link = await core.accept();
  const register = await admit(link, { version: 1, capabilities, metrics_interval: 5, heartbeat_interval: 30 });
  await agent.connected();
  const announced = (register.data["picket"] as { capabilities: readonly string[] }).capabilities;
  assert.deepEqual([...announced].sort(), ["channels", "exec-stream"], "nothing is announced that is not allowed");
  const ids = ["rm -rf /", "echo secret", " echo x", "ECHO x"].map((text, index) =>
    link.send("execute_command", { command_id: `denied-${index}`, command_text: text, timeout: 5 }),
  );
  const refusals = await eventually(() => {
    const errors = link.received.filter(({ type }) => type === "error");
    return errors.length === ids.length && errors;
  });
  assert.deepEqual(refusals.map(({ id }) => id).sort(), ids.toSorted());
  assert.ok(refusals.every(({ data }) => data["error_code"] === "FORBIDDEN_BY_POLICY"));
  const asked: readonly (readonly [string, object])[] = [
    ["exec", { command_id: "s1", command: "echo secret" }],
    ["exec", { command_id: "s2", command: "echo fine", pty: true }],
    ["terminal", { owner: "o", cols: 80, rows: 24 }],
  ];
  for (const [index, [kind, params]] of asked.entries()) {
    link.send("channel_open", { channel: 2 + index * 2, kind, params, window: 1000 });
  }
  await eventually(() => link.count("channel_rejected") === asked.length);
  assert.ok(
    link.received
      .filter(({ type }) => type === "channel_rejected")
      .every(({ data }) => data["error_code"] === "FORBIDDEN_BY_POLICY"),
  );
  await assertWorks(link, "allowed");
  assert.equal(link.count("command_started"), 1);
});
