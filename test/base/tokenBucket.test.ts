import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenBucket } from "../../src-main/base/tokenBucket.ts";
import { ManualClock } from "../support/manualClock.ts";

function setUp(limits: { readonly rate: number; readonly burst: number }) {
  const clock = new ManualClock();
  return { clock, bucket: new TokenBucket(clock, limits) };
}

/** Takes all that is there. */
function takeAll(bucket: TokenBucket): number {
  let taken = 0;
  while (bucket.take()) taken += 1;
  return taken;
}

test("gives the burst at once and then nothing", () => {
  const { bucket } = setUp({ rate: 10, burst: 5 });
  assert.equal(takeAll(bucket), 5);
  assert.equal(bucket.take(), false);
});

test("fills at its rate and never above the burst", () => {
  const { clock, bucket } = setUp({ rate: 10, burst: 5 });
  takeAll(bucket);
  clock.advance(300);
  assert.equal(takeAll(bucket), 3);
  clock.advance(60_000);
  assert.equal(takeAll(bucket), 5);
});

test("what does not make a whole unit yet is not lost", () => {
  const { clock, bucket } = setUp({ rate: 1, burst: 1 });
  takeAll(bucket);
  for (let step = 0; step < 4; step += 1) {
    assert.equal(bucket.take(), false);
    clock.advance(250);
  }
  assert.equal(bucket.take(), true);
});

test("says how long to wait for the next unit", () => {
  const { clock, bucket } = setUp({ rate: 4, burst: 2 });
  assert.equal(bucket.waitTime, 0);
  takeAll(bucket);
  assert.equal(bucket.waitTime, 250);
  clock.advance(100);
  assert.equal(bucket.waitTime, 150);
  clock.advance(150);
  assert.equal(bucket.waitTime, 0);
});

test("what was spent above the rate is owed: on average the rate is kept", () => {
  const { clock, bucket } = setUp({ rate: 10, burst: 5 });
  takeAll(bucket);
  for (let unit = 0; unit < 20; unit += 1) assert.equal(bucket.spend(), false);
  assert.equal(bucket.waitTime, 2_100);
  clock.advance(2_000);
  assert.equal(bucket.spend(), false);
  clock.advance(200);
  assert.equal(bucket.spend(), true);
});

test("a jump of the wall clock gives nobody a unit", () => {
  const { clock, bucket } = setUp({ rate: 10, burst: 5 });
  takeAll(bucket);
  clock.jump(3_600_000);
  assert.equal(bucket.take(), false);
});
