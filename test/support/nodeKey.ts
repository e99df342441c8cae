import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A node's key as the protocol's document describes it: Ed25519, and what it signs. */
export class NodeKey {
  readonly #privateKey: KeyObject;
  /** Base64 of the raw 32 bytes. */
  readonly publicKey: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    this.#privateKey = privateKey;
    this.publicKey = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
  }

  sign(nodeId: string, nonce: string): string {
    return sign(null, Buffer.from(`picket-node-challenge:${nodeId}:${nonce}`), this.#privateKey).toString("base64");
  }
}
