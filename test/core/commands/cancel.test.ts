import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openNodes } from "../../support/openNodes.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

const killed = { exitCode: 143, stdout: "", stderr: "", executionTimeMs: 5 };

async function setUp(t: TestContext, { extended = true, online = true } = {}) {
  const core = await openNodes(t);
  const node = await core.add();
  const link = new RecordingLink({ extended });
  if (online) await core.connect("node-1", link);
  const make = async (): Promise<string> => {
    const [made] = await core.commands.create({
      nodes: [node],
      commandText: "sleep 100",
      timeout: 200,
      expiresIn: 3_600_000,
      createdBy: "kim",
    });
    return made?.id ?? "";
  };
  const statusOf = async (id: string): Promise<string | undefined> => (await core.commands.get(id))?.status;
  return { core, node, link, make, statusOf };
}

test("one that waits is cancelled at once and never sent", async (t) => {
  const { core, link, make, statusOf } = await setUp(t, { online: false });
  const id = await make();
  await core.commands.cancel(id);
  const command = await core.commands.get(id);
  assert.deepEqual([command?.status, command?.errorCode], ["cancelled", "CANCELLED"]);
  await core.connect("node-1", link);
  assert.deepEqual(link.executed, []);
  assert.equal(await statusOf(id), "cancelled");
});

test("one that is cancelled while it is being handed over is cancelled where it is then: on the node", async (t) => {
  const { core, node, link, make, statusOf } = await setUp(t);
  const changes = core.heard("command-changed");
  const transact = core.database.transact.bind(core.database);
  let cancelling: Promise<void> | undefined;
  t.mock.method(core.database, "transact", async (statements: Parameters<typeof transact>[0]) => {
    const results = await transact(statements);
    // It is marked as sent on the disk, and the node does not have it yet.
    const [first] = changes;
    if (first !== undefined) cancelling ??= core.commands.cancel(first.commandId);
    return results;
  });
  const id = await make();
  await cancelling;
  assert.equal(link.executed.length, 1);
  assert.deepEqual(link.cancelled, [id]);
  assert.equal(await statusOf(id), "sent", "until the node says so");
  await core.commands.finished(node, id, killed);
  assert.equal(await statusOf(id), "cancelled");
});

test("one that cannot be cancelled on the disk goes on, and whoever cancels is told", async (t) => {
  const { core, make } = await setUp(t, { online: false });
  const id = await make();
  await core.database.close();
  await assert.rejects(core.commands.cancel(id), { code: "DATABASE_ERROR" });
});

for (const state of ["sent", "started"] as const) {
  test(`one that is ${state} is ended by the node, and its result makes it cancelled`, async (t) => {
    const { core, node, link, make, statusOf } = await setUp(t);
    const id = await make();
    if (state === "started") await core.commands.started(node, id);
    await core.commands.cancel(id);
    assert.deepEqual(link.cancelled, [id]);
    assert.equal(await statusOf(id), state, "until the node says so");
    await core.commands.finished(node, id, killed);
    const command = await core.commands.get(id);
    assert.deepEqual([command?.status, command?.exitCode], ["cancelled", 143]);
  });

  test(`one that is ${state} on a node that is gone cannot be cancelled`, async (t) => {
    const { core, node, link, make, statusOf } = await setUp(t);
    const id = await make();
    if (state === "started") await core.commands.started(node, id);
    core.disconnect("node-1", link);
    await assert.rejects(core.commands.cancel(id), { code: "NODE_OFFLINE" });
    assert.equal(await statusOf(id), state);
  });
}

test("one that succeeds in the same moment has succeeded", async (t) => {
  const { core, node, make, statusOf } = await setUp(t);
  const id = await make();
  await core.commands.cancel(id);
  await core.commands.finished(node, id, { ...killed, exitCode: 0 });
  assert.equal(await statusOf(id), "succeeded");
});

test("one that the node cannot cancel is refused and goes on", async (t) => {
  const { core, node, make, statusOf } = await setUp(t, { extended: false });
  const id = await make();
  await assert.rejects(core.commands.cancel(id), { code: "UNSUPPORTED" });
  await core.commands.finished(node, id, killed);
  assert.equal(await statusOf(id), "failed", "it was not cancelled");
});

test("one that has ended cannot be cancelled, one that never was is not there", async (t) => {
  const { core, node, make, statusOf } = await setUp(t);
  const id = await make();
  await core.commands.finished(node, id, killed);
  await assert.rejects(core.commands.cancel(id), { code: "CONFLICT", details: "it has ended" });
  await assert.rejects(core.commands.cancel("unknown"), { code: "COMMAND_NOT_FOUND" });
  assert.equal(await statusOf(id), "failed");
});

test("cancelling twice asks twice and ends once", async (t) => {
  const { core, node, make, statusOf } = await setUp(t);
  const id = await make();
  const changes = core.heard("command-changed");
  await core.commands.cancel(id);
  await core.commands.cancel(id);
  await core.commands.finished(node, id, killed);
  assert.equal(await statusOf(id), "cancelled");
  assert.equal(changes.length, 1);
});
