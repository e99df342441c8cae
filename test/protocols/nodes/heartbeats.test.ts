import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { metricNames } from "../../../src-main/core/metrics/metricColumns.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const hour = 3_600_000;
const noon = Date.parse("2026-03-01T12:00:00Z");

function latest(core: TestCore, nodeId = "node-1"): Readonly<Record<string, number>> {
  const sample = core.core.metrics.latest(core.core.nodes.require(nodeId).key);
  const values = metricNames.map((name, index) => [name, sample?.values[index] ?? Number.NaN] as const);
  return Object.fromEntries(values.filter(([, value]) => !Number.isNaN(value)));
}

/** The times of all samples that a chart shows, to the second. */
async function chartTimes(core: TestCore, nodeId = "node-1"): Promise<readonly number[]> {
  const { key } = core.core.nodes.require(nodeId);
  const request = { metrics: ["cpu_usage"], from: noon - 47 * hour, to: noon + hour, points: 1e6 } as const;
  return (await core.core.metrics.history(key, request)).times;
}

interface Joined {
  readonly core: TestCore;
  readonly node: PlainNode;
  readonly clock: ManualClock;
  /** The time of every sample, in the order in which they were stored. */
  readonly stored: readonly number[];
}

async function join(t: TestContext): Promise<Joined> {
  const clock = new ManualClock(noon);
  const core = await startCore(t, { clock });
  const stored: number[] = [];
  core.core.metrics.onSample(({ time }) => stored.push(time));
  return { core, node: await PlainNode.join(t, core), clock, stored };
}

const iso = (time: number): string => new Date(time).toISOString();

test("every number of the protocol is stored as it was reported", async (t) => {
  const { core, node } = await join(t);
  const metrics = Object.fromEntries(metricNames.map((name, index) => [name, index + 0.5]));
  assert.equal((await node.heartbeat(metrics)).type, "heartbeat_ack");
  assert.deepEqual(latest(core), metrics);
});

test("what is no sensible number is dropped, and the rest of the heartbeat is not", async (t) => {
  const { core, node } = await join(t);
  const cases: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
    ['{"cpu_usage": "45", "memory_usage": 1}', { memory_usage: 1 }],
    ['{"cpu_usage": null, "memory_usage": 2}', { memory_usage: 2 }],
    ['{"cpu_usage": true, "memory_usage": 3}', { memory_usage: 3 }],
    ['{"cpu_usage": [4], "memory_usage": 4}', { memory_usage: 4 }],
    ['{"cpu_usage": {}, "memory_usage": 5}', { memory_usage: 5 }],
    ['{"cpu_usage": 1e999, "memory_usage": 6}', { memory_usage: 6 }],
    ['{"cpu_usage": -1e999, "memory_usage": 7}', { memory_usage: 7 }],
    ['{"cpu_usage": -0.1, "memory_usage": 8}', { memory_usage: 8 }],
    ['{"cpu_usage": 101, "memory_usage": 9}', { memory_usage: 9 }],
    ['{"cpu_usage": 100.2, "memory_usage": 10}', { cpu_usage: 100, memory_usage: 10 }],
    ['{"network_rx": -1, "network_tx": 11}', { network_tx: 11 }],
    ['{"uptime": 1e308, "load_average": 12}', { uptime: 1e308, load_average: 12 }],
    ['{"cpu_usage": 13, "color": "red", "__proto__": {"memory_usage": 1}, "toString": 1}', { cpu_usage: 13 }],
    ['{"cpu_usage": 1, "cpu_usage": 14}', { cpu_usage: 14 }],
  ];
  for (const [index, [metrics, stored]] of cases.entries()) {
    const time = iso(noon + index);
    node.peer.send(
      `{"type":"heartbeat","id":"h${index}","timestamp":"${time}","data":{"node_id":"node-1","status":"online","metrics":${metrics}}}`,
    );
    assert.equal((await node.answerTo(`h${index}`)).type, "heartbeat_ack", metrics);
    assert.deepEqual(latest(core), stored, metrics);
  }
});

test("a heartbeat without a number is acked and stores nothing", async (t) => {
  const { core, node, stored } = await join(t);
  for (const metrics of [undefined, {}, null, [], "full", 7, { cpu_usage: "x" }, { unknown: 1 }]) {
    assert.equal((await node.heartbeat(metrics)).type, "heartbeat_ack", JSON.stringify(metrics));
  }
  assert.deepEqual(stored, []);
  assert.equal(core.core.nodes.require("node-1").status, "online");
});

test("a sample keeps its own time, also after a day without a link; a time that cannot be is the core's", async (t) => {
  const { core, node, stored } = await join(t);
  const own = [noon - 47 * hour, noon - 24 * hour, noon - 1000, noon, noon + 9 * 60_000];
  for (const time of own) await node.heartbeat({ cpu_usage: 1 }, iso(time));
  assert.deepEqual(await chartTimes(core), own);
  const absurd = ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", iso(noon - 49 * hour), iso(noon + hour), "now", ""];
  for (const time of absurd) assert.equal((await node.heartbeat({ cpu_usage: 2 }, time)).type, "heartbeat_ack", time);
  const now = stored.slice(own.length);
  assert.equal(new Set(stored).size, own.length + absurd.length, "no two of them fell on each other");
  assert.ok(
    now.every((time) => time >= noon && time <= noon + 10 * 60_000),
    `${now}`,
  );
});

test("a heartbeat without a timestamp is stored under the moment it came", async (t) => {
  const { node, stored } = await join(t);
  node.peer.send({ type: "heartbeat", id: "h", data: { node_id: "node-1", status: "ok", metrics: { cpu_usage: 1 } } });
  assert.equal((await node.answerTo("h")).type, "heartbeat_ack");
  assert.deepEqual(stored, [noon]);
});

test("a sample that is sent again is acked again and stored once", async (t) => {
  const { core, node, stored } = await join(t);
  for (const cpu of [1, 2, 3]) {
    const { type } = await node.heartbeat({ cpu_usage: cpu }, iso(noon - 1000));
    assert.equal(type, "heartbeat_ack");
  }
  const inOneBreath = ["a", "b"].map((id) =>
    node.send(
      "heartbeat",
      { node_id: "node-1", status: "online", metrics: { cpu_usage: 4 } },
      { id, timestamp: iso(noon - 2000) },
    ),
  );
  for (const id of inOneBreath) assert.equal((await node.answerTo(id)).type, "heartbeat_ack");
  assert.deepEqual(stored, [noon - 1000, noon - 2000]);
  assert.equal(latest(core)["cpu_usage"], 1, "the first one counts");
});

test("what is sent again over the next connection, or to a core that was restarted, is stored once", async (t) => {
  const { core, node, clock, stored } = await join(t);
  const token = await core.enrolmentToken();
  const other = await PlainNode.join(t, core, { token, nodeId: "other" });
  const times = [noon - 3000, noon - 2000, noon - 1000];
  for (const time of times) await other.heartbeat({ cpu_usage: 1 }, iso(time));
  await other.close();
  const again = await PlainNode.join(t, core, { token, nodeId: "other" });
  for (const time of times) assert.equal((await again.heartbeat({ cpu_usage: 1 }, iso(time))).type, "heartbeat_ack");
  assert.deepEqual(stored, times);
  await Promise.all([node.close(), again.close()]);
  await core.close();
  const restarted = await startCore(t, { clock, dataFolder: core.dataFolder });
  const third = await PlainNode.join(t, restarted, { token, nodeId: "other" });
  for (const time of times) assert.equal((await third.heartbeat({ cpu_usage: 1 }, iso(time))).type, "heartbeat_ack");
  assert.equal(restarted.core.metrics.storedCount, 0);
  assert.deepEqual(await chartTimes(restarted, "other"), times);
});

test("samples out of order are all stored, and the newest is the newest by its own time", async (t) => {
  const { core, node } = await join(t);
  const times = [noon - 1000, noon - 5000, noon - 3000, noon - 4000, noon - 2000];
  for (const time of times) await node.heartbeat({ cpu_usage: (noon - time) / 1000 }, iso(time));
  assert.deepEqual(await chartTimes(core), [...times].sort());
  assert.equal(latest(core)["cpu_usage"], 1);
});

test("a heartbeat before the first registration gets NODE_NOT_FOUND, and after it an ack", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  const { type, data } = await node.heartbeat({ cpu_usage: 1 });
  assert.deepEqual([type, data["error_code"]], ["error", "NODE_NOT_FOUND"]);
  await node.register();
  assert.equal((await node.heartbeat({ cpu_usage: 1 })).type, "heartbeat_ack");
});
