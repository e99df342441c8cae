import type { Clock } from "./clock.ts";

/** Allows `rate` units per second on average and `burst` at once; what is spent above it is owed. Holds no timer. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, limits: { readonly rate: number; readonly burst: number }) {
    this.#clock = clock;
    this.#rate = limits.rate;
    this.#burst = limits.burst;
    this.#tokens = limits.burst;
    this.#filledAt = clock.monotonicTime();
  }

  /** Takes one unit if there is one. */
  take(): boolean {
    if (this.#tokens < 1) this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Spends one unit in any case; false when it was not there, and the spender should stop for `waitTime`. */
  spend(): boolean {
    if (this.#tokens < 1) this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0;
  }

  /** Milliseconds until everything owed is paid and a unit is there; 0 when one is. */
  get waitTime(): number {
    this.#fill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#rate) * 1000);
  }

  #fill(): void {
    const now = this.#clock.monotonicTime();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate);
    this.#filledAt = now;
  }
}
