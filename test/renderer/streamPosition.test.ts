import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamPosition } from "../../src-renderer/terminals/streamPosition.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (taken: Uint8Array): string => new TextDecoder().decode(taken);

test("nothing is known of a stream before it began", () => {
  const position = new StreamPosition();
  assert.equal(position.received, undefined);
  assert.equal(position.resume(0), 0);
  assert.equal(position.received, 0);
});

test("a stream that goes on where it was is shown as it comes", () => {
  const position = new StreamPosition();
  position.resume(100);
  assert.equal(text(position.take(bytes("abc"))), "abc");
  assert.equal(position.resume(103), 0);
  assert.equal(text(position.take(bytes("def"))), "def");
  assert.equal(position.received, 106);
});

test("what comes a second time is left out, over several pieces and within one", () => {
  const position = new StreamPosition();
  position.resume(0);
  position.take(bytes("abcdef"));
  assert.equal(position.resume(1), 0);
  assert.deepEqual(
    ["bc", "de", "fgh", "i"].map((piece) => text(position.take(bytes(piece)))),
    ["", "", "gh", "i"],
  );
  assert.equal(position.received, 9);
});

test("what nobody keeps any more is counted", () => {
  const position = new StreamPosition();
  position.resume(0);
  position.take(bytes("abc"));
  assert.equal(position.resume(10), 7);
  assert.equal(text(position.take(bytes("k"))), "k");
  assert.equal(position.received, 11);
});
