import assert from "node:assert/strict";
import { test } from "node:test";
import { answersChallenge, newNonce, parsePublicKey } from "../../../src-main/core/identity/nodeKeys.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { NodeKey } from "../../support/nodeKey.ts";

failOnLeaks();

function setUp() {
  const key = new NodeKey();
  const nonce = newNonce();
  return { key, answer: { nodeId: "db-1", nonce, signature: key.sign("db-1", nonce), publicKey: key.publicKey } };
}

test("who holds the key answers the challenge", () => {
  assert.equal(answersChallenge(setUp().answer), true);
});

test("an answer to another challenge, of another node or by another key is none", () => {
  const { key, answer } = setUp();
  const changes = [
    { nonce: newNonce() },
    { nodeId: "db-2" },
    { signature: key.sign("db-2", answer.nonce) },
    { signature: new NodeKey().sign("db-1", answer.nonce) },
    { publicKey: new NodeKey().publicKey },
    { signature: "" },
    { signature: answer.signature.slice(0, -8) },
    { signature: Buffer.alloc(64).toString("base64") },
    { signature: "not base64 at all ✓" },
    { publicKey: "" },
    { publicKey: Buffer.alloc(31).toString("base64") },
    // The point of small order that some verifiers take for anybody's key.
    { publicKey: Buffer.alloc(32).toString("base64"), signature: Buffer.alloc(64).toString("base64") },
  ];
  for (const change of changes) assert.equal(answersChallenge({ ...answer, ...change }), false, JSON.stringify(change));
});

test("a nonce is 32 bytes and never the same", () => {
  const nonces = Array.from({ length: 100 }, newNonce);
  assert.equal(new Set(nonces).size, 100);
  for (const nonce of nonces) assert.equal(Buffer.from(nonce, "base64").length, 32);
});

test("a public key is 32 bytes in base64, kept in one form", () => {
  const { publicKey } = new NodeKey();
  assert.equal(parsePublicKey(publicKey), publicKey);
  assert.equal(parsePublicKey(publicKey.replace("=", "")), publicKey);
  for (const wrong of ["", "AAAA", Buffer.alloc(33).toString("base64"), "x".repeat(10_000)]) {
    assert.equal(parsePublicKey(wrong), undefined, wrong.slice(0, 20));
  }
});
