/** Lines that may have the same second: 22 of the 53 bits that a number holds. */
export const idsPerSecond = 2 ** 22;
/** 2020-01-01, in seconds: no line is older. */
const epoch = 1_577_836_800;
const maxSeconds = 8_192;

/** The smallest id that a line of this time can have. @param time milliseconds since 1970 */
export function firstIdAt(time: number): number {
  return Math.max(0, Math.floor(time / 1000) - epoch) * idsPerSecond;
}

/**
 * Hands out the ids of lines: the second of the line, then a number within it. So a page of lines in the order of time is
 * a range of ids, and a line that comes late lands where it belongs.
 */
export class LineIds {
  /** What each second's next line gets, the least recently used first. */
  readonly #next = new Map<number, number>();
  /** No stored line has a later second: those need no look into the database. */
  #newest: number;

  /** @param newestId the largest id that is stored, or -1 */
  constructor(newestId: number) {
    this.#newest = newestId < 0 ? -1 : Math.floor(newestId / idsPerSecond);
  }

  /** The starts of those seconds whose stored lines must be looked up before `take`. */
  unknown(times: Iterable<number>): number[] {
    const starts = new Set(Array.from(times, firstIdAt));
    return [...starts].filter((start) => {
      const second = start / idsPerSecond;
      return second <= this.#newest && !this.#next.has(second);
    });
  }

  /** What was looked up: the largest id within the second that starts with `start`. */
  learn(start: number, largestId: number | undefined): void {
    this.#set(start / idsPerSecond, largestId === undefined ? 0 : largestId - start + 1);
  }

  /** An id for a line of this time; undefined when its second is full. */
  take(time: number): number | undefined {
    const start = firstIdAt(time);
    const second = start / idsPerSecond;
    const next = this.#next.get(second) ?? 0;
    if (next >= idsPerSecond) return undefined;
    this.#set(second, next + 1);
    this.#newest = Math.max(this.#newest, second);
    return start + next;
  }

  /** Forgets seconds that are not needed for the next group: they can be looked up again. */
  trim(): void {
    for (const second of this.#next.keys()) {
      if (this.#next.size <= maxSeconds) return;
      this.#next.delete(second);
    }
  }

  #set(second: number, next: number): void {
    this.#next.delete(second);
    this.#next.set(second, next);
  }
}
