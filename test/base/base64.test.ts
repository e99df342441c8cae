import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, toBase64 } from "../../src-main/base/base64.ts";
import { SeededRandom } from "../support/seededRandom.ts";

test("writes what Node's own base64 writes, and reads it back", () => {
  const random = new SeededRandom(1);
  for (let length = 0; length < 70; length += 1) {
    const bytes = random.bytes(length);
    const text = toBase64(bytes);
    assert.equal(text, Buffer.from(bytes).toString("base64"));
    assert.deepEqual(fromBase64(text), bytes);
  }
});

test("reads the alphabet of URLs too, with padding or without", () => {
  const bytes = Uint8Array.of(0xfb, 0xff, 0xfe, 0x3e);
  assert.deepEqual(fromBase64(Buffer.from(bytes).toString("base64url")), bytes);
  assert.deepEqual(fromBase64("-__-Pg=="), bytes);
});

for (const text of ["a", "abcde", "ab=c", "ab!d", "äöü=", "YQ===", "\u0000"]) {
  test(`is no base64: ${JSON.stringify(text)}`, () => {
    assert.equal(fromBase64(text), undefined);
  });
}
