import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { chmodSync, readFileSync } from "node:fs";
import { PicketError } from "../../base/errors.ts";
import { writePrivateFile } from "./signingKey.ts";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Seals secrets that the core must be able to use again, with AES-256-GCM and a key that lies beside the database: a copy
 * of the database alone gives none of them away.
 */
export class SecretBox {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Reads the key, or makes it at the first start. Only the data folder's owner can read it. */
  static open(file: string): SecretBox {
    try {
      const key = Buffer.from(readFileSync(file, "utf8").trim(), "base64");
      if (key.length === keyBytes) {
        chmodSync(file, 0o600);
        return new SecretBox(key);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    const key = randomBytes(keyBytes);
    writePrivateFile(file, `${key.toString("base64")}\n`);
    return new SecretBox(key);
  }

  /** @param owner what the secret belongs to: sealed for one, it cannot be put under another */
  seal(owner: string, secret: string): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(Buffer.from(owner));
    return Buffer.concat([nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()]);
  }

  /** What is stored of a secret that only has to be recognised, and is too short for a plain hash. Hex. */
  digest(owner: string, secret: string): string {
    return createHmac("sha256", this.#key).update(`digest\n${owner}\n${secret}`).digest("hex");
  }

  /** @throws {PicketError} `INTERNAL_ERROR` when it was sealed with another key, for another owner, or changed */
  unseal(owner: string, sealed: Uint8Array): string {
    try {
      const nonce = sealed.subarray(0, nonceBytes);
      const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(sealed.subarray(-tagBytes));
      const open = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
      return open.toString("utf8");
    } catch (error) {
      throw new PicketError("INTERNAL_ERROR", {
        cause: error,
        details: "a secret cannot be opened with this key file",
      });
    }
  }
}
