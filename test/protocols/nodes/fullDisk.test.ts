import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { type Message, PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const start = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
const withInventory = { picket: { version: 1, capabilities: ["inventory"] } };

/** A core whose disk holds little more than its empty tables. */
const startSmallCore = (t: TestContext): Promise<TestCore> =>
  startCore(t, { configuration: { databaseBytes: 1024 * 1024 } });

/** Fills the disk with facts until no more go in, and then the rest of its pages with samples of `node`. */
async function fill(t: TestContext, core: TestCore, node: PlainNode): Promise<{ acked: number[]; refused: number[] }> {
  for (const length of [100_000, 10_000]) {
    for (let index = 0; ; index += 1) {
      const filler = await PlainNode.connect(t, core, { nodeId: `filler-${length}-${index}` });
      const registered = await filler.answerTo(
        filler.send("node_register", { hostname: "h", ip_address: "192.0.2.1", ...withInventory }),
      );
      if (registered.type === "error") break;
      const answer = await filler.answerTo(filler.send("inventory", { facts: { padding: "x".repeat(length) } }));
      await filler.close();
      if (answer.type === "error") break;
    }
  }
  const acked: number[] = [];
  const refused: number[] = [];
  for (let time = start; refused.length === 0; time += 1000) {
    const { type } = await beat(node, time);
    (type === "error" ? refused : acked).push(time);
  }
  return { acked, refused };
}

const beat = (node: PlainNode, time: number): Promise<Message> =>
  node.heartbeat({ cpu_usage: 50, memory_usage: 20, uptime: time }, new Date(time).toISOString());

async function makeRoom(core: TestCore): Promise<void> {
  for (const { nodeId } of core.core.nodes.list()) {
    if (nodeId.startsWith("filler")) await core.core.nodes.remove(nodeId);
  }
}

async function chartTimes(core: TestCore): Promise<readonly number[]> {
  const { key } = core.core.nodes.require("node-1");
  const request = { metrics: ["cpu_usage"], from: start, to: start + 7_200_000, points: 1e6 } as const;
  return (await core.core.metrics.history(key, request)).times;
}

test("on a full disk a sample gets DATABASE_ERROR, what was acked stays, and with room it is stored once", async (t) => {
  const core = await startSmallCore(t);
  const node = await PlainNode.join(t, core);
  const { acked, refused } = await fill(t, core, node);
  const answer = await beat(node, refused[0] ?? 0);
  assert.equal(answer.data["error_code"], "DATABASE_ERROR");
  assert.match(String(answer.data["message"]), /database/i);
  assert.equal(core.core.nodes.require("node-1").status, "online", "the node is there, its samples are not");
  assert.deepEqual(await chartTimes(core), acked);
  await makeRoom(core);
  for (const time of [...refused, ...refused]) assert.equal((await beat(node, time)).type, "heartbeat_ack");
  assert.deepEqual(await chartTimes(core), [...acked, ...refused]);
});

test("every console is told when storing fails and when it works again", async (t) => {
  const core = await startSmallCore(t);
  const node = await PlainNode.join(t, core);
  const console = await core.console();
  const events: { readonly event: string; readonly level: string }[] = [];
  console.onPush("system-event", (event) => events.push(event));
  assert.equal((await console.hello()).storageFailure, null);
  const { refused } = await fill(t, core, node);
  assert.match(String((await console.hello()).storageFailure), /full/);
  await makeRoom(core);
  await beat(node, refused[0] ?? 0);
  await eventually(() => events.length === 2);
  assert.deepEqual(
    events.map(({ event, level }) => [event, level]),
    [
      ["storage-failed", "error"],
      ["storage-restored", "info"],
    ],
  );
  assert.equal((await console.hello()).storageFailure, null);
});

test("a result that cannot be stored gets DATABASE_ERROR, and when it comes again it is stored", async (t) => {
  const core = await startSmallCore(t);
  const node = await PlainNode.join(t, core);
  const [command] = await core.core.commands.create({
    nodes: [core.core.nodes.require("node-1")],
    commandText: "true",
    timeout: 60,
    expiresIn: 60_000,
    createdBy: "test",
  });
  assert.ok(command);
  await fill(t, core, node);
  const stdout = "y".repeat(200_000);
  assert.equal((await node.result(command.id, { stdout })).data["error_code"], "DATABASE_ERROR");
  await makeRoom(core);
  assert.equal((await node.result(command.id, { stdout })).type, "command_received");
  assert.equal((await core.core.commands.get(command.id))?.status, "succeeded");
  assert.equal((await core.core.commands.output(command.id)).stdout, stdout);
});

test("a core that was full starts again with everything that was acked", async (t) => {
  const core = await startSmallCore(t);
  const node = await PlainNode.join(t, core);
  const { acked } = await fill(t, core, node);
  await core.close();
  const again = await startCore(t, { dataFolder: core.dataFolder });
  assert.deepEqual(await chartTimes(again), acked);
  assert.deepEqual((await again.core.audit.verify()).brokenAt, undefined);
});
