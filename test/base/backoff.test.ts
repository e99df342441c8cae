import assert from "node:assert/strict";
import { test } from "node:test";
import { fullJitter } from "../../src-main/base/backoff.ts";

/** As near to 1 as a number of `random` comes. */
const almostOne = 1 - Number.EPSILON;

const ceilings: readonly (readonly [attempt: number, ceiling: number])[] = [
  [0, 1_000],
  [1, 2_000],
  [2, 4_000],
  [3, 8_000],
  [4, 16_000],
  [5, 32_000],
  [6, 60_000],
  [7, 60_000],
  [30, 60_000],
  [2_000, 60_000],
];

for (const [attempt, ceiling] of ceilings) {
  test(`attempt ${attempt} waits anything from nothing to ${ceiling} ms`, () => {
    assert.equal(fullJitter(attempt, { random: () => 0 }), 0);
    assert.equal(fullJitter(attempt, { random: () => 0.5 }), ceiling / 2);
    assert.equal(fullJitter(attempt, { random: () => almostOne }), ceiling);
  });
}

test("base and cap can be other ones", () => {
  const options = { base: 10, cap: 35, random: () => almostOne };
  assert.deepEqual(
    [0, 1, 2, 3].map((attempt) => fullJitter(attempt, options)),
    [10, 20, 35, 35],
  );
});

test("without an injected chance the delays differ and keep their bounds", () => {
  const delays = Array.from({ length: 200 }, () => fullJitter(3));
  assert.ok(delays.every((delay) => Number.isInteger(delay) && delay >= 0 && delay <= 8_000));
  assert.ok(new Set(delays).size > 150, "a thousand agents must not come back in the same moment");
});
