import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { commandState, runCommand } from "../../support/commandHelpers.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passTime, roundTrip } from "../../support/passTime.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const hour = 3_600_000;
const ours = { picket: { version: 1, capabilities: [] } };

async function start(t: TestContext): Promise<{ clock: ManualClock; core: TestCore; token: string }> {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  return { clock, core, token: await core.enrolmentToken() };
}

const ended = (core: TestCore, id: string, status: string): Promise<boolean> =>
  eventually(async () => (await commandState(core, id)).status === status, { what: `the command to be ${status}` });

test("a command that waits for an offline node expires, and is not sent afterwards", async (t) => {
  const { clock, core, token } = await start(t);
  await (await PlainNode.join(t, core, { token })).close();
  await eventually(() => core.core.nodes.require("node-1").status === "offline");
  const short = await runCommand(core, { expiresIn: 60_000 });
  const long = await runCommand(core, { expiresIn: hour });
  clock.advance(59_000);
  assert.equal((await commandState(core, short.id)).status, "queued");
  clock.advance(2_000);
  await ended(core, short.id, "expired");
  const node = await PlainNode.join(t, core, { token });
  assert.equal((await node.nextOf("execute_command")).data["command_id"], long.id);
});

test("without a result the core reports COMMAND_TIMEOUT; a result that comes after all is the end", async (t) => {
  const { clock, core } = await start(t);
  const node = await PlainNode.join(t, core);
  const { id } = await runCommand(core, { timeout: 10 });
  await node.nextOf("execute_command");
  node.send("command_started", { command_id: id });
  await ended(core, id, "started");
  await passTime(clock, 28_000, [node.peer]);
  assert.equal((await commandState(core, id)).status, "started");
  await passTime(clock, 4_000, [node.peer]);
  await ended(core, id, "timed_out");
  assert.equal((await commandState(core, id)).errorCode, "COMMAND_TIMEOUT");
  assert.equal((await node.result(id)).type, "command_received");
  const after = await commandState(core, id);
  assert.deepEqual([after.status, after.errorCode], ["succeeded", undefined]);
});

test("a command that the node ended at its limit has timed out; exit code 124 of its own has not", async (t) => {
  const { core } = await start(t);
  const node = await PlainNode.join(t, core);
  const cases = [
    { data: { exit_code: 124, execution_time_ms: 10_020 }, status: "timed_out", errorCode: "COMMAND_TIMEOUT" },
    { data: { exit_code: 124, execution_time_ms: 500 }, status: "failed", errorCode: undefined },
  ];
  for (const { data, status, errorCode } of cases) {
    const { id } = await runCommand(core, { timeout: 10 });
    await node.nextOf("execute_command");
    await node.result(id, data);
    const after = await commandState(core, id);
    assert.deepEqual([after.status, after.errorCode], [status, errorCode]);
  }
});

test("a link that breaks gives a running command a day, not its own limit", async (t) => {
  const { clock, core, token } = await start(t);
  const node = await PlainNode.join(t, core, { token });
  const kept = await runCommand(core, { timeout: 10 });
  const lost = await runCommand(core, { timeout: 10 });
  for (const _ of [kept, lost]) await node.nextOf("execute_command");
  await node.close();
  await eventually(() => core.core.nodes.require("node-1").status === "offline");
  clock.advance(23 * hour);
  assert.equal((await commandState(core, kept.id)).status, "sent");
  const again = await PlainNode.join(t, core, { token });
  assert.equal((await again.result(kept.id)).type, "command_received");
  assert.equal((await commandState(core, kept.id)).status, "succeeded");
  await again.close();
  await eventually(() => core.core.nodes.require("node-1").status === "offline");
  clock.advance(24 * hour + 1_000);
  await ended(core, lost.id, "lost");
});

test("after a reconnect a node that remembers gets its unfinished commands again, a plain one does not", async (t) => {
  const { core } = await start(t);
  for (const { nodeId, data, again } of [
    { nodeId: "ours", data: ours, again: true },
    { nodeId: "plain", data: {}, again: false },
  ]) {
    const token = await core.enrolmentToken();
    const node = await PlainNode.connect(t, core, { nodeId, token });
    await node.register(data);
    const unfinished = await runCommand(core, { nodeId });
    const finished = await runCommand(core, { nodeId });
    for (const _ of [1, 2]) await node.nextOf("execute_command");
    await node.result(finished.id);
    await node.close();
    const back = await PlainNode.connect(t, core, { nodeId, token });
    await back.register(data);
    await roundTrip(back.peer);
    const fresh = await runCommand(core, { nodeId });
    const first = (await back.nextOf("execute_command")).data["command_id"];
    assert.equal(first, again ? unfinished.id : fresh.id, nodeId);
  }
});

test("a core that is restarted loses no command, whichever state it is in", async (t) => {
  const { clock, core, token } = await start(t);
  const node = await PlainNode.connect(t, core, { token });
  await node.register(ours);
  const [sent, started, succeeded, late] = [
    await runCommand(core),
    await runCommand(core),
    await runCommand(core),
    await runCommand(core),
  ];
  for (const _ of [1, 2, 3, 4]) await node.nextOf("execute_command");
  node.send("command_started", { command_id: started.id });
  node.send("command_started", { command_id: late.id });
  await node.result(succeeded.id, { stdout: "kept" });
  await ended(core, started.id, "started");
  await node.close();
  await eventually(() => core.core.nodes.require("node-1").status === "offline");
  const queued = await runCommand(core, { expiresIn: hour });
  const expiring = await runCommand(core, { expiresIn: 60_000 });
  await core.close();
  clock.advance(30 * 60_000);

  const restarted = await startCore(t, { clock, dataFolder: core.dataFolder });
  clock.advance(2_000);
  await ended(restarted, expiring.id, "expired");
  assert.equal((await commandState(restarted, succeeded.id)).status, "succeeded");
  assert.equal((await restarted.core.commands.output(succeeded.id)).stdout, "kept");
  const back = await PlainNode.connect(t, restarted, { token });
  back.send("node_register", { hostname: "host", ip_address: "192.0.2.1", ...ours });
  const again = [];
  for (const _ of [1, 2, 3, 4]) again.push((await back.nextOf("execute_command")).data["command_id"]);
  assert.deepEqual(new Set(again), new Set([sent.id, started.id, late.id, queued.id]));
  for (const { id } of [sent, started, late, queued]) {
    assert.equal((await back.result(id)).type, "command_received");
    assert.equal((await commandState(restarted, id)).status, "succeeded");
  }
});
