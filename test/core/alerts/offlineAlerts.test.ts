import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PicketError } from "../../../src-main/base/errors.ts";
import type { AlertRuleDraft } from "../../../src-main/core/alerts/alertRule.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openAlerts, type TestAlerts } from "../../support/openAlerts.ts";
import { addNodes } from "../../support/openMetrics.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

const minute = 60_000;
const hour = 60 * minute;

interface Fleet {
  readonly core: TestAlerts;
  readonly links: Map<string, RecordingLink>;
  /** Lets time pass in which the connected nodes are heard of. */
  pass(lasting: number): void;
  connect(nodeId: string): Promise<void>;
  disconnect(nodeId: string): void;
}

async function fleetOf(core: TestAlerts): Promise<Fleet> {
  const links = new Map<string, RecordingLink>();
  return {
    core,
    links,
    pass(lasting) {
      for (let passed = 0; passed < lasting; passed += 1_000) {
        for (const nodeId of links.keys()) core.nodes.heard(nodeId);
        core.clock.advance(Math.min(1_000, lasting - passed));
      }
    },
    async connect(nodeId) {
      const link = new RecordingLink();
      links.set(nodeId, link);
      await core.connect(nodeId, link);
    },
    disconnect(nodeId) {
      const link = links.get(nodeId);
      links.delete(nodeId);
      if (link !== undefined) core.disconnect(nodeId, link);
    },
  };
}

const offline: Partial<AlertRuleDraft> = {
  name: "Node offline",
  severity: "critical",
  condition: { kind: "node-offline" },
  for: 2 * minute,
};

async function openFleet(t: TestContext, count: number, rule: Partial<AlertRuleDraft> = {}): Promise<Fleet> {
  const core = await openAlerts(t);
  const fleet = await fleetOf(core);
  for (let index = 1; index <= count; index += 1) {
    await core.add(`node-${index}`, { group: index % 2 === 0 ? "even" : "odd", hostname: `host-${index}` });
    await fleet.connect(`node-${index}`);
  }
  await core.rule({ ...offline, ...rule });
  fleet.pass(minute);
  return fleet;
}

const kinds = (core: TestAlerts): readonly string[] => core.told.map(({ content }) => content.kind);

test("a node that is gone for two minutes is an alert; one that is back before is not", async (t) => {
  const { core, pass, connect, disconnect } = await openFleet(t, 1);
  disconnect("node-1");
  pass(minute + 50_000);
  await connect("node-1");
  pass(3 * minute);
  assert.deepEqual(core.alerts.open(), []);
  disconnect("node-1");
  pass(2 * minute + 5_000);
  assert.deepEqual(
    core.alerts.open().map(({ kind, message }) => [kind, message]),
    [["node-offline", "Offline for 2 min."]],
  );
  assert.deepEqual(kinds(core), [], "it is still being gathered");
  pass(30_000);
  assert.deepEqual(kinds(core), ["firing"]);
  await connect("node-1");
  pass(minute);
  assert.equal(core.alerts.open().length, 1, "not before it has stayed");
  pass(minute + 10_000);
  assert.deepEqual(core.alerts.open(), []);
  assert.deepEqual(kinds(core), ["firing", "resolved"]);
});

test("twenty nodes of a group that vanish within a minute are one incident and one notification", async (t) => {
  const { core, pass, connect, disconnect } = await openFleet(t, 42);
  const even = Array.from({ length: 20 }, (_, index) => `node-${(index + 1) * 2}`);
  for (const nodeId of even) {
    disconnect(nodeId);
    pass(2_900);
  }
  pass(5 * minute);
  assert.equal(core.alerts.open().length, 20);
  assert.equal(new Set(core.alerts.open().map(({ incidentId }) => incidentId)).size, 1);
  const [incident] = await core.alerts.incidents({ nodeKeys: undefined, open: true }, { limit: 10 });
  assert.deepEqual([incident?.nodes.nodeIds.length, incident?.nodes.open, incident?.incident.group], [20, 20, "even"]);
  assert.deepEqual(kinds(core), ["firing"]);
  assert.deepEqual([core.told[0]?.content.incidents[0]?.total, core.told[0]?.content.incidents[0]?.open], [20, 20]);
  for (const nodeId of even) await connect(nodeId);
  pass(3 * minute);
  assert.deepEqual(core.alerts.open(), []);
  assert.deepEqual(kinds(core), ["firing", "resolved"]);
});

test("another group is another incident, and what begins much later too", async (t) => {
  const { core, pass, disconnect } = await openFleet(t, 6);
  disconnect("node-1");
  disconnect("node-2");
  pass(2 * minute);
  disconnect("node-3");
  pass(4 * minute);
  const incidents = await core.alerts.incidents({ nodeKeys: undefined, open: undefined }, { limit: 10 });
  assert.deepEqual(incidents.map(({ incident, nodes }) => `${incident.group} ${nodes.nodeIds}`).sort(), [
    "even node-2",
    "odd node-1",
    "odd node-3",
  ]);
  assert.deepEqual(kinds(core), ["firing", "firing", "firing"]);
});

test("one that joins after the others were told of is told of, too", async (t) => {
  const { core, pass, disconnect } = await openFleet(t, 4);
  disconnect("node-2");
  pass(50_000);
  disconnect("node-4");
  pass(2 * minute);
  pass(2 * minute);
  assert.deepEqual(kinds(core), ["firing", "update"]);
  assert.equal(core.told[1]?.content.incidents[0]?.total, 2);
});

test("neither a jump of the clock nor a sleeping core makes nodes offline", async (t) => {
  const { core, pass } = await openFleet(t, 3);
  for (const jump of [5 * hour, -5 * hour]) {
    core.clock.jump(jump);
    pass(5 * minute);
  }
  core.clock.stall(3 * hour);
  pass(5 * minute);
  assert.deepEqual(core.alerts.open(), []);
});

test("a core that was asleep gives a node that is gone its whole time", async (t) => {
  const { core, pass, disconnect } = await openFleet(t, 1);
  disconnect("node-1");
  pass(minute);
  core.clock.stall(3 * hour);
  assert.deepEqual(core.alerts.open(), []);
  pass(30_000);
  assert.deepEqual(core.alerts.open(), []);
  pass(minute);
  assert.equal(core.alerts.open().length, 1);
});

test("a restart with everything offline raises nothing while the nodes come back", async (t) => {
  const before = await openFleet(t, 4);
  for (const nodeId of [...before.links.keys()]) before.disconnect(nodeId);
  await before.core.nodes.flush();
  const fleet = await fleetOf(await before.core.restartAlerts());
  fleet.pass(3 * minute + 50_000);
  assert.deepEqual(fleet.core.alerts.open(), [], "two minutes of grace and the rule's own two");
  for (const nodeId of ["node-1", "node-2", "node-3"]) await fleet.connect(nodeId);
  fleet.pass(minute);
  assert.deepEqual(
    fleet.core.alerts.open().map(({ nodeId }) => nodeId),
    ["node-4"],
    "the one that does not come back",
  );
  assert.deepEqual(kinds(fleet.core), ["firing"]);
});

test("a node that was alerted before the restart stays one alert, untold, and resolves when it is back", async (t) => {
  const before = await openFleet(t, 2);
  before.disconnect("node-1");
  before.pass(3 * minute);
  const [alert] = before.core.alerts.open();
  assert.deepEqual(kinds(before.core), ["firing"]);
  before.disconnect("node-2");
  const fleet = await fleetOf(await before.core.restartAlerts());
  await fleet.connect("node-2");
  fleet.pass(10 * minute);
  assert.deepEqual(
    fleet.core.alerts.open().map(({ id }) => id),
    [alert?.id],
  );
  assert.equal(fleet.core.told.length, 0);
  await fleet.connect("node-1");
  fleet.pass(3 * minute);
  assert.deepEqual(fleet.core.alerts.open(), []);
  assert.deepEqual(kinds(fleet.core), ["resolved"]);
});

test("an incident that was not told of when the core stopped is told of afterwards", async (t) => {
  const before = await openFleet(t, 1);
  before.disconnect("node-1");
  before.pass(2 * minute + 5_000);
  assert.equal(before.core.alerts.open().length, 1);
  assert.equal(before.core.told.length, 0);
  const fleet = await fleetOf(await before.core.restartAlerts());
  fleet.pass(minute);
  assert.deepEqual(kinds(fleet.core), ["firing"]);
});

test("reminders come until somebody acknowledges, over a restart too", async (t) => {
  const before = await openFleet(t, 1, { renotifyEvery: 10 * minute });
  before.disconnect("node-1");
  before.pass(23 * minute);
  assert.deepEqual(kinds(before.core), ["firing", "reminder", "reminder"]);
  const [alert] = before.core.alerts.open();
  const acknowledged = await before.core.alerts.acknowledge(alert?.id ?? "", "kim");
  assert.deepEqual([acknowledged.state, acknowledged.acknowledgedBy], ["acknowledged", "kim"]);
  before.pass(30 * minute);
  assert.equal(before.core.told.length, 3);
  const fleet = await fleetOf(await before.core.restartAlerts());
  fleet.pass(30 * minute);
  assert.deepEqual(kinds(fleet.core), []);
  assert.equal(fleet.core.alerts.open({ state: "acknowledged" })[0]?.acknowledgedBy, "kim");
  await fleet.connect("node-1");
  fleet.pass(3 * minute);
  assert.deepEqual(kinds(fleet.core), ["resolved"]);
});

test("a silence holds notifications back, whatever the wall clock does, and what still fires is told after it", async (t) => {
  const { core, pass, disconnect } = await openFleet(t, 2);
  const node = core.nodes.require("node-1");
  await core.alerts.silence({ ruleId: undefined, nodeKey: node.key, duration: 10 * minute, createdBy: "kim" });
  disconnect("node-1");
  pass(3 * minute);
  core.clock.jump(hour);
  pass(4 * minute);
  assert.equal(core.alerts.open().length, 1, "the alert is there");
  assert.equal(core.told.length, 0, "nobody is told");
  disconnect("node-2");
  pass(2 * minute + 50_000);
  assert.deepEqual(
    core.told.map(({ content }) => content.incidents[0]?.alerts[0]?.nodeId),
    ["node-2"],
  );
  pass(2 * minute);
  assert.equal(core.told.length, 2);
  assert.deepEqual(core.alerts.silences(), []);
});

test("quiet hours hold notifications, not alerts, and end with one summary", async (t) => {
  // Noon, UTC.
  const quietHours = { days: [0, 1, 2, 3, 4, 5, 6], from: "12:00", to: "13:00", timeZone: "+00:00" };
  const { core, pass, connect, disconnect } = await openFleet(t, 4, { quietHours, channels: ["chat"] });
  disconnect("node-1");
  pass(3 * minute);
  disconnect("node-2");
  pass(3 * minute);
  await connect("node-1");
  pass(3 * minute);
  assert.deepEqual(
    core.alerts.open().map(({ nodeId }) => nodeId),
    ["node-2"],
  );
  assert.equal(core.told.length, 0);
  const again = await fleetOf(await core.restartAlerts());
  again.pass(40 * minute);
  assert.equal(again.core.told.length, 0);
  again.pass(20 * minute);
  assert.deepEqual(
    again.core.told.map(({ content, channels }) => [content.kind, content.incidents.length, channels]),
    [
      ["summary", 4, ["console"]],
      ["summary", 4, ["chat"]],
    ],
    "also of those that did not come back after the restart",
  );
  const states = again.core.told[0]?.content.incidents.map(({ group, resolvedAt }) => [
    group,
    resolvedAt !== undefined,
  ]);
  assert.ok(states?.some(([group, over]) => group === "odd" && over === true));
  assert.ok(states?.some(([group, over]) => group === "even" && over === false));
  again.pass(10 * minute);
  assert.equal(again.core.told.length, 2, "and not again");
});

test("what was told before the quiet hours and ends in them is told in the summary", async (t) => {
  const quietHours = { days: [0, 1, 2, 3, 4, 5, 6], from: "12:10", to: "12:30", timeZone: "UTC" };
  const { core, pass, connect, disconnect } = await openFleet(t, 1, { quietHours });
  disconnect("node-1");
  pass(4 * minute);
  assert.deepEqual(kinds(core), ["firing"]);
  pass(6 * minute);
  await connect("node-1");
  pass(10 * minute);
  assert.deepEqual(core.alerts.open(), []);
  assert.deepEqual(kinds(core), ["firing"]);
  pass(15 * minute);
  assert.deepEqual(kinds(core), ["firing", "summary"]);
});

test("a node that is removed takes its alerts along, and a node that was only announced is not missed", async (t) => {
  const { core, pass, disconnect } = await openFleet(t, 1);
  const announced = { ...(await core.add("announced", { seen: false })) };
  disconnect("node-1");
  pass(5 * minute);
  assert.deepEqual(
    core.alerts.open().map(({ nodeId }) => nodeId),
    ["node-1"],
  );
  const node = core.nodes.require("node-1");
  await core.nodes.remove("node-1");
  await core.alerts.removeOfNode(node.key);
  assert.deepEqual(core.alerts.open(), []);
  assert.deepEqual(await core.alerts.list({}, { limit: 10 }), []);
  assert.equal(core.told.length, 1, "nobody is told that it is well again");
  assert.equal(announced.status, "offline");
});

test("a database that cannot write holds back neither the alert nor its notification, and gets it later", async (t) => {
  const { core, pass, disconnect } = await openFleet(t, 1);
  const broken = t.mock.method(core.database, "transact", () => Promise.reject(new PicketError("DATABASE_ERROR")));
  disconnect("node-1");
  pass(3 * minute);
  const [alert] = core.alerts.open();
  assert.deepEqual(kinds(core), ["firing"]);
  assert.equal((await core.alerts.get(alert?.id ?? ""))?.state, "firing");
  assert.deepEqual(await core.alerts.list({}, { limit: 10 }), []);
  broken.mock.restore();
  pass(5_000);
  await core.alerts.close();
  assert.deepEqual(
    (await core.alerts.list({}, { limit: 10 })).map(({ id }) => id),
    [alert?.id],
  );
});

test("four thousand nodes that vanish and come back are one incident, and quickly dealt with", async (t) => {
  const core = await openAlerts(t);
  await addNodes(core.database, 4_000);
  await core.database.kysely.updateTable("nodes").set({ last_seen_at: 1 }).execute();
  const fleet = await fleetOf(await core.restartAlerts());
  await fleet.core.rule(offline);
  for (let index = 0; index < 20; index += 1) fleet.core.clock.advance(10_000);
  assert.equal(fleet.core.alerts.open().length, 4_000);
  assert.equal(fleet.core.told.length, 1);
  const told = fleet.core.told[0]?.content.incidents[0];
  assert.deepEqual([told?.total, told?.alerts.length], [4_000, 50]);
  const link = new RecordingLink();
  for (const { nodeId } of fleet.core.nodes.list()) fleet.core.nodes.connected(nodeId, link, hour);
  for (let index = 0; index < 15; index += 1) fleet.core.clock.advance(10_000);
  assert.equal(fleet.core.alerts.open().length, 0);
  assert.deepEqual(kinds(fleet.core), ["firing", "resolved"]);
  const resolved = await fleet.core.alerts.list({ state: "resolved" }, { limit: 4_001 });
  assert.equal(resolved.length, 4_000);
});
