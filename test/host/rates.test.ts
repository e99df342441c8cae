import assert from "node:assert/strict";
import { test } from "node:test";
import { BusyTracker, RateTracker } from "../../src-main/host/rates.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

test("a counter becomes a rate per second of the time that really passed", () => {
  const rate = new RateTracker();
  assert.equal(rate.next(1_000, 50_000), undefined, "one reading is no rate");
  assert.equal(rate.next(3_000, 51_000), 2_000);
  assert.equal(rate.next(4_000, 56_000), 200);
  assert.equal(rate.next(4_000, 57_000), 0);
});

test("a counter that runs backwards was reset: no rate, and the next one counts from there", () => {
  const rate = new RateTracker();
  rate.next(10_000, 0);
  assert.equal(rate.next(400, 1_000), undefined);
  assert.equal(rate.next(600, 2_000), 200);
});

test("no time between two readings, or one that is no number, is no rate and no infinity", () => {
  const rate = new RateTracker();
  rate.next(0, 1_000);
  assert.equal(rate.next(500, 1_000), undefined);
  assert.equal(rate.next(Number.NaN, 2_000), undefined);
  assert.equal(rate.next(700, 3_000), undefined);
  assert.equal(rate.next(800, 4_000), 100);
});

test("the busy share is of the ticks that passed, in percent", () => {
  const busy = new BusyTracker();
  assert.equal(busy.next(1_000, 100), undefined);
  assert.equal(busy.next(1_200, 150), 25);
  assert.equal(busy.next(1_300, 250), 100);
  assert.equal(busy.next(1_400, 250), 0);
});

test("ticks that run backwards, stand still, or are more busy than they are many are noise", () => {
  const busy = new BusyTracker();
  busy.next(1_000, 500);
  assert.equal(busy.next(900, 400), undefined);
  assert.equal(busy.next(900, 400), undefined);
  assert.equal(busy.next(1_000, 399), undefined);
  assert.equal(busy.next(1_010, 420), undefined);
  assert.equal(busy.next(1_110, 470), 50);
});
