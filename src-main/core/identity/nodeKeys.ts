import { createPublicKey, randomBytes, verify } from "node:crypto";

/** The DER bytes before the 32 raw bytes of an Ed25519 public key (RFC 8410). */
const ed25519Prefix = Buffer.from("302a300506032b6570032100", "hex");

/** What a node signs to prove its key: see docs/protocols/nodes.md. The prefix keeps the signature good for this only. */
export function challengeText(nodeId: string, nonce: string): string {
  return `picket-node-challenge:${nodeId}:${nonce}`;
}

export function newNonce(): string {
  return randomBytes(32).toString("base64");
}

/** The canonical form of a public key as nodes send it (base64 of the raw 32 bytes), or undefined when it is none. */
export function parsePublicKey(text: string): string | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === 32 ? bytes.toString("base64") : undefined;
}

export interface ChallengeAnswer {
  readonly nodeId: string;
  readonly nonce: string;
  /** Base64. */
  readonly signature: string;
  /** Base64 of the raw 32 bytes, as pinned. */
  readonly publicKey: string;
}

export function answersChallenge({ nodeId, nonce, signature, publicKey }: ChallengeAnswer): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.concat([ed25519Prefix, Buffer.from(publicKey, "base64")]),
      format: "der",
      type: "spki",
    });
    return verify(null, Buffer.from(challengeText(nodeId, nonce)), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
