/** Pieces below this size are gathered, so that a peer that sends single bytes cannot make each cost an object. */
const gatherBelow = 4 * 1024;
const gatherSize = 16 * 1024;

/** Bytes that wait, first in, first out. Large pieces are kept as they are, small ones are gathered into larger ones. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** The last chunk, when it is one of ours with room behind `#tailLength`. */
  #tail: Uint8Array | undefined;
  #tailLength = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (bytes.length >= gatherBelow) {
      this.#sealTail();
      this.#chunks.push(bytes);
      return;
    }
    if (this.#tail === undefined || this.#tailLength + bytes.length > this.#tail.length) {
      this.#sealTail();
      this.#tail = new Uint8Array(gatherSize);
    }
    this.#tail.set(bytes, this.#tailLength);
    this.#tailLength += bytes.length;
  }

  /** Removes and returns up to `limit` bytes; fewer only when there are no more. */
  take(limit: number): Uint8Array {
    this.#sealTail();
    const wanted = Math.min(limit, this.#length);
    this.#length -= wanted;
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= wanted) return this.#takeFirst(first, wanted);
    const taken = new Uint8Array(wanted);
    let filled = 0;
    for (let chunk = first; chunk !== undefined && filled < wanted; chunk = this.#chunks[0]) {
      const part = this.#takeFirst(chunk, wanted - filled);
      taken.set(part, filled);
      filled += part.length;
    }
    return taken;
  }

  clear(): void {
    this.#chunks = [];
    this.#tail = undefined;
    this.#tailLength = 0;
    this.#length = 0;
  }

  #takeFirst(first: Uint8Array, limit: number): Uint8Array {
    if (first.length > limit) this.#chunks[0] = first.subarray(limit);
    else this.#chunks.shift();
    return first.subarray(0, limit);
  }

  #sealTail(): void {
    if (this.#tail === undefined) return;
    if (this.#tailLength > 0) this.#chunks.push(this.#tail.subarray(0, this.#tailLength));
    this.#tail = undefined;
    this.#tailLength = 0;
  }
}
