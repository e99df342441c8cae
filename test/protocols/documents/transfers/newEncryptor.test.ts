import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import { test } from "node:test";
import { Cfb8 } from "../../../../src-main/protocols/documents/client/cfb8.ts";
import { newEncryptor } from "../../../../src-main/protocols/documents/transfers/newEncryptor.ts";
import { SeededRandom } from "../../../support/seededRandom.ts";

const random = new SeededRandom(3);
const key = random.bytes(32);
const iv = random.bytes(16);
const plain = random.bytes(100_000);
const pieces = [0, 1, 15, 17, 4_096, 50_000, 100_000];

test("both ways to encrypt make one continuous stream that any AES-256-CFB8 reads", () => {
  for (const isNative of [true, false]) {
    const encryptor = newEncryptor(key, iv, isNative);
    const parts = pieces.slice(1).map((end, index) => encryptor.update(plain.subarray(pieces[index], end)));
    const decipher = createDecipheriv("aes-256-cfb8", key, iv);
    assert.ok(decipher.update(Buffer.concat(parts)).equals(plain), isNative ? "native" : "own");
  }
});

test("the client's own cipher reads what it is given in whatever pieces", () => {
  const encrypted = newEncryptor(key, iv).update(plain);
  const cipher = new Cfb8(key, iv);
  const parts = pieces.slice(1).map((end, index) => cipher.decrypt(encrypted.subarray(pieces[index], end)));
  assert.ok(Buffer.concat(parts).equals(plain));
});

test("the segments have eight bits: the first vector of NIST SP 800-38A, F.3.17", () => {
  const vector = new Cfb8(
    Buffer.from("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "hex"),
    Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"),
  );
  const encrypted = vector.encrypt(Buffer.from("6bc1bee22e409f96e93d7e117393172aae2d", "hex"));
  assert.equal(Buffer.from(encrypted).toString("hex"), "dc1f1a8520a64db55fcc8ac554844e889700");
});
