import type { Clock } from "../../base/clock.ts";

interface Failures {
  count: number;
  lastAt: number;
}

const freeAttempts = 5;
const firstDelay = 2_000;
const longestDelay = 15 * 60_000;
const forgetAfter = 60 * 60_000;
const maxEntries = 10_000;

/**
 * Slows down guessing: after five failures each further attempt for a name from an address waits twice as long as the
 * one before. Keyed by both, so that a stranger cannot lock the owner out from elsewhere.
 */
export class SignInThrottle {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next attempt is looked at; 0 now. */
  waitTime(username: string, address: string): number {
    const failures = this.#failures.get(keyOf(username, address));
    if (failures === undefined || failures.count < freeAttempts) return 0;
    const delay = Math.min(longestDelay, firstDelay * 2 ** (failures.count - freeAttempts));
    return Math.max(0, failures.lastAt + delay - this.#clock.monotonicTime());
  }

  failed(username: string, address: string): void {
    const key = keyOf(username, address);
    const now = this.#clock.monotonicTime();
    const failures = this.#failures.get(key) ?? { count: 0, lastAt: now };
    if (now - failures.lastAt > forgetAfter) failures.count = 0;
    failures.count += 1;
    failures.lastAt = now;
    // Deleted and set again, it is the newest in the map's order, and the oldest is the first to be forgotten.
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    if (this.#failures.size <= maxEntries) return;
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest);
      break;
    }
  }

  succeeded(username: string, address: string): void {
    this.#failures.delete(keyOf(username, address));
  }
}

function keyOf(username: string, address: string): string {
  return `${username.toLowerCase()}\n${address}`;
}
