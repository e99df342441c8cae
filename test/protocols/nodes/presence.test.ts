import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passTime, roundTrip } from "../../support/passTime.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const hour = 3_600_000;
const extension = { picket: { version: 1, capabilities: [] } };

async function start(t: TestContext): Promise<{ clock: ManualClock; core: TestCore }> {
  const clock = new ManualClock();
  return { clock, core: await startCore(t, { clock }) };
}

const statusOf = (core: TestCore, nodeId = "node-1"): string => core.core.nodes.require(nodeId).status;

test("a node is offline when its socket closes, and online again when it is back", async (t) => {
  const { core } = await start(t);
  const token = await core.enrolmentToken();
  const node = await PlainNode.join(t, core, { token });
  assert.equal(statusOf(core), "online");
  node.peer.socket.terminate();
  await eventually(() => statusOf(core) === "offline");
  await PlainNode.join(t, core, { token });
  assert.equal(statusOf(core), "online");
});

for (const { kind, data, limit } of [
  { kind: "a plain node", data: {}, limit: 90_000 },
  { kind: "a node of ours", data: extension, limit: 15_000 },
]) {
  test(`${kind} whose socket is open is offline after ${limit / 1000} s without a heartbeat`, async (t) => {
    const { clock, core } = await start(t);
    const node = await PlainNode.connect(t, core);
    await node.register(data);
    await passTime(clock, limit, [node.peer]);
    assert.equal(statusOf(core), "online");
    await passTime(clock, 4_000, [node.peer]);
    assert.equal(statusOf(core), "offline");
    assert.equal((await node.heartbeat()).type, "heartbeat_ack");
    assert.equal(statusOf(core), "online", "a heartbeat brings it back");
  });
}

test("a node of ours whose cable was pulled is offline within 15 s", async (t) => {
  const { clock, core } = await start(t);
  const plugged = await PlainNode.connect(t, core, { nodeId: "plugged" });
  const pulled = await PlainNode.connect(t, core, { nodeId: "pulled" });
  for (const node of [plugged, pulled]) await node.register(extension);
  pulled.peer.socket.pause();
  for (let passed = 0; passed < 15; passed += 3) {
    await passTime(clock, 3_000, [plugged.peer]);
    assert.equal((await plugged.heartbeat()).type, "heartbeat_ack");
  }
  await eventually(() => statusOf(core, "pulled") === "offline");
  assert.equal(statusOf(core, "plugged"), "online");
});

for (const jump of [3 * hour, -3 * hour]) {
  test(`a clock that jumps by ${jump / hour} h marks no node wrongly`, async (t) => {
    const { clock, core } = await start(t);
    const silent = await PlainNode.join(t, core, { nodeId: "silent" });
    const talking = await PlainNode.join(t, core, { nodeId: "talking" });
    const peers = [silent.peer, talking.peer];
    await passTime(clock, 60_000, peers);
    clock.jump(jump);
    await passTime(clock, 28_000, peers);
    assert.deepEqual([statusOf(core, "silent"), statusOf(core, "talking")], ["online", "online"]);
    assert.equal((await talking.heartbeat({ cpu_usage: 1 })).type, "heartbeat_ack");
    await passTime(clock, 6_000, peers);
    assert.deepEqual([statusOf(core, "silent"), statusOf(core, "talking")], ["offline", "online"]);
  });

  test(`a clock that jumps by ${jump / hour} h keeps queued commands, tokens and samples as they were`, async (t) => {
    const { clock, core } = await start(t);
    const token = await core.enrolmentToken(2);
    const node = await PlainNode.join(t, core, { token });
    const samples: number[] = [];
    core.core.metrics.onSample(({ time }) => samples.push(time));
    await node.heartbeat({ cpu_usage: 1 }, new Date(clock.wallTime()).toISOString());
    await node.close();
    const [command] = await core.core.commands.create({
      nodes: [core.core.nodes.require("node-1")],
      commandText: "true",
      timeout: 10,
      expiresIn: 2 * hour,
      createdBy: "test",
    });
    clock.jump(jump);
    clock.advance(hour);
    const again = await PlainNode.join(t, core, { token });
    assert.equal((await again.nextOf("execute_command")).data["command_id"], command?.id);
    assert.equal((await again.heartbeat({ cpu_usage: 2 }, "2026-03-01T12:00:30Z")).type, "heartbeat_ack");
    assert.equal(samples.length, 2);
  });
}

test("a core that was stopped for a minute does not hold the silence against its nodes", async (t) => {
  const { clock, core } = await start(t);
  const node = await PlainNode.connect(t, core);
  await node.register(extension);
  await passTime(clock, 4_000, [node.peer]);
  clock.stall(60_000);
  await roundTrip(node.peer);
  assert.equal(statusOf(core), "online");
  await passTime(clock, 20_000, [node.peer]);
  assert.equal(statusOf(core), "offline", "silence from then on counts");
});

test("when a node was last seen outlives a restart of the core", async (t) => {
  const { clock, core } = await start(t);
  const node = await PlainNode.join(t, core);
  clock.advance(5_000);
  await node.heartbeat();
  const seen = core.core.nodes.lastSeenAt("node-1");
  assert.equal(seen, clock.wallTime());
  await core.close();
  clock.advance(hour);
  const restarted = await startCore(t, { clock, dataFolder: core.dataFolder });
  assert.equal(statusOf(restarted), "offline");
  assert.equal(restarted.core.nodes.lastSeenAt("node-1"), seen);
});
