import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { metricNames } from "../../../src-main/core/metrics/metricColumns.ts";
import type { History } from "../../../src-main/core/metrics/metricHistory.ts";
import type { MetricStore } from "../../../src-main/core/metrics/metricStore.ts";
import { Database } from "../../../src-main/store/database.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { startChild } from "../../support/killableChild.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { addNodes, append, openMetrics, rawSamples } from "../../support/openMetrics.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

const start = Date.parse("2026-03-01T12:00:00Z");

/** Opens file and store, lets `use` work with them, and closes both in order. */
async function session<T>(file: string, use: (store: MetricStore, database: Database) => Promise<T>): Promise<T> {
  const database = await Database.open({ file });
  const closers: (() => unknown)[] = [];
  const owner = { after: (close: () => unknown) => closers.push(close) };
  const store = await openMetrics(owner as Parameters<typeof openMetrics>[0], {
    database,
    clock: new ManualClock(start + 3_600_000),
  });
  try {
    return await use(store, database);
  } finally {
    for (const close of closers) await close();
    await database.close();
  }
}

const range = { from: start - 600_000, to: start + 3_600_000 };

/** What every chart of the last hour shows, fine and coarse. */
async function charts(store: MetricStore): Promise<History[]> {
  const request = { metrics: metricNames, ...range };
  const points = [4_200, 70, 5];
  return Promise.all([1, 2].flatMap((key) => points.map((count) => store.history(key, { ...request, points: count }))));
}

function folder(t: Parameters<typeof temporaryFolder>[0]): string {
  return join(temporaryFolder(t), "picket.db");
}

test("after a restart everything is there, and what was sent before is not stored again", async (t) => {
  const file = folder(t);
  const times = Array.from({ length: 40 }, (_, index) => start + index * 1_000);
  await session(file, async (store, database) => {
    await addNodes(database, 2);
    for (const time of times.slice(0, 20)) await append(store, { time, values: { cpu_usage: 3 } });
    await store.foldAll();
    for (const time of times.slice(20)) await append(store, { time, values: { cpu_usage: 4 } });
  });
  await session(file, async (store) => {
    assert.equal(store.latest(1)?.time, times.at(-1));
    for (const time of times) await append(store, { time });
    assert.equal(store.storedCount, 0);
    assert.deepEqual(Object.keys(await rawSamples(store, 1, range)).map(Number), times);
    const again = { time: start + 60_000, values: { cpu_usage: 5 } };
    await append(store, again);
    assert.equal(store.storedCount, 1);
  });
});

test("folding changes no chart: the same before, between and after, also over restarts", async (t) => {
  const file = folder(t);
  const random = new SeededRandom(4);
  const sample = (nodeKey: number) => ({
    nodeKey,
    time: start + random.below(3_000) * 1_000,
    values: { cpu_usage: random.below(1_000) / 10, memory_available: random.below(1e6) * 4_096, uptime: 7 },
  });
  const before = await session(file, async (store, database) => {
    await addNodes(database, 2);
    for (let round = 0; round < 6; round += 1) {
      await Promise.all(Array.from({ length: 60 }, (_, index) => append(store, sample(1 + (index % 2)))));
      if (round % 2 === 1) {
        const unfolded = await charts(store);
        await store.foldAll();
        assert.deepEqual(await charts(store), unfolded, `round ${round}`);
      }
    }
    await Promise.all(Array.from({ length: 20 }, () => append(store, sample(1))));
    return charts(store);
  });
  const after = await session(file, async (store) => {
    assert.deepEqual(await charts(store), before);
    await store.foldAll();
    return charts(store);
  });
  assert.deepEqual(after, before);
  await session(file, async (store, database) => {
    assert.deepEqual(await charts(store), before);
    assert.deepEqual(await database.kysely.selectFrom("metric_journal").selectAll().execute(), []);
  });
});

test("samples of a node that is gone are not taken up from the journal", async (t) => {
  const file = folder(t);
  await session(file, async (store, database) => {
    await addNodes(database, 2);
    await Promise.all([1, 2].map((nodeKey) => append(store, { nodeKey, time: start })));
    await store.remove(1);
    await database.kysely.deleteFrom("nodes").where("key", "=", 1).execute();
  });
  await session(file, async (store, database) => {
    assert.equal(store.latest(1), undefined);
    assert.equal(store.latest(2)?.time, start);
    await store.foldAll();
    const rows = await database.kysely.selectFrom("metric_raw").select("node_key").execute();
    assert.deepEqual(rows, [{ node_key: 2 }]);
  });
});

test("every acked sample is there after kill -9 in the middle of appends and folds, and none twice", async (t) => {
  const file = folder(t);
  await session(file, (_, database) => addNodes(database, 2));
  const random = new SeededRandom(9);
  const acked = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    const from = start + round * 100_000_000;
    const child = startChild(t, join(import.meta.dirname, "ackedSamples.ts"), [file, `${from}`]);
    const enough = 1 + random.below(250);
    await eventually(() => child.lines.length >= enough);
    await child.kill();
    for (const line of child.lines) acked.add(line);
  }
  const wanted = [...acked].map((line) => line.split(" ").map(Number) as [number, number]);
  for (const state of ["recovered", "folded"]) {
    await session(file, async (store) => {
      if (state === "folded") await store.foldAll();
      const known = wanted.map(([nodeKey, time]) => append(store, { nodeKey, time, values: { cpu_usage: 99 } }));
      await Promise.all(known);
      assert.equal(store.storedCount, 0, `acked, and not there when ${state}`);
    });
  }
});

test("a sample that is counted twice would show: the averages after a crash are those of the seconds", async (t) => {
  const file = folder(t);
  await session(file, (_, database) => addNodes(database, 2));
  const child = startChild(t, join(import.meta.dirname, "ackedSamples.ts"), [file, `${start}`]);
  await eventually(() => child.lines.length >= 800);
  await child.kill();
  await session(file, async (store) => {
    await store.foldAll();
    const minute = { metrics: ["cpu_usage"] as const, from: start, to: start + 300_000, points: 5 };
    const history = await store.history(1, minute);
    assert.equal(history.resolution, 60_000);
    history.times.slice(0, 5).forEach((time, index) => {
      const seconds = Array.from({ length: 60 }, (_, second) => (time / 1_000 + second) % 97);
      const average = seconds.reduce((sum, value) => sum + value, 0) / 60;
      assert.ok(Math.abs((history.series.cpu_usage?.avg[index] ?? 0) - average) < 0.001, `minute ${index}`);
    });
  });
});
