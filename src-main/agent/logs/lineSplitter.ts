export interface SplitLine {
  readonly text: string;
  /** Bytes of the line that were left out, because it is too long. */
  readonly cut: number;
  /** Bytes of the stream up to the end of this line. */
  readonly end: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Cuts a stream of bytes into lines of UTF-8. Of a line without end it keeps no more than its beginning. */
export class LineSplitter {
  readonly #limit: number;
  readonly #decoder = new TextDecoder();
  #parts: Uint8Array[] = [];
  #kept = 0;
  #cut = 0;
  #position: number;

  /** @param limit bytes that are kept of a line. @param position where in the stream the first byte is */
  constructor(limit: number, position = 0) {
    this.#limit = limit;
    this.#position = position;
  }

  /** Whether a line has begun that has no end yet. */
  get isInside(): boolean {
    return this.#kept + this.#cut > 0;
  }

  push(bytes: Uint8Array, line: (line: SplitLine) => void): void {
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      this.#keep(bytes.subarray(start, end));
      this.#position += 1;
      line(this.#take());
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  /** What has begun is all there is of it. */
  flush(line: (line: SplitLine) => void): void {
    if (this.isInside) line(this.#take());
  }

  #keep(bytes: Uint8Array): void {
    this.#position += bytes.length;
    const room = Math.min(bytes.length, this.#limit - this.#kept);
    // A copy: what the bytes stand in is used again. (And `slice` of a Buffer makes none.)
    if (room > 0) this.#parts.push(new Uint8Array(bytes.subarray(0, room)));
    this.#kept += room;
    this.#cut += bytes.length - room;
  }

  #take(): SplitLine {
    const [first = new Uint8Array(0)] = this.#parts;
    let bytes = this.#parts.length > 1 ? concatenate(this.#parts, this.#kept) : first;
    if (this.#cut === 0 && bytes.at(-1) === carriageReturn) bytes = bytes.subarray(0, -1);
    const line = { text: this.#decoder.decode(bytes), cut: this.#cut, end: this.#position };
    this.#parts = [];
    this.#kept = 0;
    this.#cut = 0;
    return line;
  }
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
