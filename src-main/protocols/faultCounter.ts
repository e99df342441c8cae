import type { Clock } from "../base/clock.ts";

const limit = 20;
const period = 10_000;

/** Counts malformed messages: one never closes a connection, twenty within ten seconds do. */
export class FaultCounter {
  readonly #clock: Clock;
  #times: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one; true when it was one too many. */
  add(): boolean {
    const now = this.#clock.monotonicTime();
    this.#times = this.#times.filter((time) => now - time < period);
    this.#times.push(now);
    // A peer that goes on while it is being closed must not make this longer and longer.
    if (this.#times.length > limit) this.#times.shift();
    return this.#times.length >= limit;
  }
}
