import assert from "node:assert/strict";
import { test } from "node:test";
import { commandState, runCommand } from "../../support/commandHelpers.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { roundTrip } from "../../support/passTime.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

test("a command is stored before the node gets it", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const command = await runCommand(core, { text: "uptime", timeout: 7 });
  const execute = await node.nextOf("execute_command");
  assert.deepEqual(execute.data, { command_id: command.id, command_text: "uptime", timeout: 7 });
  const { status, sentAt } = await commandState(core, command.id);
  assert.equal(status, "sent");
  assert.notEqual(sentAt, undefined);
});

test("the start and the result of a command are stored, each with its time", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const { id } = await runCommand(core);
  const execute = await node.nextOf("execute_command");
  node.send("command_started", { command_id: id }, { id: execute.id });
  await eventually(async () => (await commandState(core, id)).status === "started");
  const answer = await node.result(id, { exit_code: 3, stdout: "o\n", stderr: "e\n", execution_time_ms: 12.4 });
  assert.equal(answer.type, "command_received");
  assert.deepEqual(answer.data, { received: true, node_id: "node-1" });
  const ended = await commandState(core, id);
  assert.equal(ended.status, "failed");
  assert.equal(ended.exitCode, 3);
  assert.equal(ended.executionTimeMs, 12);
  assert.ok((ended.startedAt ?? 0) <= (ended.finishedAt ?? -1));
  assert.deepEqual(await core.core.commands.output(id), { stdout: "o\n", stderr: "e\n" });
});

test("commands for an offline node wait and are handed over in their order when it is back", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  await (await PlainNode.join(t, core, { token })).close();
  await eventually(() => core.core.nodes.require("node-1").status === "offline");
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) ids.push((await runCommand(core, { text: `echo ${index}` })).id);
  assert.equal((await commandState(core, ids[0] ?? "")).status, "queued");
  const node = await PlainNode.join(t, core, { token });
  const received = [];
  for (const _ of ids) received.push((await node.nextOf("execute_command")).data["command_id"]);
  assert.deepEqual(received, ids);
});

test("a result that comes again is acked again and changes nothing", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const { id } = await runCommand(core);
  await node.nextOf("execute_command");
  assert.equal((await node.result(id, { stdout: "first" })).type, "command_received");
  const { finishedAt } = await commandState(core, id);
  assert.equal((await node.result(id, { exit_code: 1, stdout: "second" })).type, "command_received");
  const after = await commandState(core, id);
  assert.deepEqual([after.status, after.exitCode, after.finishedAt], ["succeeded", 0, finishedAt]);
  assert.equal((await core.core.commands.output(id)).stdout, "first");
});

test("what a node says of another node's command, or of none, changes nothing", async (t) => {
  const core = await startCore(t);
  const owner = await PlainNode.join(t, core, { nodeId: "owner" });
  const stranger = await PlainNode.join(t, core, { nodeId: "stranger" });
  const { id } = await runCommand(core, { nodeId: "owner" });
  await owner.nextOf("execute_command");
  const before = (await core.core.audit.list({ limit: 500 })).length;
  stranger.send("command_started", { command_id: id });
  stranger.send("error", { error_code: "FORBIDDEN_BY_POLICY", message: "no", details: "" }, { id });
  stranger.send("error", { error_code: "FORBIDDEN_BY_POLICY", message: "no", details: "" });
  await stranger.result(id, { stdout: "forged" });
  await stranger.result("no-such-command");
  await roundTrip(stranger.peer);
  const { status, exitCode } = await commandState(core, id);
  assert.deepEqual([status, exitCode], ["sent", undefined]);
  assert.equal((await core.core.audit.list({ limit: 500 })).length, before, "and it fills no log");
  assert.equal((await owner.result(id)).type, "command_received");
  assert.equal((await commandState(core, id)).status, "succeeded");
});

test("a command that the node's policy forbids ends as failed, and the refusal is written down", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const { id } = await runCommand(core, { text: "rm -rf /" });
  const execute = await node.nextOf("execute_command");
  const error = { error_code: "FORBIDDEN_BY_POLICY", message: "not here", details: "a deny pattern" };
  node.send("error", error, { id: execute.id });
  await eventually(async () => (await commandState(core, id)).status === "failed");
  assert.equal((await commandState(core, id)).errorCode, "FORBIDDEN_BY_POLICY");
  assert.equal((await core.core.commands.output(id)).stderr, "not here");
  const query = { limit: 1, actor: "node:node-1", action: "command-refuse" };
  const [record] = await eventually(async () => {
    const records = await core.core.audit.list(query);
    return records.length > 0 && records;
  });
  assert.deepEqual([record?.outcome, record?.details["command"]], ["refused", id]);
});

test("a command that waits is cancelled without being sent", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  await (await PlainNode.join(t, core, { token })).close();
  await eventually(() => core.core.nodes.require("node-1").status === "offline");
  const [first, second] = [await runCommand(core), await runCommand(core)];
  await core.core.commands.cancel(first.id);
  assert.equal((await commandState(core, first.id)).status, "cancelled");
  const node = await PlainNode.join(t, core, { token });
  assert.equal((await node.nextOf("execute_command")).data["command_id"], second.id);
  await assert.rejects(core.core.commands.cancel(first.id), { code: "CONFLICT" });
  await assert.rejects(core.core.commands.cancel("unknown"), { code: "COMMAND_NOT_FOUND" });
});

test("a running command is cancelled by the node, and only where the node can", async (t) => {
  const core = await startCore(t);
  const plain = await PlainNode.join(t, core, { nodeId: "plain" });
  const ours = await PlainNode.connect(t, core, { nodeId: "ours" });
  await ours.register({ picket: { version: 1, capabilities: [] } });
  const { id: onPlain } = await runCommand(core, { nodeId: "plain" });
  await plain.nextOf("execute_command");
  await assert.rejects(core.core.commands.cancel(onPlain), { code: "UNSUPPORTED" });
  const ends: readonly (readonly [string, (id: string) => void])[] = [
    ["its result", (id) => void ours.result(id, { exit_code: 143 })],
    ["a refusal", (id) => void ours.send("error", { error_code: "CANCELLED", message: "", details: "" }, { id })],
  ];
  for (const [what, answer] of ends) {
    const { id } = await runCommand(core, { nodeId: "ours" });
    await ours.nextOf("execute_command");
    await core.core.commands.cancel(id);
    assert.equal((await ours.nextOf("cancel_command")).data["command_id"], id);
    answer(id);
    const ended = await eventually(async () => {
      const state = await commandState(core, id);
      return state.finishedAt !== undefined && state;
    });
    assert.equal(ended.status, "cancelled", what);
  }
  const { id } = await runCommand(core, { nodeId: "ours" });
  await ours.nextOf("execute_command");
  await ours.close();
  await eventually(() => core.core.nodes.require("ours").status === "offline");
  await assert.rejects(core.core.commands.cancel(id), { code: "NODE_OFFLINE" });
});

test("a command that is done before it can be cancelled has succeeded", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  await node.register({ picket: { version: 1, capabilities: [] } });
  const { id } = await runCommand(core);
  await node.nextOf("execute_command");
  await core.core.commands.cancel(id);
  await node.result(id, { exit_code: 0 });
  assert.equal((await commandState(core, id)).status, "succeeded");
});

test("output is stored byte for byte, whatever characters it has", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const outputs = ["", "\u0000middle\u0000", "机器 ✓ 😀", "\r\n\t\u001b[31m", '"\\', "a".repeat(400_000), "__proto__"];
  for (const stdout of outputs) {
    const { id } = await runCommand(core);
    await node.nextOf("execute_command");
    assert.equal((await node.result(id, { stdout, stderr: stdout.slice(0, 50) })).type, "command_received");
    const stored = await core.core.commands.output(id);
    assert.equal(stored.stdout === stdout && stored.stderr === stdout.slice(0, 50), true, stdout.slice(0, 20));
  }
});

test("results with absurd but valid numbers are stored", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  for (const data of [{ execution_time_ms: 1e308 }, { exit_code: -1 }, { exit_code: Number.MAX_SAFE_INTEGER }]) {
    const { id } = await runCommand(core);
    await node.nextOf("execute_command");
    assert.equal((await node.result(id, data)).type, "command_received", JSON.stringify(data));
    assert.notEqual((await commandState(core, id)).finishedAt, undefined);
  }
});
