import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeJournal, encodeJournal, type JournalSample } from "../../../src-main/core/metrics/journalCodec.ts";
import { metricCount, metricNames, noValues } from "../../../src-main/core/metrics/metricColumns.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

test("samples come back as they were written, whatever they have and lack", () => {
  const random = new SeededRandom(1);
  for (let round = 0; round < 200; round += 1) {
    const samples = Array.from(
      { length: random.below(20) },
      (): JournalSample => ({
        nodeKey: random.pick([1, 2, 4_000_000_000]),
        time: 1_767_225_600_000 + random.below(1e9) + random.pick([0, 0.5]),
        values: noValues().map(() =>
          random.chance(0.4) ? Number.NaN : (random.next() - 0.3) * 10 ** random.below(20),
        ),
      }),
    );
    assert.deepEqual(decodeJournal(encodeJournal(samples)), samples);
  }
});

test("every metric has its bit: none more than sixteen", () => {
  assert.ok(metricCount <= 16);
  metricNames.forEach((_, metric) => {
    const values = noValues();
    values[metric] = metric + 1;
    assert.deepEqual(decodeJournal(encodeJournal([{ nodeKey: 1, time: 5, values }]))[0]?.values, values);
  });
});

test("a row that is cut off is refused", () => {
  const row = encodeJournal([{ nodeKey: 1, time: 5, values: noValues().fill(2) }]);
  for (let length = 1; length < row.length; length += 1) {
    assert.throws(() => decodeJournal(row.subarray(0, length)), RangeError, `${length} bytes`);
  }
});
