/**
 * What a command printed on one stream: all of it up to the limit, then its beginning and its end with a mark between
 * that says how much is missing.
 */
export class CapturedOutput {
  readonly #half: number;
  #head: Uint8Array[] = [];
  #headLength = 0;
  #tail: Uint8Array[] = [];
  #tailLength = 0;
  #total = 0;

  /** @param limit bytes that are kept */
  constructor(limit: number) {
    this.#half = Math.floor(limit / 2);
  }

  append(bytes: Uint8Array): void {
    this.#total += bytes.length;
    const headRoom = this.#half - this.#headLength;
    if (headRoom > 0) {
      const part = bytes.subarray(0, headRoom);
      this.#head.push(part.slice());
      this.#headLength += part.length;
    }
    const rest = bytes.subarray(Math.max(0, headRoom));
    if (rest.length === 0) return;
    this.#tail.push(rest.slice());
    this.#tailLength += rest.length;
    // Whole pieces are dropped while what remains is still enough.
    for (let first = this.#tail[0]; first !== undefined; first = this.#tail[0]) {
      if (this.#tailLength - first.length < this.#half) break;
      this.#tail.shift();
      this.#tailLength -= first.length;
    }
  }

  /** As text of at most `limit` bytes, half of it from the beginning. Bytes that are no UTF-8 become U+FFFD. */
  toText(limit: number): string {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    if (this.#total <= limit && this.#total === head.length + tail.length) {
      return Buffer.concat([head, tail]).toString("utf8");
    }
    const half = Math.floor(limit / 2);
    const first = head.subarray(0, half);
    // When nothing reached the tail, the end of the output is the end of the head.
    const last = tail.length > 0 ? tail.subarray(Math.max(0, tail.length - half)) : head.subarray(-half);
    const missing = this.#total - first.length - last.length;
    return `${wholeStart(first)}\n[… ${missing} bytes left out …]\n${wholeEnd(last)}`;
  }
}

/** A cut may go through a character: what is left of it is not shown. */
function wholeStart(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true });
}

function wholeEnd(bytes: Uint8Array): string {
  let start = 0;
  while (start < Math.min(4, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return new TextDecoder().decode(bytes.subarray(start));
}
