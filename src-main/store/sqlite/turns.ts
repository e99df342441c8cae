/** There is one connection to the database: who holds it for a transaction has it alone. First come, first served. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for the connection; the returned function gives it back. */
  async take(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }
}
