import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { becomes, commandScene, get, hour, make } from "../../support/commandScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { TestNodes } from "../../support/openNodes.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

test("a command is on the disk as sent before the node is asked", async (t) => {
  const { core, link } = await commandScene(t);
  const seen: unknown[] = [];
  link.execute = ({ commandId }) => {
    const select = core.database.kysely.selectFrom("commands").select("status").where("id", "=", commandId);
    seen.push(select.executeTakeFirst());
  };
  const command = await make(core);
  assert.deepEqual(await Promise.all(seen), [{ status: "sent" }]);
  assert.deepEqual(
    [command.status, command.createdBy, command.createdAt, command.sentAt, command.expiresAt],
    ["sent", "kim", core.clock.wallTime(), core.clock.wallTime(), core.clock.wallTime() + hour],
  );
});

test("one request for many nodes is one command each, in one transaction", async (t) => {
  const { core, link } = await commandScene(t);
  await core.add("node-2");
  const changes = core.heard("command-changed");
  const made = await core.commands.create({
    nodes: core.nodes.list(),
    commandText: "uptime",
    timeout: 7,
    expiresIn: hour,
    createdBy: "kim",
  });
  assert.deepEqual(
    made.map(({ nodeId, status }) => [nodeId, status]),
    [
      ["node-1", "sent"],
      ["node-2", "queued"],
    ],
  );
  assert.deepEqual(link.executed, [{ commandId: made[0]?.id, commandText: "uptime", timeout: 7 }]);
  assert.deepEqual(
    changes.map(({ nodeId, status }) => `${nodeId} ${status}`),
    ["node-1 queued", "node-2 queued", "node-1 sent"],
  );
});

test("when it cannot be stored nothing is sent", async (t) => {
  const { core, link } = await commandScene(t);
  const node = core.nodes.require("node-1");
  await core.database.close();
  const create = core.commands.create({ nodes: [node], commandText: "x", timeout: 1, expiresIn: 1, createdBy: "kim" });
  await assert.rejects(create, { code: "DATABASE_ERROR" });
  assert.deepEqual(link.executed, []);
  assert.equal(core.clock.timerCount, 2, "the registry's and the pruning: no command is waited for");
});

test("a queue outlives a restart, keeps its order, and is handed over once", async (t) => {
  const { core } = await commandScene(t, { online: false });
  const made = [];
  for (let index = 0; index < 5; index += 1) {
    made.push(await make(core, { text: `echo ${index}` }));
    core.clock.advance(1);
  }
  const again = await core.restart();
  const link = new RecordingLink({ extended: false });
  await Promise.all([again.connect("node-1", link), again.commands.nodeConnected("node-1")]);
  assert.deepEqual(
    link.executed.map(({ commandId }) => commandId),
    made.map(({ id }) => id),
  );
});

test("a queued command expires on time, also over a restart, and is never sent", async (t) => {
  const { core } = await commandScene(t, { online: false });
  const [short, long] = [await make(core, { expiresIn: hour }), await make(core, { expiresIn: 3 * hour })];
  core.clock.advance(hour / 2);
  const again = await core.restart();
  again.clock.advance(hour / 2 - 1_000);
  assert.equal((await get(again, short)).status, "queued");
  again.clock.advance(2_000);
  const expired = await becomes(again, short, "expired");
  assert.deepEqual([expired.errorCode, expired.finishedAt], ["TIMEOUT", short.expiresAt]);
  const link = new RecordingLink();
  await again.connect("node-1", link);
  assert.deepEqual(
    link.executed.map(({ commandId }) => commandId),
    [long.id],
  );
});

test("one that expired while the core was away is expired after the start", async (t) => {
  const { core } = await commandScene(t, { online: false });
  const command = await make(core, { expiresIn: hour });
  core.commands.dispose();
  core.clock.advance(2 * hour);
  const again = await core.restart();
  again.clock.advance(1_000);
  await becomes(again, command, "expired");
});

/** Runs `step` when the next command is marked as sent on the disk and not handed over yet. */
function beforeHandOver(t: TestContext, { database }: TestNodes, step: () => void): void {
  const transact = database.transact.bind(database);
  let calls = 0;
  t.mock.method(database, "transact", async (statements: Parameters<typeof transact>[0]) => {
    const results = await transact(statements);
    calls += 1;
    if (calls === 2) step();
    return results;
  });
}

test("a link that goes before the hand-over leaves the command waiting for the next one", async (t) => {
  const { core, link } = await commandScene(t);
  beforeHandOver(t, core, () => core.disconnect("node-1", link));
  const command = await make(core);
  assert.deepEqual(link.executed, []);
  assert.deepEqual([command.status, command.sentAt], ["queued", undefined]);
  const next = new RecordingLink();
  await core.connect("node-1", next);
  assert.deepEqual(
    next.executed.map(({ commandId }) => commandId),
    [command.id],
  );
});

test("a link that is replaced before the hand-over: only the newer one gets the command, once", async (t) => {
  const { core, link } = await commandScene(t);
  const next = new RecordingLink({ extended: false });
  let connecting: Promise<void> | undefined;
  beforeHandOver(t, core, () => {
    connecting = core.connect("node-1", next);
  });
  const command = await make(core);
  await connecting;
  assert.deepEqual(link.executed, []);
  assert.deepEqual(
    next.executed.map(({ commandId }) => commandId),
    [command.id],
  );
});

test("a node of ours is asked again for what it never answered; a plain node is not", async (t) => {
  for (const extended of [true, false]) {
    const { core, link } = await commandScene(t, { extended });
    const command = await make(core);
    core.disconnect("node-1", link);
    const next = new RecordingLink({ extended });
    await core.connect("node-1", next);
    assert.equal(next.executed.length, extended ? 1 : 0);
    const restarted = await core.restart();
    const third = new RecordingLink({ extended });
    await restarted.connect("node-1", third);
    assert.equal(third.executed.length, extended ? 1 : 0, "and after a restart of the core");
    assert.equal((await get(restarted, command)).status, "sent");
  }
});
