import assert from "node:assert/strict";
import { test } from "node:test";
import { metricCount, noValues } from "../../../src-main/core/metrics/metricColumns.ts";
import {
  blockStart,
  minuteTier,
  quarterTier,
  RollupBlock,
  type RollupRow,
  rollupTiers,
} from "../../../src-main/core/metrics/rollup.ts";
import { SampleBuffer, type SampleTable, splitBySpan } from "../../../src-main/core/metrics/sampleTable.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

const start = Date.parse("2026-03-01T00:00:00Z");

function tableOf(samples: readonly (readonly [time: number, ...values: number[]])[]): SampleTable {
  const buffer = new SampleBuffer();
  for (const [time, ...given] of samples) {
    const values = noValues();
    given.forEach((value, metric) => {
      values[metric] = value;
    });
    buffer.add(time, values);
  }
  return buffer.toTable();
}

function rowsOf(block: RollupBlock, metric: number): Map<number, RollupRow> {
  const rows = new Map<number, RollupRow>();
  block.visit(metric, (time, row) => rows.set(time, row));
  return rows;
}

for (const tier of rollupTiers) {
  test(`rows of ${tier.step / 60_000} min say least, most, sum and number of what fell into them`, () => {
    const random = new SeededRandom(tier.step);
    const samples = Array.from({ length: 800 }, (): [number, number, number] => [
      start + random.below(tier.span * 1.2) - tier.span * 0.1,
      random.chance(0.1) ? Number.NaN : random.below(100_000) / 1_000,
      random.below(1_000_000) * 4_096,
    ]);
    let block = RollupBlock.empty(tier, start);
    // In three parts with the stored form between them, as folds add to it.
    for (let part = 0; part < 3; part += 1) {
      block.add(tableOf(samples.filter((_, index) => index % 3 === part)));
      block = RollupBlock.decode(tier, { start, block: block.encode() });
    }
    for (const metric of [0, 1]) {
      const naive = new Map<number, number[]>();
      for (const [time, ...values] of samples) {
        const value = values[metric] ?? Number.NaN;
        if (time < start || time >= start + tier.span || Number.isNaN(value)) continue;
        const row = Math.floor(time / tier.step) * tier.step;
        naive.set(row, [...(naive.get(row) ?? []), value]);
      }
      const rows = rowsOf(block, metric);
      assert.deepEqual([...rows.keys()].sort(), [...naive.keys()].sort());
      for (const [time, values] of naive) {
        const row = rows.get(time);
        assert.ok(row !== undefined);
        assert.equal(row.count, values.length);
        assert.equal(row.min, Math.min(...values));
        assert.equal(row.max, Math.max(...values));
        const sum = values.reduce((total, value) => total + value, 0);
        assert.ok(Math.abs(row.sum - sum) < 1e-6, `${row.sum} instead of ${sum}`);
      }
    }
    for (let metric = 2; metric < metricCount; metric += 1) assert.equal(rowsOf(block, metric).size, 0);
  });
}

test("a sample on the edge belongs to the row that starts there", () => {
  const block = RollupBlock.empty(minuteTier, start);
  block.add(
    tableOf([
      [start + 59_999, 1],
      [start + 60_000, 2],
      [start + 60_001, 3],
    ]),
  );
  const rows = rowsOf(block, 0);
  assert.deepEqual(rows.get(start), { count: 1, min: 1, max: 1, sum: 1 });
  assert.deepEqual(rows.get(start + 60_000), { count: 2, min: 2, max: 3, sum: 5 });
});

test("the sum of a thousand decimals has not drifted", () => {
  const block = RollupBlock.empty(quarterTier, start);
  block.add(tableOf(Array.from({ length: 900 }, (_, index) => [start + index * 1_000, 0.1])));
  assert.equal(rowsOf(block, 0).get(start)?.sum, 90);
});

test("blocks start at full hours and at midnight UTC, also before 1970", () => {
  assert.equal(blockStart(minuteTier, start + 3_599_999), start);
  assert.equal(blockStart(minuteTier, start + 3_600_000), start + 3_600_000);
  assert.equal(blockStart(quarterTier, start + 86_399_999), start);
  assert.equal(blockStart(quarterTier, -1), -86_400_000);
});

test("only the metrics that are asked for are read of a stored block", () => {
  const block = RollupBlock.empty(minuteTier, start);
  block.add(tableOf([[start, 1, 2, 3]]));
  const read = RollupBlock.decode(minuteTier, { start, block: block.encode() }, [2, 0]);
  assert.equal(rowsOf(read, 0).get(start)?.sum, 3);
  assert.equal(rowsOf(read, 1).get(start)?.sum, 1);
  assert.equal(rowsOf(read, 2).size, 0);
});

test("samples come out in the order of their times, in tables of an hour at most", () => {
  const random = new SeededRandom(2);
  const times = Array.from({ length: 500 }, () => start + random.below(10 * 3_600_000));
  const table = tableOf(times.map((time) => [time, time % 1_000]));
  const parts = splitBySpan(table);
  assert.ok(parts.length >= 10);
  assert.deepEqual(
    parts.flatMap((part) => [...part.times]),
    times.toSorted((a, b) => a - b),
  );
  for (const { times: own, columns } of parts) {
    assert.ok((own.at(-1) ?? 0) - (own[0] ?? 0) < 3_600_000);
    assert.deepEqual(
      columns[0],
      own.map((time) => time % 1_000),
    );
  }
  assert.deepEqual(splitBySpan(tableOf([])), []);
});
