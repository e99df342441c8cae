import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { aRule, openAlerts } from "../../support/openAlerts.ts";
import { addNodes, append } from "../../support/openMetrics.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

failOnLeaks();

const minute = 60_000;
const hour = 60 * minute;

test("a preview shows the alerts that the rule really raised, and writes nothing", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  const random = new SeededRandom(7);
  await core.rule({ for: 3 * minute });
  // Busy and calm for times of all lengths, with a sample every twenty seconds.
  for (let stretch = 0; stretch < 30; stretch += 1) {
    const values = { cpu_usage: stretch % 2 === 0 ? 30 : 97 };
    await core.live(values, { for: (1 + random.below(12)) * 40_000, every: 20_000 });
  }
  await core.live({ cpu_usage: 30 }, { for: 10 * minute, every: 20_000 });
  const real = [...(await core.alerts.list({}, { limit: 100 }))].reverse();
  assert.ok(real.length >= 4, `${real.length} alerts`);
  const told = core.told.length;
  const nodes = core.nodes.list();
  const preview = await core.alerts.preview({ rule: { ...aRule, for: 3 * minute }, nodes });
  assert.deepEqual([preview.supported, preview.nodesEvaluated], [true, 1]);
  const [found] = preview.nodes;
  assert.equal(preview.count, real.length);
  assert.equal(core.told.length, told);
  assert.equal(found?.nodeId, "node-1");
  found?.intervals.forEach(({ from, to }, index) => {
    const alert = real[index];
    const close = (one: number | undefined, other: number | undefined): boolean =>
      Math.abs((one ?? 0) - (other ?? 0)) <= 20_000;
    assert.ok(close(from, alert?.startedAt), `alert ${index} began`);
    assert.ok(close(to, alert?.resolvedAt), `alert ${index} was over`);
  });
  assert.equal((await core.alerts.list({}, { limit: 100 })).length, real.length);
});

test("a preview of silence, of failed commands, and of what leaves no history", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  await core.live({ cpu_usage: 10 }, { for: 10 * minute });
  core.clock.advance(30 * minute);
  await core.live({ cpu_usage: 10 }, { for: 10 * minute });
  const nodes = core.nodes.list();
  const silent = await core.alerts.preview({
    rule: { ...aRule, condition: { kind: "node-offline" }, for: 5 * minute },
    nodes,
  });
  assert.equal(silent.count, 1);
  const [interval] = silent.nodes[0]?.intervals ?? [];
  const lasted = (interval?.to ?? 0) - (interval?.from ?? 0);
  assert.ok(Math.abs(lasted - 30 * minute) <= 3 * minute, `${lasted / minute} minutes`);
  const unsupported = await core.alerts.preview({
    rule: { ...aRule, condition: { kind: "container-died", name: "*" } },
    nodes,
  });
  assert.deepEqual([unsupported.supported, unsupported.count], [false, 0]);
  const elsewhere = await core.alerts.preview({ rule: { ...aRule, scope: { kind: "groups", groups: ["no"] } }, nodes });
  assert.deepEqual([elsewhere.nodesInScope, elsewhere.nodes], [0, []]);
});

test("a preview can be cancelled, and refuses a rule that is none", async (t) => {
  const core = await openAlerts(t);
  await addNodes(core.database, 2);
  const { alerts, nodes } = await core.restartAlerts();
  const cancelled = new AbortController();
  const preview = alerts.preview({ rule: aRule, nodes: nodes.list(), signal: cancelled.signal });
  cancelled.abort();
  await assert.rejects(preview, { code: "CANCELLED" });
  const quietHours = { days: [1], from: "00:00", to: "01:00", timeZone: "Mars/Olympus" };
  await assert.rejects(alerts.preview({ rule: { ...aRule, quietHours }, nodes: [] }), { code: "INVALID_PARAMS" });
  const flat = { kind: "rate", metric: "cpu_usage", per: hour, change: 0 } as const;
  await assert.rejects(alerts.saveRule(undefined, { ...aRule, condition: flat }), { code: "INVALID_PARAMS" });
});

test("a disk's future is previewed hour by hour", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  const start = core.clock.wallTime();
  for (let hours = 0; hours < 100; hours += 1) {
    core.clock.stall(hour);
    const usage = hours < 40 ? 40 : 40 + (hours - 40);
    await append(core.metrics, { time: start + hours * hour, values: { disk_usage: usage } });
  }
  await core.metrics.foldAll();
  const rule = { ...aRule, condition: { kind: "disk-forecast", within: 3 } as const, for: 0 };
  const preview = await core.alerts.preview({ rule, nodes: core.nodes.list() });
  assert.equal(preview.count, 1);
  const [interval] = preview.nodes[0]?.intervals ?? [];
  assert.ok((interval?.from ?? 0) > start + 45 * hour && (interval?.from ?? 0) < start + 95 * hour);
  assert.equal(interval?.to, undefined);
});
