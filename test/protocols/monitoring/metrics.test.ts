import assert from "node:assert/strict";
import { test } from "node:test";
import { type MetricName, metricNames } from "../../../src-main/core/metrics/metricColumns.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainAgent } from "../../support/plainAgent.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";
import { nestedObjects } from "../hostile/shapes.ts";

failOnLeaks();

/** The newest sample of a server, without what it does not have. */
function latest(
  core: TestCore,
  serverId: string,
): { time: number; values: Partial<Record<MetricName, number>> } | undefined {
  const sample = core.core.metrics.latest(core.core.nodes.require(serverId).key);
  if (sample === undefined) return undefined;
  const known = metricNames.flatMap((name, column) => {
    const value = sample.values[column];
    return value === undefined || Number.isNaN(value) ? [] : [[name, value] as const];
  });
  return { time: sample.time, values: Object.fromEntries(known) };
}

interface Reporting {
  readonly core: TestCore;
  readonly agent: PlainAgent;
}

/** Reports and waits until the sample of that time is stored. */
async function stored({ core, agent }: Reporting, fields: Record<string, unknown>, time = Date.now()) {
  agent.report({ timestamp: new Date(time).toISOString(), ...fields });
  return eventually(() => {
    const sample = latest(core, agent.serverId);
    return sample?.time === time ? sample.values : undefined;
  });
}

const disk = { mount: "/", device: "/dev/sda1", total: 1000, used: 400, percent: 40 };
const network = { interface: "eth0", rx_bytes: 1e6, tx_bytes: 2e6, rx_rate: 100, tx_rate: 200 };

test("a report in the documented shape is stored in the columns of every node", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const home = { mount: "/home", device: "/dev/sdb1", total: 9, used: 9, percent: 100 };
  const inner = { ...network, interface: "docker0" };
  const fields = { disk_usage: [home, disk], network: [network, { ...network, interface: "eth1" }, inner] };
  assert.deepEqual(await stored({ core, agent }, fields), {
    cpu_usage: 45.2,
    memory_usage: 62.5,
    disk_usage: 40,
    disk_total: 1000,
    disk_available: 600,
    network_rx: 200,
    network_tx: 400,
  });
});

test("the seed's own time format is taken", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const time = Math.floor(Date.now() / 1000) * 1000;
  await stored({ core, agent }, { timestamp: new Date(time).toISOString().replace(".000Z", "Z") }, time);
});

test("rates come out of counters where an agent gives only those", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const now = Date.now();
  const counters = (received: number, sent: number) => ({
    network: [{ name: "eth0", bytes_recv: received, bytes_sent: sent }],
  });
  assert.equal((await stored({ core, agent }, counters(1_000, 5_000), now - 10_000)).network_rx, undefined);
  const second = await stored({ core, agent }, counters(6_000, 5_500), now - 5_000);
  assert.deepEqual([second.network_rx, second.network_tx], [1_000, 100]);
  const reset = await stored({ core, agent }, counters(10, 6_000), now);
  assert.deepEqual([reset.network_rx, reset.network_tx], [undefined, 100], "a counter that ran backwards was reset");
});

for (const [what, fields, expected] of [
  ["numbers that cannot be", { cpu_percent: -1, memory_percent: 101 }, {}],
  ["texts instead of numbers", { cpu_percent: "45", memory_percent: null }, {}],
  ["a rounding error above 100", { cpu_percent: 100.3, memory_percent: 100 }, { cpu_usage: 100, memory_usage: 100 }],
  ["lists of texts", { disk_usage: ["/"], network: [7, null, ["eth0"]] }, { cpu_usage: 45.2, memory_usage: 62.5 }],
  ["no lists", { disk_usage: { "/": 40 }, network: "eth0" }, { cpu_usage: 45.2, memory_usage: 62.5 }],
  [
    "a disk in percent only",
    { disk_usage: [{ mount: "/", percent: 12 }] },
    { cpu_usage: 45.2, memory_usage: 62.5, disk_usage: 12 },
  ],
  [
    "a disk that uses more than it has",
    { disk_usage: [{ ...disk, used: 5000, percent: undefined }] },
    { cpu_usage: 45.2, memory_usage: 62.5, disk_total: 1000 },
  ],
  [
    "names of another library",
    {
      disk_usage: [
        { mountpoint: "/data", percent: 1 },
        { mountpoint: "/", total: 10, used: 5 },
      ],
    },
    { cpu_usage: 45.2, memory_usage: 62.5, disk_usage: 50, disk_total: 10, disk_available: 5 },
  ],
] as const) {
  test(`odd shapes are left out and never cost the message: ${what}`, async (t) => {
    const core = await startCore(t);
    const agent = await PlainAgent.join(t, core);
    const time = Date.now();
    if (Object.keys(expected).length > 0) assert.deepEqual(await stored({ core, agent }, fields, time), expected);
    else agent.report(fields);
    const next = await stored({ core, agent }, { cpu_percent: 1, memory_percent: 2 }, time + 1);
    assert.deepEqual(next, { cpu_usage: 1, memory_usage: 2 }, "the connection goes on");
    assert.equal(agent.peer.unread, 0, "no error was sent");
  });
}

for (const [what, stamp] of [
  ["far in the future", new Date(Date.now() + 86_400_000).toISOString()],
  ["a little more than ten minutes ahead", new Date(Date.now() + 11 * 60_000).toISOString()],
  ["no time", "yesterday"],
  ["missing", undefined],
  ["a number", 1_700_000_000],
] as const) {
  test(`a timestamp that is ${what} is replaced by now`, async (t) => {
    const core = await startCore(t);
    const agent = await PlainAgent.join(t, core);
    const before = Date.now();
    agent.report({ timestamp: stamp });
    const { time } = await eventually(() => latest(core, agent.serverId));
    assert.ok(time >= before && time <= Date.now(), `${new Date(time).toISOString()}`);
  });
}

test("what an agent kept while it was away lands where it belongs", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const now = Date.now();
  const times = [now - 15 * 60_000, now - 10 * 60_000, now - 5_000, now];
  for (const time of times) agent.report({ timestamp: new Date(time).toISOString() });
  await eventually(() => latest(core, agent.serverId)?.time === now);
  const { key } = core.core.nodes.require(agent.serverId);
  const asked = { metrics: ["cpu_usage"], from: now - 3_600_000, to: now + 1, points: 2_000 } as const;
  assert.equal((await core.core.metrics.history(key, asked)).times.length, times.length);
});

test("metrics for another server_id are refused, and stored nowhere", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const other = await PlainAgent.join(t, core);
  agent.report({ server_id: other.serverId });
  assert.deepEqual(await agent.next(), {
    type: "error",
    message: "server_id is not the server of this API key",
  });
  await stored({ core, agent }, {});
  assert.equal(latest(core, other.serverId), undefined);
});

test("a report that is one text message of megabytes ends the connection, nobody else's", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const other = await PlainAgent.join(t, core);
  agent.report({ disk_usage: [{ mount: "x".repeat(1_100_000) }] });
  assert.equal((await agent.peer.closed).code, 1009);
  await stored({ core, agent: other }, {});
});

test("lists that are large or deep are left out of what dashboards see, and the numbers are stored", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const large = Array.from({ length: 1_000 }, (_, index) => ({ mount: `/${index}`, note: "x".repeat(200) }));
  const time = new Date().toISOString();
  const known = { type: "metrics", server_id: agent.serverId, cpu_percent: 3, timestamp: time };
  agent.peer.send(`${JSON.stringify(known).slice(0, -1)},"disk_usage":[${nestedObjects(50_000)}]}`);
  await eventually(() => latest(core, agent.serverId)?.values.cpu_usage === 3);
  assert.equal((await stored({ core, agent }, { disk_usage: large })).cpu_usage, 45.2);
});
