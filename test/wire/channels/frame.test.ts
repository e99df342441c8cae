import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dataFrame,
  endFrame,
  frameType,
  parseFrame,
  renumber,
  resetFrame,
  windowFrame,
} from "../../../src-main/wire/channels/frame.ts";
import { wireLimits } from "../../../src-main/wire/connection.ts";

const channels = [0, 1, 2, 255, 256, 0x010203, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

for (const channel of channels) {
  test(`every frame of the channel ${channel} comes back as it was written`, () => {
    const body = Uint8Array.of(0, 1, 255);
    assert.deepEqual(parseFrame(dataFrame(channel, body)), { type: frameType.data, channel, body });
    assert.deepEqual(parseFrame(windowFrame(channel, 0xffffffff)), {
      type: frameType.window,
      channel,
      bytes: 0xffffffff,
    });
    assert.deepEqual(parseFrame(endFrame(channel)), { type: frameType.end, channel });
    assert.deepEqual(parseFrame(resetFrame(channel, 7, "peer löst")), {
      type: frameType.reset,
      channel,
      code: 7,
      reason: "peer löst",
    });
  });
}

test("the frames are the bytes that the document describes", () => {
  assert.deepEqual([...dataFrame(0x01020304, Uint8Array.of(9))], [1, 1, 2, 3, 4, 9]);
  assert.deepEqual([...windowFrame(2, 0x0a0b0c0d)], [2, 0, 0, 0, 2, 0x0a, 0x0b, 0x0c, 0x0d]);
  assert.deepEqual([...endFrame(1)], [3, 0, 0, 0, 1]);
  assert.deepEqual([...resetFrame(1, 5, "ab")], [4, 0, 0, 0, 1, 5, 0x61, 0x62]);
});

test("data is a view of what came, not a copy", () => {
  const bytes = dataFrame(3, new Uint8Array(10));
  const frame = parseFrame(bytes);
  assert.ok(frame?.type === frameType.data);
  assert.equal(frame.body.buffer, bytes.buffer);
});

test("an empty and a full body of data are fine", () => {
  const empty = parseFrame(dataFrame(1, new Uint8Array(0)));
  assert.ok(empty?.type === frameType.data && empty.body.length === 0);
  const full = parseFrame(dataFrame(1, new Uint8Array(wireLimits.maxFrameBody)));
  assert.ok(full?.type === frameType.data && full.body.length === wireLimits.maxFrameBody);
});

const malformed: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ["nothing", new Uint8Array(0)],
  ...[1, 2, 3, 4].map((length): readonly [string, Uint8Array] => [
    `a header of ${length} bytes`,
    Uint8Array.of(1, 0, 0, 0, 1).subarray(0, length),
  ]),
  ["the type 0", Uint8Array.of(0, 0, 0, 0, 1)],
  ["the type 5", Uint8Array.of(5, 0, 0, 0, 1)],
  ["the type 255", Uint8Array.of(255, 0, 0, 0, 1)],
  ["data over 64 KiB", dataFrame(1, new Uint8Array(wireLimits.maxFrameBody + 1))],
  ["a window without its number", windowFrame(1, 5).subarray(0, 5)],
  ["a window of three bytes", windowFrame(1, 5).subarray(0, 8)],
  ["a window of five bytes", Uint8Array.of(...windowFrame(1, 5), 0)],
  ["an end with a body", Uint8Array.of(...endFrame(1), 0)],
  ["a reset without a code", Uint8Array.of(4, 0, 0, 0, 1)],
  ["a reset with a reason of a kilobyte", Uint8Array.of(...resetFrame(1, 1, ""), ...new Uint8Array(1024).fill(65))],
  ["text", new TextEncoder().encode('{"type":"heartbeat"}')],
];

for (const [what, bytes] of malformed) {
  test(`is malformed: ${what}`, () => assert.equal(parseFrame(bytes), undefined));
}

test("a reason that is no UTF-8 is read as far as it goes", () => {
  const frame = parseFrame(Uint8Array.of(...resetFrame(1, 2, "a"), 0xff, 0x62));
  assert.ok(frame?.type === frameType.reset);
  assert.equal(frame.reason, "a\ufffdb");
});

test("a reason that is too long is cut, and the frame stays well-formed", () => {
  for (const reason of ["x".repeat(5_000), "€".repeat(5_000), "😀".repeat(5_000)]) {
    const frame = parseFrame(resetFrame(1, 2, reason));
    assert.ok(frame?.type === frameType.reset);
    assert.ok(frame.reason.length >= 199);
  }
});

test("renumbering changes the channel and nothing else", () => {
  const frame = dataFrame(7, Uint8Array.of(1, 2, 3));
  renumber(frame, 0xfffffffe);
  assert.deepEqual(parseFrame(frame), {
    type: frameType.data,
    channel: 0xfffffffe,
    body: Uint8Array.of(1, 2, 3),
  });
});
