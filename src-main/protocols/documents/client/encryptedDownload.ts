import { fromBase64 } from "../../../base/base64.ts";
import { PicketError } from "../../../base/errors.ts";
import type { FileChunk } from "../messages/transferFrames.ts";
import { Cfb8 } from "./cfb8.ts";
import { unexpected } from "./expectFrame.ts";
import type { Hasher } from "./hasher.ts";
import type { DownloadTarget } from "./transferOptions.ts";

/** What is decrypted at once: about 10 ms. */
const sliceBytes = 64 * 1024;
/** Of a target that cannot be read back, what may wait in memory. */
const mostInMemory = 512 * 1024 * 1024;

/**
 * A download whose key comes last: what is encrypted waits in the target, or in memory where that cannot be read, and is
 * decrypted in place at the end.
 */
export class EncryptedDownload {
  readonly #target: DownloadTarget;
  readonly #newHash: () => Hasher;
  readonly #hashes: { readonly length: number; readonly hash: string }[] = [];
  readonly #held: Uint8Array[] = [];
  #iv: Uint8Array | undefined;
  #length = 0;

  constructor(target: DownloadTarget, newHash: () => Hasher) {
    this.#target = target;
    this.#newHash = newHash;
  }

  /** Bytes that came. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes the next chunk. @returns its bytes
   *
   * @throws {PicketError} `INVALID_MESSAGE`, `SIZE_MISMATCH`
   */
  async add({ index, hash, iv, chunk }: FileChunk, size: number): Promise<number> {
    const bytes = fromBase64(chunk);
    if (bytes === undefined || index !== this.#hashes.length) throw unexpected("a chunk that does not fit");
    if (index === 0) this.#iv = fromBase64(iv);
    if (this.#iv?.length !== 16) throw unexpected("no IV of 16 bytes");
    const offset = this.#length;
    if (offset + bytes.length > size)
      throw new PicketError("SIZE_MISMATCH", { details: `more than ${size} bytes came` });
    this.#hashes.push({ length: bytes.length, hash });
    this.#length += bytes.length;
    if (this.#target.read !== undefined) await this.#target.write(offset, bytes);
    else if (this.#length > mostInMemory)
      throw new PicketError("SIZE_MISMATCH", { details: "too large for the memory" });
    else this.#held.push(bytes);
    return bytes.length;
  }

  /**
   * Decrypts everything. `onPlain` is told every piece in order.
   *
   * @param key base64
   * @throws {PicketError} `INVALID_MESSAGE`; `HASH_MISMATCH` when a chunk is not what its hash says
   */
  async decrypt(key: string, onPlain: (offset: number, bytes: Uint8Array) => void): Promise<void> {
    const bytes = fromBase64(key);
    if (bytes?.length !== 32 || this.#iv === undefined) throw unexpected("no key of 32 bytes");
    const cipher = new Cfb8(bytes, this.#iv);
    let offset = 0;
    for (const [index, { length, hash }] of this.#hashes.entries()) {
      const hasher = this.#newHash();
      for (let at = 0; at < length; at += sliceBytes) {
        const slice = Math.min(sliceBytes, length - at);
        const plain = cipher.decrypt(await this.#encrypted({ index, at, offset: offset + at, length: slice }));
        hasher.update(plain);
        onPlain(offset + at, plain);
        await this.#target.write(offset + at, plain);
        await nextTurn();
      }
      if (hasher.digest() !== hash.toLowerCase()) {
        throw new PicketError("HASH_MISMATCH", { details: `chunk ${index} differs` });
      }
      offset += length;
    }
  }

  async #encrypted(part: { index: number; at: number; offset: number; length: number }): Promise<Uint8Array> {
    const { index, at, offset, length } = part;
    const held = this.#held[index];
    const bytes = held?.subarray(at, at + length) ?? (await this.#target.read?.(offset, length));
    if (bytes?.length !== length)
      throw new PicketError("INTERNAL_ERROR", { details: "the target lost what was written" });
    return bytes;
  }
}

/** Lets a page draw, and a server answer, in between. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
