import assert from "node:assert/strict";
import { test } from "node:test";
import { becomes, commandScene, get, hour, make, succeeded } from "../../support/commandScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

const day = 24 * hour;

test("a start is stored once and only of a command that was sent to this node", async (t) => {
  const { core, node } = await commandScene(t);
  const other = await core.add("node-2");
  const command = await make(core);
  await core.commands.started(other, command.id);
  await core.commands.started(node, "unknown");
  assert.equal((await get(core, command)).status, "sent");
  core.clock.advance(100);
  const at = core.clock.wallTime();
  await core.commands.started(node, command.id);
  core.clock.advance(100);
  await core.commands.started(node, command.id);
  assert.deepEqual([(await get(core, command)).status, (await get(core, command)).startedAt], ["started", at]);
});

const results = [
  { what: "ends well", result: succeeded, status: "succeeded", errorCode: undefined },
  { what: "fails", result: { ...succeeded, exitCode: 3 }, status: "failed", errorCode: undefined },
  {
    what: "says 124 before its time is over",
    result: { ...succeeded, exitCode: 124, executionTimeMs: 59_999 },
    status: "failed",
    errorCode: undefined,
  },
  {
    what: "is ended at its time limit",
    result: { ...succeeded, exitCode: 124, executionTimeMs: 60_000 },
    status: "timed_out",
    errorCode: "COMMAND_TIMEOUT",
  },
] as const;

for (const { what, result, status, errorCode } of results) {
  test(`a command that ${what} is ${status}`, async (t) => {
    const { core, node } = await commandScene(t);
    const command = await make(core);
    await core.commands.finished(node, command.id, result);
    const ended = await get(core, command);
    assert.deepEqual(
      [ended.status, ended.exitCode, ended.executionTimeMs, ended.errorCode, ended.finishedAt],
      [status, result.exitCode, result.executionTimeMs, errorCode, core.clock.wallTime()],
    );
    assert.deepEqual(await core.commands.output(command.id), { stdout: "out", stderr: "err" });
  });
}

test("the first result stands, whatever comes later", async (t) => {
  const { core, node } = await commandScene(t);
  const command = await make(core);
  const changes = core.heard("command-changed");
  await core.commands.finished(node, command.id, succeeded);
  await core.commands.finished(node, command.id, { ...succeeded, exitCode: 1, stdout: "again" });
  await core.commands.started(node, command.id);
  assert.equal(await core.commands.refused(node, command.id, { code: "FORBIDDEN_BY_POLICY", message: "no" }), false);
  assert.equal((await get(core, command)).status, "succeeded");
  assert.equal((await core.commands.output(command.id)).stdout, "out");
  assert.equal(changes.length, 1);
});

test("a connected node that never answers: the command times out, and its late result still counts", async (t) => {
  const { core, node } = await commandScene(t);
  const command = await make(core, { timeout: 10 });
  core.clock.advance(29_000);
  assert.equal((await get(core, command)).status, "sent");
  core.clock.advance(2_000);
  assert.equal((await becomes(core, command, "timed_out")).errorCode, "COMMAND_TIMEOUT");
  await core.commands.finished(node, command.id, succeeded);
  const { status, errorCode } = await get(core, command);
  assert.deepEqual([status, errorCode], ["succeeded", undefined]);
});

test("a node that went with a command has a day to come back; then it is lost, until it answers after all", async (t) => {
  const { core, link, node } = await commandScene(t);
  const command = await make(core, { timeout: 10 });
  await core.commands.started(node, command.id);
  core.disconnect("node-1", link);
  core.clock.advance(day - 1_000);
  assert.equal((await get(core, command)).status, "started");
  core.clock.advance(2_000);
  assert.equal((await becomes(core, command, "lost")).errorCode, "PEER_LOST");
  await core.commands.finished(node, command.id, { ...succeeded, exitCode: 2 });
  assert.equal((await get(core, command)).status, "failed");
});

test("after a restart a command that was sent is waited for a day", async (t) => {
  const { core } = await commandScene(t);
  const command = await make(core, { timeout: 10 });
  const again = await core.restart();
  again.clock.advance(day - 2_000);
  assert.equal((await get(again, command)).status, "sent");
  again.clock.advance(3_000);
  await becomes(again, command, "lost");
});

test("what a node does not take has failed, with the node's reason", async (t) => {
  const { core, node } = await commandScene(t);
  const command = await make(core);
  const refusal = { code: "FORBIDDEN_BY_POLICY", message: "not here" };
  assert.equal(await core.commands.refused(await core.add("node-2"), command.id, refusal), false);
  assert.equal(await core.commands.refused(node, command.id, refusal), true);
  const { status, errorCode } = await get(core, command);
  assert.deepEqual([status, errorCode], ["failed", "FORBIDDEN_BY_POLICY"]);
  assert.equal((await core.commands.output(command.id)).stderr, "not here");
});

test("no timer runs when no command is open", async (t) => {
  const { core, node } = await commandScene(t);
  const idle = core.clock.timerCount;
  const command = await make(core);
  assert.equal(core.clock.timerCount, idle + 1);
  await core.commands.finished(node, command.id, succeeded);
  core.clock.advance(1_000);
  assert.equal(core.clock.timerCount, idle);
});
