import { createCipheriv, getCiphers } from "node:crypto";
import { Cfb8 } from "../client/cfb8.ts";

/** One continuous stream of AES-256 in CFB mode with 8-bit segments. */
export interface Encryptor {
  update(bytes: Uint8Array): Uint8Array;
}

const cipher = "aes-256-cfb8";

/**
 * @param key 32 bytes
 * @param iv 16 bytes
 * @param isNative whether the runtime has the cipher: Electron's does not
 */
export function newEncryptor(key: Uint8Array, iv: Uint8Array, isNative = getCiphers().includes(cipher)): Encryptor {
  if (isNative) return createCipheriv(cipher, key, iv);
  const stream = new Cfb8(key, iv);
  return { update: (bytes) => stream.encrypt(bytes) };
}
