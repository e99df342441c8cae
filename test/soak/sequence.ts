const lineEnd = 0x0a;

/** Checks that a stream is `0\n1\n2\n…`, without a byte more, less or elsewhere. */
export class Sequence {
  /** How many numbers came. */
  count = 0;
  bytes = 0;
  /** The first thing that did not fit. */
  fault: string | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #afterGap = false;

  /** Bytes are missing here, as they may be: the next whole number says where it goes on. */
  gap(): void {
    this.#afterGap = true;
    this.#rest = Buffer.alloc(0);
  }

  take(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.fault !== undefined) return;
    const text = Buffer.concat([this.#rest, chunk]);
    let from = 0;
    if (this.#afterGap) {
      const whole = text.indexOf(lineEnd) + 1;
      const end = text.indexOf(lineEnd, whole);
      if (whole === 0 || end === -1) {
        this.#rest = text;
        return;
      }
      const next = Number(text.toString("latin1", whole, end));
      if (!(next >= this.count)) this.fault = `after ${this.count} numbers and a gap came ${next}`;
      this.count = next;
      from = whole;
      this.#afterGap = false;
    }
    for (let end = text.indexOf(lineEnd, from); end !== -1; end = text.indexOf(lineEnd, from)) {
      const line = text.toString("latin1", from, end);
      if (line !== String(this.count)) {
        this.fault = `after ${this.count} numbers came ${JSON.stringify(line.slice(0, 60))}`;
        return;
      }
      this.count += 1;
      from = end + 1;
    }
    this.#rest = text.subarray(from);
  }
}
