import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { defaultRetention } from "../../../src-main/core/metrics/metricRetention.ts";
import type { MetricStore } from "../../../src-main/core/metrics/metricStore.ts";
import type { Database } from "../../../src-main/store/database.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { openDatabase } from "../../support/openDatabase.ts";
import { addNodes, append, openMetrics } from "../../support/openMetrics.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

failOnLeaks();

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.parse("2026-03-30T12:00:00Z");
const tables = ["metric_raw", "metric_minutes", "metric_quarters"] as const;

async function setUp(t: TestContext, { nodes = 1, maxBytes = 0 } = {}) {
  const database = await openDatabase(t);
  await addNodes(database, nodes);
  const clock = new ManualClock(now);
  return { database, clock, store: await openMetrics(t, { database, clock, maxBytes }) };
}

/** The oldest block start of each tier, as its age. */
async function ages({ kysely }: Database, at: number): Promise<Record<(typeof tables)[number], number | undefined>> {
  const oldest = async (table: (typeof tables)[number]): Promise<number | undefined> => {
    const row = await kysely.selectFrom(table).select("start").orderBy("start").limit(1).executeTakeFirst();
    return row === undefined ? undefined : at - row.start;
  };
  const [raw, minutes, quarters] = await Promise.all(tables.map(oldest));
  return { metric_raw: raw, metric_minutes: minutes, metric_quarters: quarters };
}

/** One folded sample per given age. */
async function fill(store: MetricStore, from: readonly number[], nodeKey = 1): Promise<void> {
  await Promise.all(from.map((age) => append(store, { nodeKey, time: now - age })));
  await store.foldAll();
}

const tiers = [
  ["metric_raw", defaultRetention.raw, hour],
  ["metric_minutes", defaultRetention.minutes, hour],
  ["metric_quarters", defaultRetention.quarters, day],
] as const;

for (const [table, keep, span] of tiers) {
  test(`${table} keeps what it must and lets go what is older`, async (t) => {
    const { database, store } = await setUp(t);
    const kept = [0, keep / 2, keep - 60_000];
    const gone = [keep + 2 * span + 60_000, keep * 1.5, keep * 2];
    await fill(store, [...kept, ...gone]);
    await store.prune();
    const rows = await database.kysely.selectFrom(table).select("start").execute();
    const starts = rows.map(({ start }) => now - start);
    assert.ok(
      starts.every((age) => age < keep + 2 * span),
      `${starts.join(" ")}`,
    );
    assert.equal(rows.length, kept.length);
  });
}

test("as time passes each tier lets go by itself, within the hour", async (t) => {
  const { database, clock, store } = await setUp(t);
  await fill(store, [0]);
  clock.advance(defaultRetention.raw - 2 * hour);
  await store.prune();
  assert.notEqual((await ages(database, now)).metric_raw, undefined);
  clock.advance(6 * hour);
  // What the timer started is done before this is.
  await store.prune();
  const { metric_raw: raw, metric_minutes: minutes } = await ages(database, now);
  assert.equal(raw, undefined);
  assert.notEqual(minutes, undefined);
  clock.advance(30 * day);
  await store.prune();
  assert.equal((await ages(database, now)).metric_minutes, undefined);
  assert.notEqual((await ages(database, now)).metric_quarters, undefined);
});

test("pruning reaches every node, however many there are", async (t) => {
  const { database, store } = await setUp(t, { nodes: 50 });
  for (let nodeKey = 1; nodeKey <= 50; nodeKey += 1) {
    await append(store, { nodeKey, time: now - 3 * defaultRetention.raw });
    await append(store, { nodeKey, time: now });
  }
  await store.foldAll();
  await store.prune();
  const rows = await database.kysely.selectFrom("metric_raw").select("node_key").execute();
  assert.equal(rows.length, 50);
});

/** Stored blocks of chance: as many bytes as they say, in every tier, spread evenly over its time. */
async function stuff(database: Database, bytes: number): Promise<void> {
  const random = new SeededRandom(1);
  const block = (): Uint8Array => random.bytes(8_000);
  const count = Math.ceil(bytes / 3 / 8_000);
  for (const [table, keep] of tiers) {
    const rows = Array.from({ length: count }, (_value, index) => {
      const start = Math.round(now - (keep * (index + 0.5)) / count);
      const row = { node_key: 1, start, block: block() };
      return table === "metric_raw"
        ? database.kysely.insertInto(table).values({ ...row, end: start })
        : database.kysely.insertInto(table).values(row);
    });
    await database.transact(rows);
  }
}

test("above the size cap the oldest of the finest history goes first", async (t) => {
  const maxBytes = 4_200_000;
  const { database, store } = await setUp(t, { maxBytes });
  await append(store, { time: now });
  await stuff(database, 3_900_000);
  assert.ok((await store.usedBytes()) > maxBytes);
  const before = await ages(database, now);
  await store.prune();
  assert.ok((await store.usedBytes()) <= maxBytes);
  const after = await ages(database, now);
  assert.ok((after.metric_raw ?? 0) < (before.metric_raw ?? 0) / 2, "the finest went first");
  assert.equal(after.metric_minutes, before.metric_minutes, "the coarser ones were not needed for it");
  assert.equal(after.metric_quarters, before.metric_quarters);
});

test("where the finest is not enough the next tier follows, and the coarsest is the last", async (t) => {
  const maxBytes = 2_500_000;
  const { database, store } = await setUp(t, { maxBytes });
  await append(store, { time: now });
  await stuff(database, 3_900_000);
  const before = await ages(database, now);
  await store.prune();
  assert.ok((await store.usedBytes()) <= maxBytes);
  const after = await ages(database, now);
  assert.ok((after.metric_minutes ?? 0) < (before.metric_minutes ?? 0));
  assert.equal(after.metric_quarters, before.metric_quarters);
});

test("a chart after such a cut reads the finest tier that still covers its range", async (t) => {
  const { database, store } = await setUp(t, { maxBytes: 3_000_000 });
  await append(store, { time: now });
  await stuff(database, 3_900_000);
  const request = { metrics: ["cpu_usage"] as const, from: now - 47 * hour, to: now - 46 * hour, points: 600 };
  assert.equal((await store.history(99, request)).resolution, 0);
  await store.prune();
  assert.equal((await store.history(99, request)).resolution, 60_000);
});

test("what a cut took stays gone for charts when there is room again", async (t) => {
  const { database, clock, store } = await setUp(t, { maxBytes: 4_200_000 });
  await append(store, { time: now });
  await stuff(database, 3_900_000);
  await store.prune();
  clock.advance(1_000);
  await store.prune();
  const request = { metrics: ["cpu_usage"] as const, from: now - 47 * hour, to: now - 46 * hour, points: 600 };
  assert.equal((await store.history(99, request)).resolution, 60_000);
  assert.equal((await store.history(99, { ...request, from: now - hour, to: now })).resolution, 0);
});

test("what a cut took stays gone for charts after a restart", async (t) => {
  const { database, clock, store } = await setUp(t, { maxBytes: 4_200_000 });
  await append(store, { time: now });
  await stuff(database, 3_900_000);
  await store.prune();
  const restarted = await openMetrics(t, { database, clock, maxBytes: 4_200_000 });
  const request = { metrics: ["cpu_usage"] as const, from: now - 47 * hour, to: now - 46 * hour, points: 600 };
  assert.equal((await restarted.history(99, request)).resolution, 60_000);
});

test("a clock that was ahead while the size cap cut does not take what is new afterwards", async (t) => {
  const { database, clock, store } = await setUp(t, { maxBytes: 4_200_000 });
  await append(store, { time: now });
  await stuff(database, 3_900_000);
  clock.jump(day);
  await store.prune();
  clock.jump(-day);
  await store.foldAll();
  await fill(store, [1_000, 60_000]);
  await store.prune();
  const request = { metrics: ["cpu_usage"] as const, from: now - 120_000, to: now + 1_000, points: 600 };
  assert.deepEqual((await store.history(1, request)).times.length, 3);
});

test("what was pruned is given back to the disk", async (t) => {
  const { database, store } = await setUp(t);
  await append(store, { time: now });
  await stuff(database, 12_000_000);
  const pages = async (): Promise<number> => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.kysely);
    return rows[0]?.page_count ?? 0;
  };
  const before = await pages();
  for (const table of tables) await database.kysely.deleteFrom(table).execute();
  for (let step = 0; step < 5; step += 1) await store.prune();
  assert.ok((await pages()) < before / 3, `${await pages()} pages of ${before} are left`);
});
