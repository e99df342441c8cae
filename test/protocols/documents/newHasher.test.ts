import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { newHasher } from "../../../src-main/protocols/documents/client/newHasher.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

test("the hash of bytes in pieces is the hash of the bytes", () => {
  const random = new SeededRandom(1);
  const bytes = random.bytes(70_000);
  for (const length of [0, 1, 63, 64, 65, 4_096, 70_000]) {
    const hash = newHasher();
    for (let at = 0; at < length; ) {
      const piece = Math.min(length - at, 1 + random.below(5_000));
      hash.update(bytes.subarray(at, at + piece));
      at += piece;
    }
    assert.equal(
      hash.digest(),
      createHash("sha256").update(bytes.subarray(0, length)).digest("hex"),
      `${length} bytes`,
    );
  }
});
