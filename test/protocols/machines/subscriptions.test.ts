import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { MachinesClient } from "../../../src-main/protocols/machines/client.ts";
import type { PushData, PushType } from "../../../src-main/protocols/machines/messages.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

function pushed<T extends PushType>(console: MachinesClient, type: T): PushData<T>[] {
  const list: PushData<T>[] = [];
  console.onPush(type, (data) => list.push(data));
  return list;
}

async function start(t: TestContext): Promise<{ readonly core: TestCore; readonly clock: ManualClock }> {
  const clock = new ManualClock(Date.parse("2026-03-01T12:00:00Z"));
  return { core: await startCore(t, { clock }), clock };
}

/** Until everything that the core sent before has arrived. */
const settled = (console: MachinesClient): Promise<unknown> => console.request("ping", {});
const extended = { picket: { version: 1, capabilities: ["inventory"] } };

test("nodes: what is new, changed, moved away or gone, gathered for a quarter of a second", async (t) => {
  const { core, clock } = await start(t);
  const console = await core.console(await core.userToken("viewer", ["default", "lab"]));
  const changes = pushed(console, "node-changed");
  const removals = pushed(console, "node-removed");
  await console.subscribe({ topic: "nodes" });
  const node = await PlainNode.join(t, core);
  await core.core.nodes.change("node-1", { name: "first" });
  await core.core.nodes.change("node-1", { name: "second" });
  await settled(console);
  assert.deepEqual(changes, []);
  clock.advance(250);
  await eventually(() => changes.length > 0);
  await settled(console);
  assert.deepEqual(
    changes.map(({ node: { nodeId, name, status } }) => [nodeId, name, status]),
    [["node-1", "second", "online"]],
  );
  await core.core.nodes.change("node-1", { group: "lab" });
  clock.advance(250);
  await eventually(() => changes.length === 2);
  await core.core.nodes.change("node-1", { group: "secret" });
  clock.advance(250);
  await eventually(() => removals.length === 1);
  await core.core.nodes.change("node-1", { name: "not for everybody" });
  await core.core.nodes.change("node-1", { group: "secret two" });
  clock.advance(250);
  await settled(console);
  assert.deepEqual([changes.length, removals], [2, [{ nodeId: "node-1" }]], "of what is out of sight nothing is heard");
  await core.core.nodes.change("node-1", { group: "lab" });
  clock.advance(250);
  await eventually(() => changes.length === 3);
  await node.close();
  await core.core.nodes.remove("node-1");
  await eventually(() => removals.length === 2);
});

test("nodes: a user whose groups become fewer loses sight of the others at their next change", async (t) => {
  const { core, clock } = await start(t);
  const token = await core.userToken("viewer", ["default", "lab"]);
  const console = await core.console(token);
  await PlainNode.join(t, core, { nodeId: "in-lab", group: "lab" });
  const removals = pushed(console, "node-removed");
  await console.subscribe({ topic: "nodes" });
  const user = (await core.core.users.list()).find(({ role }) => role === "viewer");
  await core.core.users.change(user?.id ?? "", { groups: ["default"] });
  await eventually(async () => (await console.request("node-list", {})).nodes.length === 0);
  await core.core.nodes.change("in-lab", { name: "new" });
  clock.advance(250);
  await eventually(() => removals.length === 1);
});

test("node-metrics: the newest at once, then no more often than asked; the same again replaces the former", async (t) => {
  const { core, clock } = await start(t);
  const node = await PlainNode.join(t, core);
  await node.heartbeat({ cpu_usage: 1 });
  const console = await core.console();
  const samples = pushed(console, "node-metrics");
  const subscription = await console.subscribe({ topic: "node-metrics", nodeId: "node-1", interval: 10_000 });
  await eventually(() => samples.length === 1);
  assert.deepEqual([samples[0]?.nodeId, samples[0]?.sample.values], ["node-1", { cpu_usage: 1 }]);
  const report = async (cpu: number, after: number): Promise<void> => {
    clock.advance(after);
    await node.heartbeat({ cpu_usage: cpu }, new Date(clock.wallTime()).toISOString());
    await settled(console);
  };
  await report(2, 1_000);
  await report(3, 3_000);
  await report(4, 7_000);
  assert.deepEqual(
    samples.map(({ sample }) => sample.values.cpu_usage),
    [1, 2, 4],
  );
  await console.subscribe({ topic: "node-metrics", nodeId: "node-1", interval: 1_000 });
  await eventually(() => samples.length === 4);
  await report(5, 1_000);
  await report(6, 1_000);
  assert.deepEqual(
    samples.map(({ sample }) => sample.values.cpu_usage),
    [1, 2, 4, 4, 5, 6],
    "once, not twice",
  );
  subscription.dispose();
  await settled(console);
  await report(7, 1_000);
  assert.equal(samples.length, 6);
});

test("node-metrics: a node is told to report faster while somebody wants it, and slower again afterwards", async (t) => {
  const { core } = await start(t);
  const node = await PlainNode.connect(t, core);
  await node.register(extended);
  const interval = async (): Promise<unknown> => (await node.nextOf("set_metrics_interval")).data["metrics_interval"];
  const first = await core.console();
  const second = await core.console();
  await first.subscribe({ topic: "node-metrics", nodeId: "node-1", interval: 3_000 });
  assert.equal(await interval(), 3);
  await second.subscribe({ topic: "system-monitor", nodeId: "node-1", interval: 1_000 });
  assert.equal(await interval(), 1);
  second.close();
  assert.equal(await interval(), 3);
  await first.request("unsubscribe", { topic: "node-metrics", nodeId: "node-1" });
  assert.equal(await interval(), 5);
  assert.equal(node.peer.unread, 0);
});

test("commands: every step of every command on a node that the user sees", async (t) => {
  const { core } = await start(t);
  const console = await core.console();
  const limited = await core.console(await core.userToken("viewer", []));
  const steps = pushed(console, "command-changed");
  const unseen = pushed(limited, "command-changed");
  await console.subscribe({ topic: "commands" });
  await limited.subscribe({ topic: "commands" });
  const node = await PlainNode.join(t, core);
  const { commands } = await console.request("command-run", { nodeIds: ["node-1"], command: "true" });
  const commandId = commands[0]?.commandId ?? "";
  await node.nextOf("execute_command");
  node.send("command_started", { command_id: commandId });
  await node.result(commandId);
  await eventually(() => steps.some(({ command }) => command.status === "succeeded"));
  assert.ok(steps.every(({ command }) => command.commandId === commandId && command.nodeId === "node-1"));
  const order = ["queued", "sent", "started", "succeeded"];
  const seen = steps.map(({ command }) => order.indexOf(command.status));
  assert.deepEqual(seen, seen.toSorted(), "never backwards");
  await settled(limited);
  assert.deepEqual(unseen, []);
});

test("system-monitor: the core's own machine, and a node's newest numbers, as often as asked", async (t) => {
  const { core, clock } = await start(t);
  const console = await core.console();
  const readings = pushed(console, "system-monitor");
  const own = await console.subscribe({ topic: "system-monitor", interval: 2_000 });
  await eventually(() => readings.length === 1);
  const [{ cpu, memory } = { cpu: { cores: [] }, memory: undefined }] = readings;
  assert.ok(cpu.cores.length > 0 && memory !== undefined && memory.total > 100_000 && memory.used <= memory.total);
  clock.advance(2_000);
  await eventually(() => readings.length === 2);
  own.dispose();
  await settled(console);
  const node = await PlainNode.join(t, core);
  await console.subscribe({ topic: "system-monitor", nodeId: "node-1", interval: 2_000 });
  clock.advance(2_000);
  await settled(console);
  assert.equal(readings.length, 2, "of a node that has not reported nothing is known");
  await node.heartbeat({ cpu_usage: 12, memory_usage: 75, memory_total: 4096, memory_available: 1024, network_rx: 5 });
  clock.advance(2_000);
  await eventually(() => readings.length === 3);
  assert.deepEqual(readings[2], {
    nodeId: "node-1",
    cpu: { usage: 12, cores: [] },
    memory: { total: 4, used: 3, usage: 75 },
    disk: { read: 0, write: 0 },
    network: { rx: 5, tx: 0 },
  });
});

test("an interval outside of one second to one minute is brought inside", async (t) => {
  const { core, clock } = await start(t);
  const console = await core.console();
  const readings = pushed(console, "system-monitor");
  for (const [interval, expected] of [
    [1, 1_000],
    [1e9, 60_000],
  ] as const) {
    await console.subscribe({ topic: "system-monitor", interval });
    await eventually(() => readings.length > 0);
    readings.length = 0;
    for (let passed = 0; passed < expected - 500; passed += 500) {
      clock.advance(500);
      await settled(console);
    }
    assert.equal(readings.length, 0, `${interval}`);
    clock.advance(500);
    await eventually(() => readings.length === 1);
    readings.length = 0;
  }
});
