import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { HistoryRequest } from "../../../src-main/core/metrics/metricHistory.ts";
import type { MetricStore } from "../../../src-main/core/metrics/metricStore.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { openDatabase } from "../../support/openDatabase.ts";
import { addNodes, append, byTime, openMetrics } from "../../support/openMetrics.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

failOnLeaks();

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Noon; the clock stands here. */
const now = Date.parse("2026-03-30T12:00:00Z");

async function setUp(t: TestContext): Promise<MetricStore> {
  const database = await openDatabase(t);
  await addNodes(database, 1);
  return openMetrics(t, { database, clock: new ManualClock(now) });
}

function request(from: number, to: number, points: number): HistoryRequest {
  return { metrics: ["cpu_usage"], from, to, points };
}

const ranges: readonly (readonly [what: string, from: number, points: number, resolution: number, step: number])[] = [
  ["10 minutes", now - 10 * minute, 600, 0, 1_000],
  ["an hour", now - hour, 600, 0, 10_000],
  ["six hours", now - 6 * hour, 600, 0, 60_000],
  ["six hours in a small chart", now - 6 * hour, 100, minute, 300_000],
  ["a day", now - day, 600, minute, 300_000],
  ["two days", now - 2 * day, 600, minute, 300_000],
  ["an hour of three days ago", now - 3 * day, 6_000, minute, 60_000],
  ["a week", now - 7 * day, 600, 15 * minute, 1_800_000],
  ["a week in a wide chart", now - 7 * day, 2_000, minute, 600_000],
  ["30 days", now - 30 * day, 600, 15 * minute, 7_200_000],
  ["a day of 40 days ago", now - 40 * day, 60_000, 15 * minute, 900_000],
  ["13 months", now - 396 * day, 600, 15 * minute, 86_400_000],
  ["13 months in a tiny chart", now - 396 * day, 10, 15 * minute, 40 * 86_400_000],
];

test("a chart reads the coarsest tier that still fills it, with steps that people read", async (t) => {
  const store = await setUp(t);
  for (const [what, from, points, resolution, step] of ranges) {
    const to = what.includes(" ago") ? from + (what.startsWith("an hour") ? hour : day) : now;
    const history = await store.history(1, request(from, to, points));
    assert.deepEqual({ resolution: history.resolution, step: history.step }, { resolution, step }, what);
    assert.ok(step >= (to - from) / points, "no more points than the chart has room for");
  }
});

test("stored and open samples make one chart, in each tier", async (t) => {
  const store = await setUp(t);
  const from = now - 2 * hour;
  const samples = Array.from({ length: 2 * 60 }, (_, index) => ({ time: from + index * minute, value: index % 7 }));
  for (const [index, { time, value }] of samples.entries()) {
    await append(store, { time, values: { cpu_usage: value } });
    if (index === 40 || index === 80) await store.foldAll();
  }
  for (const [points, step] of [
    [7_200, 1_000],
    [120, minute],
    [8, 15 * minute],
  ] as const) {
    const history = await store.history(1, request(from, now, points));
    assert.equal(history.step, step);
    const expected: Record<number, number> = {};
    for (let start = from; start < now; start += step) {
      const values = samples.filter(({ time }) => time >= start && time < start + step).map(({ value }) => value);
      if (values.length === 0) continue;
      expected[start] = Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 1_000) / 1_000;
    }
    assert.deepEqual(byTime(history, "cpu_usage"), expected);
  }
});

test("least, average and most of a point are those of its samples", async (t) => {
  const store = await setUp(t);
  const from = now - 30 * minute;
  for (const [second, value] of [
    [0, 5],
    [10, 1],
    [20, 9],
    [60, 4],
  ] as const) {
    await append(store, { time: from + second * 1_000, values: { cpu_usage: value } });
  }
  const { times, series } = await store.history(1, request(from, now, 30));
  assert.deepEqual(times, [from, from + minute]);
  assert.deepEqual(series.cpu_usage, { min: [1, 4], avg: [5, 4], max: [9, 4] });
});

test("the start of a range is in it, its end is not", async (t) => {
  const store = await setUp(t);
  const [from, to] = [now - 20 * minute, now - 10 * minute];
  for (const time of [from - 1, from, to - 1, to]) await append(store, { time });
  for (const folded of [false, true]) {
    if (folded) await store.foldAll();
    const { times } = await store.history(1, request(from, to, 600));
    assert.deepEqual(times, [from, to - 1_000]);
  }
});

test("the point that a range starts in is shown whole, whatever it is read from", async (t) => {
  const store = await setUp(t);
  const point = now - hour;
  // In the first half of the point, folded apart, and in the second half.
  await append(store, { time: point + 2_000, values: { cpu_usage: 10 } });
  await store.foldAll();
  await append(store, { time: point + 8_000, values: { cpu_usage: 20 } });
  for (const folded of [false, true]) {
    if (folded) await store.foldAll();
    const { times, series, step } = await store.history(1, request(point + 5_000, point + hour, 400));
    assert.deepEqual([step, times, series.cpu_usage?.avg], [10_000, [point], [15]]);
  }
});

test("so it is with points of several days", async (t) => {
  const store = await setUp(t);
  const step = 14 * day;
  const point = Math.floor((now - 100 * day) / step) * step;
  await append(store, { time: point + hour, values: { cpu_usage: 10 } });
  await append(store, { time: point + 13 * day, values: { cpu_usage: 20 } });
  await store.foldAll();
  const history = await store.history(1, request(point + 12 * day, point + 12 * day + 28 * day, 2));
  assert.equal(history.step, step);
  assert.deepEqual(history.series.cpu_usage?.avg, [15]);
});

test("a metric without a value in a point is null there, and a point without any is left out", async (t) => {
  const store = await setUp(t);
  const from = now - 10 * minute;
  await append(store, { time: from, values: { cpu_usage: 1 } });
  await append(store, { time: from + 2_000, values: { uptime: 2 } });
  const history = await store.history(1, { ...request(from, now, 600), metrics: ["uptime", "cpu_usage"] });
  assert.deepEqual(history.times, [from, from + 2_000]);
  assert.deepEqual(history.series, {
    uptime: { min: [null, 2], avg: [null, 2], max: [null, 2] },
    cpu_usage: { min: [1, null], avg: [1, null], max: [1, null] },
  });
});

test("a node without samples has an empty chart", async (t) => {
  const store = await setUp(t);
  for (const nodeKey of [1, 99]) {
    const { times, series } = await store.history(nodeKey, request(now - day, now, 600));
    assert.deepEqual([times, series.cpu_usage], [[], { min: [], avg: [], max: [] }]);
  }
});

test("points of a day start at midnight UTC, also where a summer begins in the middle", async (t) => {
  const store = await setUp(t);
  // Europe's clocks went forward on 29 March 2026.
  const first = Date.parse("2026-03-20T00:00:00Z");
  for (let index = 0; index < 10; index += 1) {
    const time = first + index * day;
    for (const at of [time, time + day - 1]) await append(store, { time: at, values: { cpu_usage: index } });
  }
  await store.foldAll();
  const history = await store.history(1, request(first, first + 10 * day, 10));
  assert.deepEqual(
    byTime(history, "cpu_usage"),
    Object.fromEntries(Array.from({ length: 10 }, (_, index) => [first + index * day, index])),
  );
});

test("every tier agrees with a plain model, over folds at random moments", async (t) => {
  const store = await setUp(t);
  const random = new SeededRandom(6);
  const from = now - 5 * hour;
  const samples: { time: number; value: number }[] = [];
  for (let round = 0; round < 8; round += 1) {
    const group = Array.from({ length: 150 }, () => ({
      time: from + random.below(5 * 3_600) * 1_000,
      value: random.below(1_000) / 10,
    }));
    const known = new Set(samples.map(({ time }) => time));
    const fresh = group.filter(
      ({ time }, index) => !known.has(time) && group.findIndex((one) => one.time === time) === index,
    );
    samples.push(...fresh);
    await Promise.all(fresh.map(({ time, value }) => append(store, { time, values: { cpu_usage: value } })));
    if (random.chance(0.6)) await store.foldAll();
  }
  for (const points of [18_000, 300, 60, 20, 5]) {
    const history = await store.history(1, request(from, now, points));
    const buckets = new Map<number, number[]>();
    for (const { time, value } of samples) {
      const bucket = Math.floor(time / history.step) * history.step;
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), value]);
    }
    const times = [...buckets.keys()].sort((a, b) => a - b);
    assert.deepEqual(history.times, times, `${points} points`);
    times.forEach((time, index) => {
      const values = buckets.get(time) ?? [];
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.equal(history.series.cpu_usage?.min[index], Math.min(...values));
      assert.equal(history.series.cpu_usage?.max[index], Math.max(...values));
      assert.ok(Math.abs((history.series.cpu_usage?.avg[index] ?? 0) - average) < 0.002);
    });
  }
});
