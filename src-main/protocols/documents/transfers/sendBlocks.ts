/**
 * Memory for blocks that go to the network one after another: each is used again once the network has taken it. Fresh
 * memory for every block would be garbage as large as the file.
 */
export class SendBlocks {
  readonly #blockBytes: number;
  readonly #free: Uint8Array[] = [];
  /** In the order in which they were handed over; `end` counts all bytes up to and with this block. */
  #sent: { readonly block: Uint8Array; readonly end: number }[] = [];
  #sentBytes = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /**
   * A block of which nobody needs the content any more.
   *
   * @param bufferedBytes what the connection has not yet passed on of all that it was given
   */
  next(bufferedBytes: number): Uint8Array {
    const taken = this.#sentBytes - bufferedBytes;
    for (let first = this.#sent[0]; first !== undefined && first.end <= taken; first = this.#sent[0]) {
      this.#sent.shift();
      this.#free.push(first.block);
    }
    // `Unsafe` of Node's would do as well, but these are few.
    return this.#free.pop() ?? new Uint8Array(this.#blockBytes);
  }

  /** Of this block so many bytes were handed to the connection. */
  sent(block: Uint8Array, length: number): void {
    this.#sentBytes += length;
    this.#sent.push({ block, end: this.#sentBytes });
  }
}
