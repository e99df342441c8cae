const headerLength = 8;

/**
 * Takes the frames off that an engine puts around standard output and standard error: a byte for the stream, three
 * unused ones, the length in four, then so many bytes.
 */
export class LogDemultiplexer {
  readonly #onData: (bytes: Uint8Array) => void;
  readonly #header = new Uint8Array(headerLength);
  #headerFilled = 0;
  #remaining = 0;
  /** What came is not framed at all: it is passed on as it is. */
  #plain = false;

  constructor(onData: (bytes: Uint8Array) => void) {
    this.#onData = onData;
  }

  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#plain) {
        this.#onData(bytes.subarray(at));
        return;
      }
      at += this.#remaining > 0 ? this.#takeBody(bytes, at) : this.#takeHeader(bytes, at);
    }
  }

  #takeBody(bytes: Uint8Array, at: number): number {
    const length = Math.min(this.#remaining, bytes.length - at);
    this.#remaining -= length;
    this.#onData(bytes.subarray(at, at + length));
    return length;
  }

  #takeHeader(bytes: Uint8Array, at: number): number {
    const length = Math.min(headerLength - this.#headerFilled, bytes.length - at);
    this.#header.set(bytes.subarray(at, at + length), this.#headerFilled);
    this.#headerFilled += length;
    if (this.#headerFilled < headerLength) return length;
    this.#headerFilled = 0;
    const [stream = 0, ...unused] = this.#header.subarray(0, 4);
    if (stream > 2 || unused.some((byte) => byte !== 0)) {
      this.#plain = true;
      this.#onData(this.#header.slice());
      return length;
    }
    this.#remaining = new DataView(this.#header.buffer).getUint32(4);
    return length;
  }
}
