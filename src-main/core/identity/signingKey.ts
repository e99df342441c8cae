import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fchmodSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

/** Reads the key that signs access tokens, or makes it at the first start. Only the data folder's owner can read it. */
export function loadSigningKey(file: string): Uint8Array {
  try {
    const key = Buffer.from(readFileSync(file, "utf8").trim(), "base64");
    if (key.length >= 32) {
      chmodSync(file, 0o600);
      return key;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const key = randomBytes(32);
  writePrivateFile(file, `${key.toString("base64")}\n`);
  return key;
}

/** Writes a file that only its owner can read, and waits for the disk. */
export function writePrivateFile(file: string, content: string): void {
  const descriptor = openSync(file, "w", 0o600);
  try {
    // A file that was there before keeps the mode that it had.
    fchmodSync(descriptor, 0o600);
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
