/** How far into the output of a shell this console has come, counted from the shell's first byte. */
export class StreamPosition {
  #received: number | undefined;
  /** Bytes that will come a second time. */
  #seenAgain = 0;

  /** Where the output is to go on; undefined before any of it was seen. */
  get received(): number | undefined {
    return this.#received;
  }

  /** The stream goes on at this offset. Returns how many bytes lie between, which nobody keeps any more. */
  resume(offset: number): number {
    const missing = this.#received === undefined ? 0 : Math.max(0, offset - this.#received);
    this.#seenAgain = this.#received === undefined ? 0 : Math.max(0, this.#received - offset);
    this.#received = Math.max(offset, this.#received ?? 0);
    return missing;
  }

  /** Counts what came and returns the part of it that is new. */
  take(bytes: Uint8Array): Uint8Array {
    const seen = Math.min(this.#seenAgain, bytes.length);
    this.#seenAgain -= seen;
    const fresh = bytes.subarray(seen);
    this.#received = (this.#received ?? 0) + fresh.length;
    return fresh;
  }
}
