import assert from "node:assert/strict";
import { test } from "node:test";
import { SignInThrottle } from "../../../src-main/core/identity/signInThrottle.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";

failOnLeaks();

const here = "192.0.2.1";

function setUp(failures: number) {
  const clock = new ManualClock();
  const throttle = new SignInThrottle(clock);
  for (let index = 0; index < failures; index += 1) throttle.failed("kim", here);
  return { clock, throttle };
}

test("the first five failures cost nothing, then each waits twice as long, up to a quarter of an hour", () => {
  const { throttle } = setUp(0);
  const waits = Array.from({ length: 20 }, () => {
    throttle.failed("kim", here);
    return throttle.waitTime("kim", here) / 1000;
  });
  assert.deepEqual(waits.slice(0, 8), [0, 0, 0, 0, 2, 4, 8, 16]);
  assert.equal(Math.max(...waits), 900);
  assert.equal(waits.at(-1), 900);
});

test("waiting makes the wait shorter; the wall clock does not", () => {
  const { clock, throttle } = setUp(6);
  clock.jump(3_600_000);
  assert.equal(throttle.waitTime("kim", here), 4_000);
  clock.advance(1_500);
  assert.equal(throttle.waitTime("kim", here), 2_500);
  clock.advance(2_500);
  assert.equal(throttle.waitTime("kim", here), 0);
});

test("the name counts in any case, another name or address does not", () => {
  const { throttle } = setUp(6);
  assert.ok(throttle.waitTime("KIM", here) > 0);
  assert.equal(throttle.waitTime("lee", here), 0);
  assert.equal(throttle.waitTime("kim", "192.0.2.2"), 0);
});

test("a success forgets the failures, and so does an hour", () => {
  const { clock, throttle } = setUp(9);
  throttle.succeeded("kim", here);
  assert.equal(throttle.waitTime("kim", here), 0);
  for (let index = 0; index < 9; index += 1) throttle.failed("kim", here);
  clock.advance(3_600_001);
  throttle.failed("kim", here);
  assert.equal(throttle.waitTime("kim", here), 0);
});

test("names that were never there do not push out those that are guessed at right now", () => {
  const { throttle } = setUp(8);
  for (let index = 0; index < 15_000; index += 1) {
    if (index % 5_000 === 0) throttle.failed("kim", here);
    throttle.failed(`name-${index}`, here);
  }
  assert.ok(throttle.waitTime("kim", here) > 0);
});
