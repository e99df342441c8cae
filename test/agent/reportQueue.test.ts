import assert from "node:assert/strict";
import { test } from "node:test";
import { ReportQueue } from "../../src-main/agent/upstream/reportQueue.ts";

test("reports leave once, oldest first", () => {
  const queue = new ReportQueue<string>();
  queue.add("a", 1_000);
  queue.add("b", 6_000);
  assert.deepEqual(queue.take(0), ["a", "b"]);
  assert.deepEqual(queue.take(0), []);
  queue.add("c", 11_000);
  assert.deepEqual(queue.take(5_000), ["c"]);
});

test("what was sent in the last moments before a cut is sent again, and nothing older", () => {
  const queue = new ReportQueue<string>();
  queue.add("a", 1_000);
  assert.deepEqual(queue.take(0), ["a"]);
  queue.add("b", 40_000);
  assert.deepEqual(queue.take(39_000), ["b"]);
  queue.cut(41_000);
  queue.add("c", 45_000);
  assert.deepEqual(queue.take(45_000), ["b", "c"]);
});

test("a quarter of an hour is kept", () => {
  const queue = new ReportQueue<number>();
  for (let time = 0; time <= 3_600_000; time += 5_000) queue.add(time, time);
  const kept = queue.take(0);
  assert.equal(kept.length, 180);
  assert.equal(kept[0], 3_600_000 - 179 * 5_000);
});
