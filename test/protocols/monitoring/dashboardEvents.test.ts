import assert from "node:assert/strict";
import { test } from "node:test";
import { metricNames } from "../../../src-main/core/metrics/metricColumns.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { dialDashboard, makeKey, PlainAgent } from "../../support/plainAgent.ts";
import type { RawPeer } from "../../support/rawPeer.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

type Message = Readonly<Record<string, unknown>>;

const rule = {
  name: "CPU high",
  enabled: true,
  severity: "critical",
  scope: { kind: "all" },
  condition: { kind: "threshold", metric: "cpu_usage", comparison: "above", value: 90 },
  for: 0,
  quietHours: undefined,
  renotifyEvery: undefined,
  channels: [],
} as const;

/** How many dashboards the core serves. */
async function dashboards(core: TestCore): Promise<number> {
  const text = await (await fetch(`${core.httpUrl}/metrics`)).text();
  return Number(/^picket_console_connections (\d+)$/m.exec(text)?.[1]);
}

test("an alert of the server is shown on both sockets when it begins, is acknowledged and is over", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const other = await makeKey(core, { name: "other" });
  const { id: ruleId } = await core.core.alerts.saveRule(undefined, rule);
  const token = await core.signIn();
  const open = async (kind: "metrics" | "logs", serverId: string): Promise<RawPeer> => {
    const peer = await dialDashboard(t, core, { kind, serverId });
    peer.send({ type: "auth", token });
    return peer;
  };
  const watching = [await open("metrics", agent.serverId), await open("logs", agent.serverId)];
  const elsewhere = await open("metrics", other.serverId);
  const shown = async (state: string): Promise<readonly Message[]> =>
    Promise.all(
      watching.map((peer) =>
        eventually(async () => {
          const data = (await peer.nextOf("alert"))["data"] as Message;
          return data["state"] === state && data;
        }),
      ),
    );
  agent.report({ cpu_percent: 10 });
  await watching[0]?.nextOf("metrics");
  agent.report({ cpu_percent: 97 });
  const [first, second] = await shown("firing");
  assert.deepEqual(first, second);
  const { id, message, timestamp, ...rest } = first ?? {};
  assert.deepEqual(rest, {
    rule: "CPU high",
    severity: "critical",
    state: "firing",
    server_id: agent.serverId,
    value: 97,
    threshold: 90,
  });
  assert.ok(typeof message === "string" && message !== "" && !Number.isNaN(Date.parse(String(timestamp))));
  await core.core.alerts.acknowledge(String(id), "kim");
  assert.equal((await shown("acknowledged"))[0]?.["id"], id);
  const ended = shown("resolved");
  await core.core.alerts.removeRule(ruleId);
  assert.equal((await ended)[0]?.["id"], id);
  assert.equal(elsewhere.unread, 0, "a dashboard of another server is shown nothing of it");
});

test("a dashboard that reads nothing slows nobody, is told what it missed, and goes on", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const { serverId } = agent;
  const { key } = core.core.nodes.require(serverId);
  const token = await core.signIn();
  const open = async (): Promise<RawPeer> => {
    const peer = await dialDashboard(t, core, { kind: "logs", serverId });
    peer.send({ type: "auth", token });
    await peer.nextOf("log");
    return peer;
  };
  const line = (text: string) => ({ time: Date.now(), level: "info", source: "", message: text }) as const;
  await core.core.logs.append(key, [line("first")]);
  const [slow, fast] = [await open(), await open()];
  slow.socket.pause();
  const long = "x".repeat(15_000);
  for (let batch = 0; batch < 40; batch += 1) {
    await core.core.logs.append(
      key,
      Array.from({ length: 25 }, (_, index) => line(`${batch} ${index} ${long}`)),
    );
    await eventually(async () => ((await fast.nextOf("log"))["data"] as Message)["message"] === `${batch} 24 ${long}`);
  }
  assert.equal(await dashboards(core), 2, "it is still there");
  slow.socket.resume();
  const told = await slow.nextOf("error");
  assert.match(String(told["message"]), /^\d+ log entries were left out: read faster$/);
  await core.core.logs.append(key, [line("last")]);
  await eventually(async () => ((await slow.nextOf("log"))["data"] as Message)["message"] === "last");
});

test("samples that a slow dashboard has no room for are left out, and the newest comes when it reads", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const { serverId } = agent;
  const { key } = core.core.nodes.require(serverId);
  const dashboard = await dialDashboard(t, core, { kind: "metrics", serverId });
  dashboard.send({ type: "auth", token: await core.signIn() });
  agent.report({ cpu_percent: 1 });
  await dashboard.nextOf("metrics");
  dashboard.socket.pause();
  const now = Date.now();
  const sent = 40_000;
  for (let count = 1; count <= sent; count += 1) {
    const values = metricNames.map(() => count % 100);
    core.core.metrics.append({ nodeKey: key, time: now + count, values }, () => {});
    if (count % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => core.core.metrics.latest(key)?.time === now + sent);
  assert.equal(await dashboards(core), 1, "it is still there");
  dashboard.socket.resume();
  await eventually(() => {
    agent.report({ cpu_percent: 77, timestamp: new Date(now + sent + 1_000).toISOString() });
    return lastOf(dashboard).then((data) => data["cpu_percent"] === 77);
  });
});

/** The newest of what a dashboard was shown by now. */
async function lastOf(dashboard: RawPeer): Promise<Message> {
  let data = (await dashboard.nextOf("metrics"))["data"] as Message;
  while (dashboard.unread > 0) data = (await dashboard.nextOf("metrics"))["data"] as Message;
  return data;
}
