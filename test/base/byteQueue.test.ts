import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteQueue } from "../../src-main/base/byteQueue.ts";
import { SeededRandom } from "../support/seededRandom.ts";

test("gives back what was appended, first in, first out", () => {
  const queue = new ByteQueue();
  queue.append(Uint8Array.of(1, 2, 3));
  queue.append(Uint8Array.of(4));
  assert.equal(queue.length, 4);
  assert.deepEqual(queue.take(2), Uint8Array.of(1, 2));
  assert.deepEqual(queue.take(10), Uint8Array.of(3, 4));
  assert.deepEqual(queue.take(10), new Uint8Array(0));
  assert.equal(queue.length, 0);
});

test("what is appended between two takes does not touch what was taken", () => {
  const queue = new ByteQueue();
  queue.append(Uint8Array.of(1, 2));
  const taken = queue.take(2);
  queue.append(Uint8Array.of(7, 8));
  assert.deepEqual(taken, Uint8Array.of(1, 2));
  assert.deepEqual(queue.take(2), Uint8Array.of(7, 8));
});

test("a large piece is passed on as it is, without a copy", () => {
  const queue = new ByteQueue();
  const large = new Uint8Array(64 * 1024).fill(5);
  queue.append(large);
  assert.equal(queue.take(large.length).buffer, large.buffer);
});

test("single bytes are gathered: ten thousand of them are not ten thousand pieces", () => {
  const queue = new ByteQueue();
  for (let byte = 0; byte < 10_000; byte += 1) queue.append(Uint8Array.of(byte % 256));
  const first = queue.take(100);
  assert.ok(first.buffer.byteLength > 1_000, "the byte stands in a buffer that it shares");
  assert.deepEqual(first.slice(0, 3), Uint8Array.of(0, 1, 2));
});

test("what was cleared is gone, and the queue goes on", () => {
  const queue = new ByteQueue();
  queue.append(new Uint8Array(10));
  queue.append(new Uint8Array(10_000));
  queue.clear();
  assert.equal(queue.length, 0);
  assert.deepEqual(queue.take(5), new Uint8Array(0));
  queue.append(Uint8Array.of(1));
  assert.deepEqual(queue.take(5), Uint8Array.of(1));
});

test("behaves as a plain list of bytes does, whatever is appended and taken", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = new SeededRandom(seed);
    const sizes = [0, 1, 7, 1000, 4095, 4096, 4097, 16_384, 20_000];
    const queue = new ByteQueue();
    let model: number[] = [];
    for (let step = 0; step < 60; step += 1) {
      if (random.chance(0.6)) {
        const chunk = random.bytes(random.below(random.pick(sizes) + 1));
        queue.append(chunk);
        model = [...model, ...chunk];
      } else {
        const limit = random.below(random.pick(sizes) + 1);
        const taken = queue.take(limit);
        assert.deepEqual(taken, Uint8Array.from(model.slice(0, limit)), `seed ${seed}, step ${step}`);
        model = model.slice(limit);
      }
      assert.equal(queue.length, model.length);
    }
  }
});
