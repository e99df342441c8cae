/**
 * Turns a counter that only grows into a rate. A counter that runs backwards was reset: there is no rate then, because
 * every number made of it would be wrong.
 */
export class RateTracker {
  #value = Number.NaN;
  #at = Number.NaN;

  /**
   * @param value the counter now
   * @param at when it was read, in milliseconds of a monotonic clock
   * @returns units per second since the reading before; undefined at the first one and after a reset
   */
  next(value: number, at: number): number | undefined {
    const seconds = (at - this.#at) / 1000;
    const difference = value - this.#value;
    this.#value = value;
    this.#at = at;
    return seconds > 0 && difference >= 0 ? difference / seconds : undefined;
  }
}

/** The share of busy ticks between two readings, in percent. */
export class BusyTracker {
  #total = Number.NaN;
  #busy = Number.NaN;

  next(total: number, busy: number): number | undefined {
    const passed = total - this.#total;
    const worked = busy - this.#busy;
    this.#total = total;
    this.#busy = busy;
    // The kernel's idle time can run backwards by a tick; what is then out of range is noise.
    return passed > 0 && worked >= 0 && worked <= passed ? (worked / passed) * 100 : undefined;
  }
}
