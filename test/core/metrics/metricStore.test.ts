import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredSample } from "../../../src-main/core/metrics/metricStore.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { nextTurn } from "../../support/nextTurn.ts";
import { openDatabase } from "../../support/openDatabase.ts";
import { addNodes, append, openMetrics, rawSamples } from "../../support/openMetrics.ts";

failOnLeaks();

const start = Date.parse("2026-03-01T12:00:00Z");
const range = { from: start - 3_600_000, to: start + 3_600_000 };

async function setUp(t: Parameters<typeof openDatabase>[0], maxBytes = 0) {
  const database = await openDatabase(t, maxBytes);
  await addNodes(database, 3);
  const clock = new ManualClock(start);
  const store = await openMetrics(t, { database, clock });
  const journal = async (): Promise<number> =>
    (await database.kysely.selectFrom("metric_journal").select("id").execute()).length;
  return { database, clock, store, journal };
}

test("an ack means stored: the sample is in the database when it is told", async (t) => {
  const { store, journal } = await setUp(t);
  assert.equal(await append(store, { time: start, values: { cpu_usage: 12.5, uptime: 7 } }), undefined);
  assert.equal(await journal(), 1);
  assert.equal(store.latest(1)?.time, start);
  assert.equal(store.latest(1)?.values[0], 12.5);
  assert.equal(store.storedCount, 1);
  assert.deepEqual(await rawSamples(store, 1, range), { [start]: 12.5 });
});

test("what comes in one turn is one commit, however many nodes it is from", async (t) => {
  const { store, journal } = await setUp(t);
  const acks = [1, 2, 3].flatMap((nodeKey) =>
    Array.from({ length: 50 }, (_, index) => append(store, { nodeKey, time: start + index * 1_000 })),
  );
  assert.deepEqual(new Set(await Promise.all(acks)), new Set([undefined]));
  assert.equal(await journal(), 1);
  assert.equal(Object.keys(await rawSamples(store, 2, range)).length, 50);
});

test("a sample that is sent again while the first one is on its way to the disk is stored once", async (t) => {
  const { store } = await setUp(t);
  const first = append(store, { time: start });
  await nextTurn();
  const again = append(store, { time: start });
  assert.deepEqual(await Promise.all([first, again]), [undefined, undefined]);
  assert.equal(store.storedCount, 1);
});

test("a sample that is sent again is acked and stored once, wherever the first one is by then", async (t) => {
  const { store } = await setUp(t);
  const sample = { time: start, values: { cpu_usage: 5 } };
  await Promise.all([append(store, sample), append(store, sample)]);
  await append(store, sample);
  assert.equal(store.storedCount, 1);
  await store.foldAll();
  await append(store, sample);
  assert.equal(store.storedCount, 1);
  await store.foldAll();
  const minutes = { metrics: ["cpu_usage"] as const, from: start, to: start + 60_000, points: 1 };
  const history = await store.history(1, minutes);
  assert.deepEqual(history.series.cpu_usage, { min: [5], avg: [5], max: [5] });
});

test("late and disordered samples find their places, and the newest stays the newest", async (t) => {
  const { store } = await setUp(t);
  const seconds = [5, 1, 9, 3, 7, 0, 8, 2, 6, 4];
  for (const second of seconds) await append(store, { time: start + second * 1_000, values: { cpu_usage: second } });
  assert.equal(store.latest(1)?.values[0], 9);
  await store.foldAll();
  for (const second of [12, 11, 10.5]) {
    await append(store, { time: start + second * 1_000, values: { cpu_usage: second } });
  }
  await append(store, { time: start + 500, values: { cpu_usage: 100 } });
  const expected = Object.fromEntries(
    [...seconds, 11, 12].map((second): [number, number] => [start + second * 1_000, second]),
  );
  expected[start] = 50;
  expected[start + 10_000] = 10.5;
  assert.deepEqual(await rawSamples(store, 1, range), expected);
  assert.equal(store.latest(1)?.values[0], 12);
});

test("many late samples at once are each stored once", async (t) => {
  const { store } = await setUp(t);
  await append(store, { time: start + 3_000_000 });
  await store.foldAll();
  const times = Array.from({ length: 200 }, (_, index) => start + (index % 100) * 1_000);
  await Promise.all(times.map((time) => append(store, { time })));
  assert.equal(store.storedCount, 101);
});

test("listeners hear of every sample once, when it is stored", async (t) => {
  const { store } = await setUp(t);
  const all: StoredSample[] = [];
  const own: StoredSample[] = [];
  const everything = store.onSample((sample) => all.push(sample));
  const ofOne = store.onSampleOf(2, (sample) => own.push(sample));
  const acked = [append(store, { nodeKey: 1, time: start }), append(store, { nodeKey: 2, time: start })];
  assert.deepEqual([all.length, own.length], [0, 0]);
  await Promise.all(acked);
  await append(store, { nodeKey: 2, time: start });
  assert.deepEqual(
    all.map(({ nodeKey }) => nodeKey),
    [1, 2],
  );
  assert.deepEqual(
    own.map(({ nodeKey }) => nodeKey),
    [2],
  );
  everything.dispose();
  ofOne.dispose();
  await append(store, { nodeKey: 2, time: start + 1 });
  assert.deepEqual([all.length, own.length], [2, 1]);
});

test("samples are folded after a while, and the journal does not grow", async (t) => {
  const { clock, store, journal, database } = await setUp(t);
  const blocks = async (): Promise<number> =>
    (await database.kysely.selectFrom("metric_raw").select("start").execute()).length;
  for (let second = 0; second < 10; second += 1) await append(store, { time: start + second * 1_000 });
  assert.deepEqual([await journal(), await blocks()], [10, 0]);
  clock.advance(7 * 60_000);
  // What the timers started is done before this is.
  await store.foldAll();
  assert.deepEqual([await journal(), await blocks()], [0, 1]);
});

test("a node that is removed leaves nothing, not even what was on its way", async (t) => {
  const { store, database } = await setUp(t);
  for (const nodeKey of [1, 2]) {
    await append(store, { nodeKey, time: start });
  }
  await store.foldAll();
  for (const nodeKey of [1, 2]) await append(store, { nodeKey, time: start + 1_000 });
  const folding = store.foldAll();
  const onItsWay = append(store, { nodeKey: 1, time: start + 2_000 });
  const removed = store.remove(1);
  await onItsWay;
  await Promise.all([folding, store.foldAll(), removed]);
  await append(store, { nodeKey: 1, time: start + 3_000 });
  await store.foldAll();
  for (const table of ["metric_raw", "metric_minutes", "metric_quarters", "metric_series"] as const) {
    const rows = await database.kysely.selectFrom(table).select("node_key").execute();
    assert.deepEqual([...new Set(rows.map(({ node_key: key }) => key))], [2], table);
  }
  assert.equal(store.latest(1), undefined);
  assert.deepEqual(await rawSamples(store, 1, range), {});
  assert.equal(Object.keys(await rawSamples(store, 2, range)).length, 2);
});

test("while the disk is full samples are refused and everybody is told; afterwards they are stored again", async (t) => {
  const { store, database } = await setUp(t, 1_000_000);
  await append(store, { time: start });
  const told: (string | undefined)[] = [];
  store.onHealth((failure) => told.push(failure?.code));
  const row = { time: 1, actor: "a", action: "b", target: "", outcome: "done", hash: "" };
  const fill = async (): Promise<void> => {
    for (let sequence = 1; ; sequence += 1) {
      const large = { ...row, sequence, details_json: "x".repeat(8_000) };
      await database.kysely.insertInto("audit").values(large).execute();
    }
  };
  await assert.rejects(fill());
  const refused: string[] = [];
  for (let second = 1; second < 2_000 && refused.length < 3; second += 1) {
    const error = await append(store, { time: start + second * 1_000 });
    if (error !== undefined) refused.push(`${error.code} ${error.details}`);
  }
  assert.deepEqual(
    refused,
    Array.from({ length: 3 }, () => "DATABASE_ERROR the disk is full"),
  );
  assert.equal(store.failure?.code, "DATABASE_ERROR");
  assert.deepEqual(told, ["DATABASE_ERROR"], "told once, not at every sample");
  const before = store.storedCount;
  await database.kysely.deleteFrom("audit").execute();
  const again = start + 5_000_000;
  assert.equal(await append(store, { time: again }), undefined);
  assert.deepEqual(told, ["DATABASE_ERROR", undefined]);
  assert.equal(store.failure, undefined);
  assert.equal(store.storedCount, before + 1);
  assert.equal(store.latest(1)?.time, again);
});

test("a sample that was refused can be sent again", async (t) => {
  const { store, database } = await setUp(t, 1_000_000);
  const fill = async (): Promise<void> => {
    for (;;)
      await database.kysely
        .insertInto("metric_journal")
        .values({ samples: new Uint8Array(4_000) })
        .execute();
  };
  await assert.rejects(fill());
  let time = start;
  while ((await append(store, { time, values: { cpu_usage: 3 } })) === undefined) time += 1_000;
  await database.kysely.deleteFrom("metric_journal").execute();
  assert.equal(await append(store, { time: time + 1_000 }), undefined);
  assert.equal(await append(store, { time, values: { cpu_usage: 3 } }), undefined);
  assert.equal((await rawSamples(store, 1, { from: time, to: time + 1_000 }))[time], 3);
});
