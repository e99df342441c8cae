/**
 * The last `capacity` bytes of a stream, addressed by their offset in the whole stream, so that a reader who was away
 * can go on exactly where it stopped.
 */
export class ByteRing {
  readonly #capacity: number;
  #bytes: Uint8Array;
  #end = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    // Grows with its content up to the capacity: most terminals never print 256 KiB.
    this.#bytes = new Uint8Array(Math.min(capacity, 4096));
  }

  /** The offset behind the last byte: how many bytes were ever appended. */
  get end(): number {
    return this.#end;
  }

  /** The offset of the oldest byte that is still kept. */
  get start(): number {
    return Math.max(0, this.#end - this.#capacity);
  }

  append(chunk: Uint8Array): void {
    const kept = chunk.length > this.#capacity ? chunk.subarray(chunk.length - this.#capacity) : chunk;
    this.#grow(Math.min(this.#capacity, this.#end + chunk.length));
    const at = (this.#end + chunk.length - kept.length) % this.#capacity;
    const first = kept.subarray(0, this.#capacity - at);
    this.#bytes.set(first, at);
    this.#bytes.set(kept.subarray(first.length), 0);
    this.#end += chunk.length;
  }

  /**
   * Copies `length` bytes from `offset` on to `target` at `at`. All of them must still be kept: `offset` from `start`,
   * and the last before `end`.
   */
  copy(offset: number, length: number, target: { readonly bytes: Uint8Array; readonly at: number }): void {
    const from = offset % this.#capacity;
    const first = this.#bytes.subarray(from, Math.min(from + length, this.#bytes.length));
    target.bytes.set(first, target.at);
    target.bytes.set(this.#bytes.subarray(0, length - first.length), target.at + first.length);
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length) return;
    // Below the capacity nothing has wrapped yet, so a plain copy keeps every byte in its place.
    const larger = new Uint8Array(Math.min(this.#capacity, Math.max(needed, this.#bytes.length * 2)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
