import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorCode, PicketError } from "../../../src-main/base/errors.ts";
import type { NodeLink } from "../../../src-main/core/nodes/nodeLink.ts";
import { commandState, runCommand } from "../../support/commandHelpers.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passTime } from "../../support/passTime.ts";
import { makeKey, PlainAgent } from "../../support/plainAgent.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const container = {
  id: "c1",
  name: "web",
  image: "nginx",
  state: "running",
  status: "Up 3 minutes",
  created: 5,
  ports: [],
};

function linkOf(core: TestCore, { serverId }: PlainAgent): NodeLink {
  const link = core.core.nodes.linkOf(serverId);
  if (link === undefined) throw new Error("the server is not connected");
  return link;
}

function rejectsWith(promise: Promise<unknown>, code: ErrorCode, details?: RegExp): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof PicketError);
    assert.equal(error.code, code);
    if (details !== undefined) assert.match(error.details ?? "", details);
    return true;
  });
}

test("command and command_response, as the document prints them", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const { id } = await runCommand(core, { nodeId: agent.serverId, text: "ls -la" });
  assert.deepEqual(await agent.next(), { type: "command", command_id: id, command: "ls -la" });
  const response = { output: "total 100\n...", exit_code: 0, duration_ms: 150 };
  agent.peer.send({ type: "command_response", command_id: id, ...response });
  const command = await eventually(async () => {
    const now = await commandState(core, id);
    return now.status === "succeeded" && now;
  });
  assert.equal(command.exitCode, 0);
  assert.equal(command.executionTimeMs, 150);
  assert.deepEqual(await core.core.commands.output(id), { stdout: "total 100\n...", stderr: "" });
});

test("a command that fails is a failed one; a refusal is exit code 126 with the reason as its output", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const { id } = await runCommand(core, { nodeId: agent.serverId });
  agent.peer.send({ type: "command_response", command_id: id, output: "not allowed", exit_code: 126, duration_ms: 0 });
  await eventually(async () => (await commandState(core, id)).status === "failed");
  assert.equal((await core.core.commands.output(id)).stdout, "not allowed");
});

test("a command waits for a server that is away", async (t) => {
  const core = await startCore(t);
  const key = await makeKey(core);
  const { id } = await runCommand(core, { nodeId: key.serverId, text: "uptime" });
  assert.equal((await commandState(core, id)).status, "queued");
  const agent = await PlainAgent.join(t, core, key);
  assert.deepEqual(await agent.next(), { type: "command", command_id: id, command: "uptime" });
});

test("the core gives up a command that is not answered in its time; what comes late is still stored", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const agent = await PlainAgent.join(t, core);
  const { id } = await runCommand(core, { nodeId: agent.serverId, timeout: 10 });
  await agent.next();
  await passTime(clock, 32_000, [agent.peer]);
  await eventually(async () => (await commandState(core, id)).status === "timed_out");
  agent.peer.send({ type: "command_response", command_id: id, output: "late", exit_code: 0, duration_ms: 31_000 });
  await eventually(async () => (await commandState(core, id)).status === "succeeded");
});

test("a response to a command that this server was not given changes nothing", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const thief = await PlainAgent.join(t, core, await makeKey(core, { name: "thief" }));
  const { id } = await runCommand(core, { nodeId: agent.serverId });
  await agent.next();
  const response = { type: "command_response", exit_code: 0, duration_ms: 1 };
  thief.peer.send({ ...response, command_id: id, output: "forged" });
  thief.peer.send({ ...response, command_id: "unheard-of", output: "forged" });
  agent.peer.send({ ...response, command_id: id, output: "real" });
  await eventually(async () => (await commandState(core, id)).status === "succeeded");
  assert.equal((await core.core.commands.output(id)).stdout, "real");
});

test("docker_command and docker_response, as the document prints them", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const asked = linkOf(core, agent).ask("container-action", { container: "container-id", action: "start" });
  const { command_id, ...question } = await agent.next();
  assert.deepEqual(question, { type: "docker_command", action: "start", container_id: "container-id" });
  agent.peer.send({ type: "docker_response", command_id, success: true, message: "Container started" });
  assert.deepEqual(await asked, { message: "Container started" });
});

test("what fails is the engine's own words", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const asked = linkOf(core, agent).ask("container-action", { container: "x", action: "stop" });
  const { command_id } = await agent.next();
  agent.peer.send({ type: "docker_response", command_id, success: false, message: "No such container: x" });
  await rejectsWith(asked, "CONTAINER_ENGINE_FAILED", /^No such container: x$/);
});

test("list, inspect, logs and stats bring their result in data", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const link = linkOf(core, agent);
  const list = { engine: { name: "Docker", version: "27" }, containers: [container] };
  const amounts = { memory: { used: 1, limit: 2 }, network: { rx: 1, tx: 2 }, disk: { read: 1, write: null } };
  const stats = { time: 5, cpu: 12.5, ...amounts, processes: 3 };
  const answer = async (data: unknown): Promise<object> => {
    const { command_id, ...question } = await agent.next();
    agent.peer.send({ type: "docker_response", command_id, success: true, message: "", data });
    return question;
  };
  const asked = { type: "docker_command", container_id: "web" };
  const listed = link.ask("container-list", {});
  assert.deepEqual(await answer(list), { ...asked, action: "list", container_id: "" });
  assert.deepEqual(await listed, list);
  const inspected = link.ask("container-inspect", { container: "web" });
  assert.deepEqual(await answer({ Id: "c1" }), { ...asked, action: "inspect" });
  assert.deepEqual(await inspected, { details: { Id: "c1" } });
  const lines = link.ask("container-logs", { container: "web", tail: 50 });
  assert.deepEqual(await answer({ text: "a\nb\n" }), { ...asked, action: "logs", tail: 50 });
  assert.deepEqual(await lines, { text: "a\nb\n" });
  const used = link.ask("container-stats", { container: "web" });
  assert.deepEqual(await answer(stats), { ...asked, action: "stats" });
  assert.deepEqual(await used, stats);
});

test("an answer without its data, one that never comes and one that the link's end cuts off are errors", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const agent = await PlainAgent.join(t, core);
  const link = linkOf(core, agent);
  const listed = link.ask("container-list", {});
  const { command_id } = await agent.next();
  agent.peer.send({ type: "docker_response", command_id, success: true, message: "ok", data: { containers: "many" } });
  await rejectsWith(listed, "INVALID_MESSAGE");
  const never = rejectsWith(link.ask("container-list", {}), "TIMEOUT");
  await passTime(clock, 30_000, [agent.peer]);
  await never;
  const cut = rejectsWith(link.ask("container-list", {}), "PEER_LOST");
  agent.peer.socket.terminate();
  await cut;
});

test("a server that answers nothing is not asked without end", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const link = linkOf(core, agent);
  const asked = Array.from({ length: 64 }, () => link.ask("container-list", {}));
  const outcomes = Promise.allSettled(asked);
  await rejectsWith(link.ask("container-list", {}), "RATE_LIMITED");
  agent.peer.socket.terminate();
  await outcomes;
});

test("what the protocol has no word for says so", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const { id } = await runCommand(core, { nodeId: agent.serverId });
  await agent.next();
  await rejectsWith(core.core.commands.cancel(id), "UNSUPPORTED");
  const near = { window: 1, result: () => {} };
  await rejectsWith(linkOf(core, agent).openStream({ kind: "terminal", params: {} }, near as never), "UNSUPPORTED");
});

test("log lines are stored with their level, source and time; what is no line is left out", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const now = Date.now();
  const at = (offset: number) => new Date(now + offset).toISOString();
  agent.peer.send({
    type: "log",
    entries: [
      { level: "INFO", message: "started", timestamp: at(-3_000), source: "web" },
      { level: "WARN", message: "slow", timestamp: at(-2_000), source: "web" },
      { level: "fatal", message: "gone", timestamp: at(-1_000) },
      { level: "__proto__", message: "odd", timestamp: at(0) },
      { level: "INFO", message: 7 },
      "a text",
      null,
    ],
  });
  const { key } = core.core.nodes.require(agent.serverId);
  const lines = await eventually(async () => {
    const latest = (await core.core.logs.latest(key, 10)).filter(({ source }) => source !== "picket-core");
    return latest.length === 4 && [...latest].sort((a, b) => a.time - b.time);
  });
  assert.deepEqual(
    lines.map(({ level, source, message, time }) => [level, source, message, time - now]),
    [
      ["info", "web", "started", -3_000],
      ["warning", "web", "slow", -2_000],
      ["critical", "", "gone", -1_000],
      ["info", "", "odd", 0],
    ],
  );
  assert.equal(agent.peer.unread, 0);
});
