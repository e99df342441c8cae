import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { metricNames } from "../../../src-main/core/metrics/metricColumns.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { nextTurn } from "../../support/nextTurn.ts";
import { passTime } from "../../support/passTime.ts";
import { dialDashboard, makeKey, PlainAgent } from "../../support/plainAgent.ts";
import { PlainNode } from "../../support/plainNode.ts";
import type { RawPeer } from "../../support/rawPeer.ts";
import { adminPassword, startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

type Kind = "metrics" | "logs";
type Message = Readonly<Record<string, unknown>>;

const kinds: readonly Kind[] = ["metrics", "logs"];
const required = { type: "error", message: "Authentication required" };
const malformed = { type: "error", message: "Invalid message format" };
const badToken = { type: "error", message: "Invalid or expired token" };
const notFound = { type: "error", message: "Server not found" };
const expiresSoon = { type: "error", message: "Token expires soon" };

interface Place {
  readonly core: TestCore;
  readonly kind: Kind;
  readonly serverId: string;
}

/** A dashboard that has sent its token. */
async function watch(t: TestContext, { core, kind, serverId }: Place, token?: string): Promise<RawPeer> {
  const peer = await dialDashboard(t, core, { kind, serverId });
  peer.send({ type: "auth", token: token ?? (await core.signIn()) });
  return peer;
}

async function dataOf(peer: RawPeer, type: string): Promise<Message> {
  return (await peer.nextOf(type))["data"] as Message;
}

/** Something to be shown on the socket of this kind. */
function stir(kind: Kind, agent: PlainAgent): void {
  const timestamp = new Date().toISOString();
  if (kind === "metrics") agent.report({ timestamp });
  else agent.peer.send({ type: "log", entries: [{ level: "INFO", message: "stirred", timestamp }] });
}

/** Waits until these dashboards are shown what happens, each of them once more. */
async function admitted(dashboards: readonly RawPeer[], { core, kind, serverId }: Place): Promise<void> {
  const { key } = core.core.nodes.require(serverId);
  const waiting = Promise.all(dashboards.map((dashboard) => dashboard.nextOf(typeOf[kind]))).then(() => true);
  await eventually(() => {
    const time = core.core.clock.wallTime();
    const values = metricNames.map(() => 1);
    if (kind === "metrics") core.core.metrics.append({ nodeKey: key, time, values }, () => {});
    else void core.core.logs.append(key, [{ time, level: "info", source: "", message: "still here" }]);
    return Promise.race([waiting, nextTurn()]);
  });
}

const typeOf = { metrics: "metrics", logs: "log" } as const;

test("metrics: the newest sample at once, then each as it arrives, lists and all", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const { serverId } = agent;
  const disk_usage = [{ mount: "/", percent: 5, note: "as it came" }];
  const network = [{ interface: "eth0", rx_rate: 1, tx_rate: 2 }];
  const first = new Date(Date.now() - 5_000).toISOString();
  agent.report({ disk_usage, network, timestamp: first });
  const { key } = core.core.nodes.require(serverId);
  await eventually(() => core.core.metrics.latest(key));
  const dashboard = await watch(t, { core, kind: "metrics", serverId });
  const shown = { server_id: serverId, cpu_percent: 45.2, memory_percent: 62.5, disk_usage, network, timestamp: first };
  assert.deepEqual(await dashboard.next(), { type: "metrics", data: shown });
  const timestamp = new Date().toISOString();
  agent.report({ cpu_percent: 1.5, timestamp });
  const live = await dataOf(dashboard, "metrics");
  assert.deepEqual([live["cpu_percent"], live["timestamp"], live["disk_usage"]], [1.5, timestamp, []]);
});

test("logs: the last hundred lines in their order, then each as it is stored", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const { serverId } = agent;
  const start = Date.now() - 60_000;
  const entries = Array.from({ length: 150 }, (_, index) => ({
    level: "INFO",
    message: `line ${index}`,
    timestamp: new Date(start + index * 10).toISOString(),
    source: "web",
  }));
  agent.peer.send({ type: "log", entries });
  const { key } = core.core.nodes.require(serverId);
  await eventually(async () => (await core.core.logs.latest(key, 200)).length >= 150);
  const dashboard = await watch(t, { core, kind: "logs", serverId });
  const lines: Message[] = [];
  while (lines.length < 100) lines.push(await dataOf(dashboard, "log"));
  const own = lines.filter(({ source }) => source === "web");
  assert.deepEqual(own.at(-1), {
    level: "INFO",
    message: "line 149",
    timestamp: entries[149]?.timestamp,
    source: "web",
  });
  assert.deepEqual(
    own.map(({ message }) => message),
    entries.slice(-own.length).map(({ message }) => message),
  );
  const timestamp = new Date().toISOString();
  agent.peer.send({ type: "log", entries: [{ level: "ERROR", message: "Log message", timestamp }] });
  assert.deepEqual(await dataOf(dashboard, "log"), { level: "ERROR", message: "Log message", timestamp, source: "" });
});

test("both sockets watch a node of the nodes protocol as well", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core, { nodeId: "node-1" });
  await node.heartbeat({ cpu_usage: 9, disk_usage: 50, disk_total: 100, disk_available: 50, network_rx: 7 });
  const dashboard = await watch(t, { core, kind: "metrics", serverId: "node-1" });
  const { cpu_percent, disk_usage, network } = await dataOf(dashboard, "metrics");
  assert.equal(cpu_percent, 9);
  assert.deepEqual(disk_usage, [{ mount: "/", total: 100, used: 50, percent: 50 }]);
  assert.deepEqual(network, [{ interface: "all", rx_rate: 7 }]);
  await node.heartbeat({ cpu_usage: 10 });
  assert.equal((await dataOf(dashboard, "metrics"))["cpu_percent"], 10);
  const logs = await watch(t, { core, kind: "logs", serverId: "node-1" });
  const { key } = core.core.nodes.require("node-1");
  const time = Date.now();
  await core.core.logs.append(key, [{ time, level: "warning", source: "unit", message: "from the node" }]);
  await eventually(async () => (await dataOf(logs, "log"))["message"] === "from the node");
});

test("a console watches a server of this protocol as it does any node", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  const console = await core.console();
  await console.request("subscribe", { topic: "node-metrics", nodeId: agent.serverId });
  agent.report({ cpu_percent: 64 });
  await eventually(() => core.core.metrics.latest(core.core.nodes.require(agent.serverId).key)?.values[0] === 64);
  const { node } = await console.request("node-get", { nodeId: agent.serverId });
  assert.equal(node.status, "online");
});

for (const kind of kinds) {
  test(`${kind}: a bad token is an error and the end`, async (t) => {
    const core = await startCore(t);
    const { serverId } = await makeKey(core);
    for (const token of ["jwt-access-token", "", `${await core.signIn()}x`]) {
      const dashboard = await watch(t, { core, kind, serverId }, token);
      assert.deepEqual(await dashboard.next(), badToken);
      assert.equal((await dashboard.closed).code, 1008);
    }
  });

  test(`${kind}: before auth everything else is answered, and after 10 s it is over`, async (t) => {
    const clock = new ManualClock();
    const core = await startCore(t, { clock });
    const { serverId } = await makeKey(core);
    const dashboard = await dialDashboard(t, core, { kind, serverId });
    for (const early of ["{", { type: "metrics" }, { type: "auth" }, Buffer.from("{}")]) {
      dashboard.send(early);
      assert.deepEqual(await dashboard.next(), required);
    }
    clock.advance(10_000);
    assert.deepEqual(await dashboard.next(), required);
    assert.equal((await dashboard.closed).code, 1008);
  });

  test(`${kind}: a server of another group is as unknown as one that is not there`, async (t) => {
    const core = await startCore(t);
    const { serverId } = await makeKey(core, { group: "unseen" });
    const token = await core.userToken("viewer", ["seen"]);
    for (const wanted of [serverId, "00000000-0000-4000-8000-000000000000", "%00", "..%2f"]) {
      const dashboard = await watch(t, { core, kind, serverId: wanted }, token);
      assert.deepEqual(await dashboard.next(), notFound);
      assert.equal((await dashboard.closed).code, 1008);
    }
  });

  test(`${kind}: unreadable messages are answered and the connection goes on`, async (t) => {
    const core = await startCore(t);
    const agent = await PlainAgent.join(t, core);
    const dashboard = await watch(t, { core, kind, serverId: agent.serverId });
    stir(kind, agent);
    await dashboard.nextOf(typeOf[kind]);
    for (const wrong of ["{", { type: "subscribe" }, { type: "auth", token: 7 }]) {
      dashboard.send(wrong);
      await eventually(async () => (await dashboard.nextOf("error"))["message"] === malformed.message);
    }
    stir(kind, agent);
    await dashboard.nextOf(typeOf[kind]);
  });

  test(`${kind}: the end of the token is announced, a new auth goes on, and without one it is over`, async (t) => {
    const clock = new ManualClock(Date.now());
    const core = await startCore(t, { clock });
    const { serverId } = await makeKey(core);
    const token = await core.signIn();
    clock.jump(3_539_000);
    const dashboard = await watch(t, { core, kind, serverId }, token);
    const never = await watch(t, { core, kind, serverId }, token);
    const shown = [dashboard, never];
    await admitted(shown, { core, kind, serverId });
    const next = await core.signIn();
    await passTime(clock, 2_000, shown);
    assert.deepEqual(await dashboard.nextOf("error"), expiresSoon);
    assert.deepEqual(await never.nextOf("error"), expiresSoon);
    dashboard.send({ type: "auth", token: next });
    await passTime(clock, 60_000, [dashboard]);
    assert.deepEqual(await never.nextOf("error"), badToken);
    assert.equal((await never.closed).code, 1008);
    await admitted([dashboard], { core, kind, serverId });
  });

  test(`${kind}: a session that is revoked, and a role's group that is taken, end what they showed`, async (t) => {
    const core = await startCore(t);
    const { serverId } = await makeKey(core, { group: "seen" });
    const password = adminPassword;
    const kim = await core.core.users.create({ username: "kim", password, role: "viewer", groups: ["seen"] });
    const first = await watch(t, { core, kind, serverId }, await core.signIn("kim"));
    await admitted([first], { core, kind, serverId });
    await core.core.sessions.revokeAll(kim.id, { actor: "test" });
    assert.deepEqual(await first.nextOf("error"), { type: "error", message: "Session ended" });
    assert.equal((await first.closed).code, 1008);
    const second = await watch(t, { core, kind, serverId }, await core.signIn("kim"));
    await admitted([second], { core, kind, serverId });
    await core.core.users.change(kim.id, { groups: ["other"] });
    await eventually(async () => (await second.nextOf("error"))["message"] === notFound.message);
    assert.equal((await second.closed).code, 1008);
  });

  test(`${kind}: a server that moves out of sight or is removed is shown no more`, async (t) => {
    const core = await startCore(t);
    const agent = await PlainAgent.join(t, core, await makeKey(core, { group: "seen" }));
    const { serverId } = agent;
    const limited = await watch(t, { core, kind, serverId }, await core.userToken("viewer", ["seen"]));
    const all = await watch(t, { core, kind, serverId });
    stir(kind, agent);
    await Promise.all([limited.nextOf(typeOf[kind]), all.nextOf(typeOf[kind])]);
    await core.core.nodes.change(serverId, { group: "unseen" });
    assert.deepEqual(await limited.nextOf("error"), notFound);
    assert.equal((await limited.closed).code, 1008);
    stir(kind, agent);
    await all.nextOf(typeOf[kind]);
    await core.core.nodes.remove(serverId);
    assert.deepEqual(await all.nextOf("error"), notFound);
    assert.equal((await all.closed).code, 1008);
  });
}
