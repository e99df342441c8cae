/** What must be so of things that are changed until something is killed: the value acked last, or one on its way. */
export class AckedValues {
  readonly #values = new Map<string, { acked: string | undefined; begun: string | undefined }>();

  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** From now on `key` may have this value. */
  begin(key: string, value: string): void {
    this.#values.set(key, { acked: this.#values.get(key)?.acked, begun: value });
  }

  /** From now on it must. */
  done(key: string, value: string): void {
    this.#values.set(key, { acked: value, begun: undefined });
  }

  /** What is wrong with the value that was found, if anything. From now on it is the one that must be so. */
  fault(key: string, value: string | undefined): string | undefined {
    const { acked, begun } = this.#values.get(key) ?? { acked: undefined, begun: undefined };
    const isRight = value === acked || (begun !== undefined && value === begun);
    this.#values.set(key, { acked: value, begun: undefined });
    return isRight ? undefined : `${key} is ${value}, acked ${acked}, begun ${begun}`;
  }
}
