import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Hasher } from "./hasher.ts";

/** A SHA-256 that takes bytes in pieces, in a browser too: its own wants all of them at once. */
export function newHasher(): Hasher {
  const hash = sha256.create();
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => bytesToHex(hash.digest()),
  };
}
