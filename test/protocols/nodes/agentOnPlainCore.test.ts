import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { nextTurn } from "../../support/nextTurn.ts";
import { PlainCore, type PlainCoreConnection } from "../../support/plainCore.ts";
import { startAgent, type TestAgent } from "../../support/startAgent.ts";

failOnLeaks();

interface Served {
  readonly core: PlainCore;
  readonly agent: TestAgent;
  readonly clock: ManualClock;
  readonly link: PlainCoreConnection;
}

/** Picket's agent, registered at a core that knows nothing of Picket. */
async function serve(t: TestContext): Promise<Served> {
  const core = await PlainCore.start(t);
  const clock = new ManualClock();
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: "default-token", clock });
  const link = await core.accept();
  await link.admit();
  await agent.connected();
  return { core, agent, clock, link };
}

/** Lets the agent's back-off pass until it is connected again. */
async function reconnected({ core, clock }: Pick<Served, "core" | "clock">): Promise<PlainCoreConnection> {
  const before = core.connections.length;
  await eventually(() => {
    clock.advance(500);
    return core.connections.length > before;
  });
  return core.accept();
}

test("it connects with its token and id, and registers field by field", async (t) => {
  const core = await PlainCore.start(t);
  await startAgent(t, { wsUrl: core.wsUrl, token: "default-token", nodeId: "node-001", clock: new ManualClock() });
  const link = await core.accept();
  assert.equal(link.query.get("token"), "default-token");
  assert.equal(link.query.get("node_id"), "node-001");
  const register = await link.admit();
  assert.match(register.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(register.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const { node_id, hostname, ip_address, os_info } = register.data;
  assert.equal(node_id, "node-001");
  for (const text of [hostname, ip_address, os_info]) assert.match(String(text), /\S/);
});

test("it sends a heartbeat every 30 s, and nothing but what the plain protocol has", async (t) => {
  const { clock, link } = await serve(t);
  clock.advance(30_000);
  const first = await link.next("heartbeat");
  assert.equal(first.data["node_id"], "agent-1");
  assert.equal(first.data["status"], "online");
  const { cpu_usage, memory_usage, disk_usage, load_average } = first.data["metrics"] as Record<string, number>;
  for (const value of [cpu_usage, memory_usage, disk_usage, load_average]) assert.ok(Number(value) >= 0);
  link.acknowledge(first);
  await link.settled();
  for (let minute = 0; minute < 4; minute += 1) {
    clock.advance(29_000);
    await nextTurn();
    const before = link.count("heartbeat");
    clock.advance(1_000);
    link.acknowledge(await link.next("heartbeat"));
    await link.settled();
    assert.equal(link.count("heartbeat"), before + 1);
  }
  const known = new Set(["node_register", "heartbeat", "command_started", "command_result", "error"]);
  assert.deepEqual(
    link.received.filter(({ type }) => !known.has(type)),
    [],
  );
});

test("it runs a command: started with the id of the message, then the result with a new one", async (t) => {
  const { link } = await serve(t);
  const command = { command_id: "cmd-001", command_text: "printf out; printf err >&2; exit 3", timeout: 30 };
  const id = link.send("execute_command", command);
  const started = await link.next("command_started");
  assert.equal(started.id, id);
  assert.deepEqual(started.data, { command_id: "cmd-001" });
  const result = await link.next("command_result");
  assert.notEqual(result.id, id);
  const { execution_time_ms: took, ...rest } = result.data;
  assert.deepEqual(rest, { command_id: "cmd-001", exit_code: 3, stdout: "out", stderr: "err" });
  assert.equal(typeof took, "number");
});

test("a result that was not acked comes again after the next connect, and not after the ack", async (t) => {
  const served = await serve(t);
  served.link.send("execute_command", { command_id: "cmd-1", command_text: "echo once", timeout: 30 });
  const first = await served.link.next("command_result");
  served.link.terminate();
  const second = await reconnected(served);
  await second.admit();
  const again = await second.next("command_result");
  assert.deepEqual(again.data, first.data);
  second.send("command_received", { received: true, node_id: "agent-1" }, again.id);
  second.send("execute_command", { command_id: "cmd-2", command_text: "true", timeout: 30 });
  const other = await second.next("command_result");
  second.send("command_received", { received: true, node_id: "agent-1" }, other.id);
  second.terminate();
  const third = await reconnected(served);
  await third.admit();
  third.send("execute_command", { command_id: "cmd-3", command_text: "true", timeout: 30 });
  assert.equal((await third.next("command_result")).data["command_id"], "cmd-3", "nothing came before it");
});

test("a heartbeat that was not acked comes again with its own time", async (t) => {
  const served = await serve(t);
  served.clock.advance(30_000);
  const first = await served.link.next("heartbeat");
  served.link.terminate();
  const second = await reconnected(served);
  await second.admit();
  const again = await second.next("heartbeat");
  assert.deepEqual([again.timestamp, again.data], [first.timestamp, first.data]);
});

test("INVALID_TOKEN at the first connection is final, and said", async (t) => {
  const core = await PlainCore.start(t);
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: "wrong", clock: new ManualClock() });
  const link = await core.accept();
  link.sendError("INVALID_TOKEN");
  link.close(1008);
  const refusal = await eventually(() => agent.refusals[0]);
  assert.equal(refusal.code, "INVALID_TOKEN");
});

test("a core that cannot look at the token now is asked again later", async (t) => {
  const core = await PlainCore.start(t);
  const clock = new ManualClock();
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: "good", clock });
  const link = await core.accept();
  link.sendError("DATABASE_ERROR");
  link.close(1013);
  await link.closed;
  await (await reconnected({ core, clock })).admit();
  await agent.connected();
  assert.deepEqual(agent.refusals, []);
});

test("NODE_NOT_FOUND makes it register again, and then the heartbeat is sent again", async (t) => {
  const { clock, link } = await serve(t);
  clock.advance(30_000);
  const beat = await link.next("heartbeat");
  link.sendError("NODE_NOT_FOUND", beat.id);
  const register = await link.next("node_register");
  link.send("register_response", { success: true, message: "", node_id: "agent-1" }, register.id);
  assert.equal((await link.next("heartbeat")).timestamp, beat.timestamp);
});

test("DATABASE_ERROR keeps a sample, which is sent again on the same connection", async (t) => {
  const { clock, link } = await serve(t);
  clock.advance(30_000);
  const beat = await link.next("heartbeat");
  link.sendError("DATABASE_ERROR", beat.id);
  await nextTurn();
  const again = await eventually(() => {
    clock.advance(1_000);
    return link.received.filter(({ type, timestamp }) => type === "heartbeat" && timestamp === beat.timestamp)[1];
  });
  assert.deepEqual(again.data, beat.data);
});

test("DATABASE_ERROR keeps a result, which is sent again on the same connection", async (t) => {
  const { clock, link } = await serve(t);
  link.send("execute_command", { command_id: "cmd-1", command_text: "echo kept", timeout: 30 });
  const result = await link.next("command_result");
  link.sendError("DATABASE_ERROR", result.id);
  const again = await eventually(() => {
    clock.advance(1_000);
    return link.received.filter(({ type }) => type === "command_result")[1];
  });
  assert.deepEqual(again.data, result.data);
});

test("errors that answer nothing of it, and messages it does not know, do not disturb it", async (t) => {
  const { clock, link } = await serve(t);
  for (const code of ["PARSE_ERROR", "UNKNOWN_MESSAGE_TYPE", "COMMAND_TIMEOUT", "SOMETHING_NEW"]) link.sendError(code);
  link.send("from_the_future", { more: true });
  link.send("welcome", {});
  clock.advance(30_000);
  link.acknowledge(await link.next("heartbeat"));
  assert.equal(link.count("node_register"), 1);
});
