import type { Clock } from "../../base/clock.ts";

/**
 * The time that the core was awake and listening, in milliseconds since it started. A machine that sleeps, or a process
 * that stalls, hears no node: that time does not count as any node's silence.
 */
export class AwakeTime {
  readonly #clock: Clock;
  /** No single step counts for more. */
  readonly #longestStep: number;
  #at: number;
  #awake = 0;

  /** @param longestStep how far apart `tick` is called at most while the core is awake, in milliseconds */
  constructor(clock: Clock, longestStep: number) {
    this.#clock = clock;
    this.#longestStep = longestStep;
    this.#at = clock.monotonicTime();
  }

  get now(): number {
    return this.#awake + this.#step();
  }

  tick(): number {
    this.#awake += this.#step();
    this.#at = this.#clock.monotonicTime();
    return this.#awake;
  }

  #step(): number {
    return Math.min(this.#clock.monotonicTime() - this.#at, this.#longestStep);
  }
}
