import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep, systemClock, timestamp } from "../../src-main/base/clock.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { ManualClock } from "../support/manualClock.ts";

failOnLeaks();

test("the wall time is written as RFC 3339 in UTC with a Z", () => {
  assert.equal(timestamp(new ManualClock(Date.UTC(2026, 2, 1, 12, 0, 0, 7))), "2026-03-01T12:00:00.007Z");
});

test("sleeping ends when the time has passed and not before", async () => {
  const clock = new ManualClock();
  let awake = false;
  const sleeping = sleep(clock, 500).then(() => {
    awake = true;
  });
  clock.advance(499);
  await Promise.resolve();
  assert.equal(awake, false);
  clock.advance(1);
  await sleeping;
  assert.equal(awake, true);
  assert.equal(clock.timerCount, 0);
});

test("the real clock runs a task once, a repeated one until it is disposed, and none that was disposed before", async () => {
  const order: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  systemClock.schedule(0, () => order.push("never")).dispose();
  systemClock.schedule(0, () => order.push("once"));
  const repeated = systemClock.repeat(1, () => {
    order.push("again");
    if (order.filter((word) => word === "again").length < 3) return;
    repeated.dispose();
    resolve();
  });
  await promise;
  assert.equal(order.filter((word) => word === "once").length, 1);
  assert.equal(order.includes("never"), false);
});

test("the real clock counts durations forward and tells the time of day", () => {
  const before = systemClock.monotonicTime();
  assert.ok(systemClock.monotonicTime() >= before);
  assert.ok(Math.abs(systemClock.wallTime() - Date.now()) < 1_000);
});
