import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeColumns, encodeColumns } from "../../../src-main/core/metrics/columnCodec.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

const none = Number.NaN;

function decodeAll(block: Uint8Array, count: number): Float64Array[] {
  return decodeColumns(
    block,
    Array.from({ length: count }, (_, index) => index),
  );
}

function assertSame(actual: readonly Float64Array[], expected: readonly Float64Array[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((column, index) => {
    const found = actual[index] ?? new Float64Array(0);
    assert.equal(found.length, column.length, what);
    const wrong = column.findIndex(
      (value, row) => value !== found[row] && !(Number.isNaN(value) && Number.isNaN(found[row])),
    );
    assert.equal(wrong, -1, `${what}: column ${index}, row ${wrong}: ${found[wrong]} instead of ${column[wrong]}`);
  });
}

const cases: readonly (readonly [what: string, column: readonly number[]])[] = [
  ["nothing", []],
  ["one number", [5]],
  ["no value at all", [none, none, none]],
  ["values and gaps", [none, 1, none, none, 2, 3, none, 4, 5, none]],
  ["percents with one decimal", [0, 12.5, 99.9, 100, 0.1]],
  ["decimals that are no sum of tenths in binary", [0.1, 0.2, 0.30000000000000004, 1.005, 2.675]],
  ["thirds", [1 / 3, 2 / 3, 4 / 3]],
  ["bytes in pages", [8_589_934_592, 8_589_938_688, 8_589_930_496]],
  ["an even pace", Array.from({ length: 100 }, (_, index) => 1_767_225_600_000 + index * 5_000)],
  ["negative numbers", [-1, -2.5, -1e9, 0, 7]],
  ["the largest whole numbers", [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0]],
  ["huge jumps that then run evenly", [2.2e15, -2.2e15, -2.2e15 + 1, -2.2e15 + 2, -2.2e15 + 3, -2.2e15 + 4]],
  ["the other way round", [-2.2e15, 2.2e15, 2.2e15 - 1, 2.2e15 - 2, 2.2e15 - 3, 2.2e15 - 4]],
  ["what only floating point holds", [1e300, -1e-300, Number.MIN_VALUE, Number.MAX_VALUE, Math.PI]],
  ["infinities", [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1]],
];

for (const [what, values] of cases) {
  test(`comes back exactly: ${what}`, () => {
    const columns = [Float64Array.from(values)];
    assertSame(decodeAll(encodeColumns(columns), 1), columns, what);
  });
}

/** Columns as they might be, and as they should never be. */
const kinds: readonly ((random: SeededRandom, row: number) => number)[] = [
  (random) => random.below(1_000) / 10,
  (random) => random.below(100_000) / 1_000,
  (_, row) => 1_767_225_600_000 + row * 5_000,
  (random, row) => 1_767_225_600_000 + row * 5_000 + random.below(40),
  (random) => random.below(2 ** 31) * 4_096,
  (random) => random.next() * 10 ** (random.below(40) - 20),
  (random) => (random.next() - 0.5) * Number.MAX_SAFE_INTEGER,
  (random) => Math.round((random.next() - 0.5) * Number.MAX_SAFE_INTEGER),
  (random) => -random.below(1_000),
  () => none,
  () => 42,
];

test("any columns come back exactly", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new SeededRandom(seed);
    const rows = random.pick([0, 1, 2, 3, 8, 9, 60, 500]);
    const gaps = random.pick([0, 0, 0.1, 0.9]);
    const columns = Array.from({ length: 1 + random.below(12) }, () => {
      const kind = random.pick(kinds);
      return Float64Array.from({ length: rows }, (_, row) => (random.chance(gaps) ? none : kind(random, row)));
    });
    assertSame(decodeAll(encodeColumns(columns), columns.length), columns, `chance ${seed}`);
  }
});

test("only the columns that are asked for are unpacked, in the order in which they are", () => {
  const columns = [1, 2, 3].map((value) => Float64Array.of(value, value));
  const block = encodeColumns(columns);
  assert.deepEqual(decodeColumns(block, [2, 0]), [columns[2], columns[0]]);
  assert.deepEqual(decodeColumns(block, []), []);
});

test("a column that is newer than the block has no values", () => {
  const block = encodeColumns([Float64Array.of(1, 2)]);
  const [old, newer] = decodeColumns(block, [0, 7]);
  assert.deepEqual([...(old ?? [])], [1, 2]);
  assert.deepEqual([...(newer ?? [])], [none, none]);
});

test("a block that is cut off anywhere is refused", () => {
  const random = new SeededRandom(3);
  const small = encodeColumns([Float64Array.of(1, 2, 3), Float64Array.of(0.5, none, 7)]);
  const large = encodeColumns(
    Array.from({ length: 4 }, () => Float64Array.from({ length: 500 }, () => random.below(50))),
  );
  for (const block of [small, large]) {
    for (let length = 0; length < block.length; length += Math.max(1, Math.floor(block.length / 50))) {
      assert.throws(() => decodeAll(block.subarray(0, length), 4), `${length} of ${block.length} bytes`);
    }
  }
});

test("a block that claims more rows than any has is refused, not believed", () => {
  // plain, 2^34 rows, one column of one byte: absent
  const block = Uint8Array.of(0, 0x80, 0x80, 0x80, 0x80, 0x40, 1, 1, 0);
  assert.throws(() => decodeAll(block, 1), RangeError);
});

test("whatever is done to a block, it is refused or read, and it does not hang", () => {
  const random = new SeededRandom(5);
  const block = encodeColumns([Float64Array.of(1, 2, 3), Float64Array.of(0.5, none, 7)]);
  for (let round = 0; round < 2_000; round += 1) {
    const damaged = block.slice();
    for (let flips = 1 + random.below(4); flips > 0; flips -= 1)
      damaged[random.below(damaged.length)] = random.below(256);
    try {
      decodeAll(damaged, 2);
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});
