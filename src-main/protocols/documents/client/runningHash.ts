import type { Hasher } from "./hasher.ts";

/** The SHA-256 of a file whose bytes come in order, but perhaps some of them twice. */
export class RunningHash {
  readonly #newHash: () => Hasher;
  #hasher: Hasher;
  #position = 0;

  constructor(newHash: () => Hasher) {
    this.#newHash = newHash;
    this.#hasher = newHash();
  }

  /** Bytes that are in it. */
  get position(): number {
    return this.#position;
  }

  /** Takes what is new of the bytes at `offset`. They must not leave a gap. */
  update(offset: number, bytes: Uint8Array): void {
    const known = this.#position - offset;
    if (known >= bytes.length) return;
    this.#hasher.update(known === 0 ? bytes : bytes.subarray(known));
    this.#position = offset + bytes.length;
  }

  /** Takes what stands before `offset` from where it can be read. */
  async fillUpTo(offset: number, read: (offset: number, length: number) => Promise<Uint8Array>): Promise<void> {
    while (this.#position < offset) {
      const bytes = await read(this.#position, Math.min(blockBytes, offset - this.#position));
      if (bytes.length === 0) return;
      this.update(this.#position, bytes);
    }
  }

  restart(): void {
    this.#hasher = this.#newHash();
    this.#position = 0;
  }

  /** Lower-case hex. It is used up. */
  digest(): string {
    return this.#hasher.digest();
  }
}

const blockBytes = 256 * 1024;
