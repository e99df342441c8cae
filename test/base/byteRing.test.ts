import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteRing } from "../../src-main/base/byteRing.ts";
import { SeededRandom } from "../support/seededRandom.ts";

/** `length` bytes of a stream in which every byte says where it stands. */
function stream(offset: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (offset + index) % 251);
}

function copyOf(ring: ByteRing, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  ring.copy(offset, length, { bytes, at: 0 });
  return bytes;
}

test("an empty ring starts and ends at 0", () => {
  const ring = new ByteRing(16);
  assert.deepEqual([ring.start, ring.end], [0, 0]);
  assert.deepEqual(copyOf(ring, 0, 0), new Uint8Array(0));
});

test("keeps the last bytes and forgets the oldest", () => {
  const ring = new ByteRing(4);
  ring.append(Uint8Array.of(1, 2, 3));
  ring.append(Uint8Array.of(4, 5, 6));
  assert.deepEqual([ring.start, ring.end], [2, 6]);
  assert.deepEqual(copyOf(ring, 2, 4), Uint8Array.of(3, 4, 5, 6));
});

test("of a chunk larger than the ring its end is kept", () => {
  const ring = new ByteRing(4);
  ring.append(Uint8Array.of(9));
  ring.append(stream(1, 10));
  assert.deepEqual([ring.start, ring.end], [7, 11]);
  assert.deepEqual(copyOf(ring, 7, 4), stream(7, 4));
});

test("a chunk of exactly the capacity fills the ring", () => {
  const ring = new ByteRing(8);
  ring.append(stream(0, 3));
  ring.append(stream(3, 8));
  assert.deepEqual([ring.start, ring.end], [3, 11]);
  assert.deepEqual(copyOf(ring, 3, 8), stream(3, 8));
});

test("every piece that is kept can be copied, at every position of the ring", () => {
  const capacity = 7;
  for (let written = 0; written < 3 * capacity; written += 1) {
    const ring = new ByteRing(capacity);
    for (let at = 0; at < written; at += 1) ring.append(stream(at, 1));
    for (let from = ring.start; from <= ring.end; from += 1) {
      for (let to = from; to <= ring.end; to += 1) {
        assert.deepEqual(copyOf(ring, from, to - from), stream(from, to - from), `${from} to ${to} of ${written}`);
      }
    }
  }
});

test("copies to the place that is asked for and touches no other", () => {
  const ring = new ByteRing(4);
  ring.append(stream(1, 6));
  const bytes = new Uint8Array(8).fill(255);
  ring.copy(3, 3, { bytes, at: 2 });
  assert.deepEqual(bytes, Uint8Array.of(255, 255, 4, 5, 6, 255, 255, 255));
});

test("grows with its content: nothing is lost when it does", () => {
  const ring = new ByteRing(64 * 1024);
  let written = 0;
  for (const length of [4000, 96, 1, 4096, 10_000, 60_000, 5]) {
    ring.append(stream(written, length));
    written += length;
    const kept = ring.end - ring.start;
    assert.equal(kept, Math.min(written, 64 * 1024));
    assert.deepEqual(copyOf(ring, ring.start, kept), stream(ring.start, kept));
  }
});

test("behaves as a plain list of bytes does, whatever is appended and copied", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = new SeededRandom(seed);
    const capacity = random.pick([1, 2, 5, 64, 4095, 4096, 4097, 10_000]);
    const ring = new ByteRing(capacity);
    const model: number[] = [];
    for (let step = 0; step < 60; step += 1) {
      const chunk = random.bytes(random.below(random.chance(0.1) ? capacity * 3 : Math.ceil(capacity / 3) + 1));
      ring.append(chunk);
      for (const byte of chunk) model.push(byte);
      assert.equal(ring.end, model.length);
      assert.equal(ring.start, Math.max(0, model.length - capacity));
      const from = ring.start + random.below(ring.end - ring.start + 1);
      const length = random.below(ring.end - from + 1);
      const expected = Uint8Array.from(model.slice(from, from + length));
      assert.deepEqual(copyOf(ring, from, length), expected, `seed ${seed}, step ${step}`);
    }
  }
});
