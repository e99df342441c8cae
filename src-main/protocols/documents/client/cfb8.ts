import { unsafe } from "@noble/ciphers/aes.js";

/**
 * AES-256 in CFB mode with 8-bit segments, as one continuous stream: what CFMS servers encrypt downloads with. Browsers
 * and Electron have no such cipher; Node's own does six times as much a second.
 *
 * The shift register is kept as four little-endian words: each byte costs one block of AES and three shifts.
 */
export class Cfb8 {
  readonly #key: Uint32Array;
  #word0: number;
  #word1: number;
  #word2: number;
  #word3: number;

  /**
   * @param key 32 bytes
   * @param iv 16 bytes
   */
  constructor(key: Uint8Array, iv: Uint8Array) {
    this.#key = unsafe.expandKeyLE(key);
    const view = new DataView(iv.buffer, iv.byteOffset, 16);
    this.#word0 = view.getUint32(0, true);
    this.#word1 = view.getUint32(4, true);
    this.#word2 = view.getUint32(8, true);
    this.#word3 = view.getUint32(12, true);
  }

  encrypt(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += 1) {
      const encrypted = (bytes[at] as number) ^ this.#nextByte();
      out[at] = encrypted;
      this.#shiftIn(encrypted);
    }
    return out;
  }

  decrypt(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += 1) {
      const encrypted = bytes[at] as number;
      out[at] = encrypted ^ this.#nextByte();
      this.#shiftIn(encrypted);
    }
    return out;
  }

  #nextByte(): number {
    return unsafe.encrypt(this.#key, this.#word0, this.#word1, this.#word2, this.#word3).s0 & 0xff;
  }

  #shiftIn(byte: number): void {
    this.#word0 = (this.#word0 >>> 8) | (this.#word1 << 24);
    this.#word1 = (this.#word1 >>> 8) | (this.#word2 << 24);
    this.#word2 = (this.#word2 >>> 8) | (this.#word3 << 24);
    this.#word3 = (this.#word3 >>> 8) | (byte << 24);
  }
}
