import type { LogLevel } from "../../../src-main/core/logs/logEntry.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

const words = 5_000;
const sources = ["kernel", "sshd.service", "nginx.service", "postgresql.service", "cron.service", "app", "systemd"];
const levels: readonly LogLevel[] = ["debug", "info", "info", "info", "info", "info", "notice", "warning", "error"];

/** Lines as logs have them: some words often, most seldom, and numbers that never come again. The same for a seed. */
export class LineModel {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  next(): { readonly level: LogLevel; readonly source: string; readonly message: string } {
    const random = this.#random;
    const parts = Array.from({ length: 8 }, () => this.#word());
    const address = `10.0.${random.below(256)}.${random.below(256)}`;
    const message = `${parts.join(" ")} from ${address} id=${random.below(2 ** 31).toString(16)}`;
    return { level: random.pick(levels), source: random.pick(sources), message };
  }

  /** The lower its number, the more often it comes. */
  #word(): string {
    return `word${Math.floor(words * this.#random.next() ** 3)}`;
  }
}
