import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";

/** A crash costs this many milliseconds of lines sent twice. */
const writeDelay = 1_000;
const maxNames = 2_000;

/** Up to where the core has the lines of each source. What was not acked is read again, also after a restart. */
export class Positions implements Disposable {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #positions: Map<string, string>;
  #timer: Disposable | undefined;

  constructor({ file, clock, logger }: { readonly file: string; readonly clock: Clock; readonly logger: Logger }) {
    this.#file = file;
    this.#clock = clock;
    this.#logger = logger;
    this.#positions = new Map(this.#read());
  }

  get(name: string): string | undefined {
    return this.#positions.get(name);
  }

  set(name: string, position: string): void {
    this.#positions.delete(name);
    this.#positions.set(name, position);
    const [oldest] = this.#positions.keys();
    if (this.#positions.size > maxNames && oldest !== undefined) this.#positions.delete(oldest);
    this.#timer ??= this.#clock.schedule(writeDelay, () => this.flush());
  }

  flush(): void {
    if (this.#timer === undefined) return;
    this.#timer.dispose();
    this.#timer = undefined;
    try {
      const next = `${this.#file}.next`;
      writeFileSync(next, JSON.stringify([...this.#positions]), { mode: 0o600 });
      renameSync(next, this.#file);
    } catch (error) {
      this.#logger.warn("the positions of the logs cannot be kept", { error: describeError(error) });
    }
  }

  dispose(): void {
    this.flush();
  }

  #read(): readonly (readonly [string, string])[] {
    try {
      const read: unknown = JSON.parse(readFileSync(this.#file, "utf8"));
      if (!Array.isArray(read)) return [];
      return read.filter(
        (one): one is [string, string] =>
          Array.isArray(one) && typeof one[0] === "string" && typeof one[1] === "string",
      );
    } catch (error) {
      const isNew = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!isNew) this.#logger.warn("the positions of the logs are lost", { error: describeError(error) });
      return [];
    }
  }
}
