import type { Clock } from "../../base/clock.ts";
import { addressKey } from "./addressKey.ts";

/** One attempt, which must end in one of these ways. Until then it counts as one that may fail. */
export interface Attempt {
  failed(): void;
  /** Forgets the failures of this name from this address. */
  succeeded(): void;
  /** It was neither: nothing of it is remembered. */
  withdraw(): void;
}

interface Failures {
  count: number;
  /** When the last one was, on the monotonic clock. */
  lastAt: number;
  /** Attempts that have not ended: many in the same moment must not all count as the first. */
  running: number;
}

/** Failures of one name from one address before it is locked. */
const limitOfName = 5;
/** Failures of one address, whatever names it tried, before it is locked. */
const limitOfAddress = 20;
const lockTime = 15 * 60_000;
const forgetAfter = 60 * 60_000;
/** After this it is clear how an attempt that was running has ended. */
const soon = 1_000;
const maxEntries = 10_000;

/**
 * Ends guessing: after five failures of a name from an address, or twenty of an address, it waits a quarter of an hour, and
 * again after each further one, until an hour passed without. By name and address together, so that a stranger cannot lock
 * the owner out from elsewhere.
 */
export class SignInThrottle {
  readonly #clock: Clock;
  readonly #names = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next attempt is looked at; 0 now. */
  waitTime(username: string, address: string): number {
    return Math.max(
      this.#wait(this.#names.get(nameKey(username, address)), limitOfName),
      this.#wait(this.#addresses.get(addressKey(address)), limitOfAddress),
    );
  }

  begin(username: string, address: string): Attempt {
    const name = nameKey(username, address);
    const place = addressKey(address);
    const running = [this.#touch(this.#names, name), this.#touch(this.#addresses, place)];
    for (const failures of running) failures.running += 1;
    const end = (): void => {
      for (const failures of running) failures.running -= 1;
    };
    return {
      failed: () => {
        end();
        for (const failures of [this.#touch(this.#names, name), this.#touch(this.#addresses, place)]) {
          failures.count += 1;
          failures.lastAt = this.#clock.monotonicTime();
        }
      },
      // The address keeps its failures: with a name of one's own one could guess at others for ever.
      succeeded: () => {
        end();
        this.#touch(this.#names, name).count = 0;
      },
      withdraw: end,
    };
  }

  #wait(failures: Failures | undefined, limit: number): number {
    if (failures === undefined) return 0;
    const { count, lastAt, running } = failures;
    const isOld = this.#isOld(failures);
    const lock = count < limit || isOld ? 0 : Math.max(0, lastAt + lockTime - this.#clock.monotonicTime());
    return lock === 0 && running > 0 && (isOld ? 0 : count) + running >= limit ? soon : lock;
  }

  #isOld({ lastAt }: Failures): boolean {
    return this.#clock.monotonicTime() - lastAt > forgetAfter;
  }

  /** What is known, as the newest in the map's order; the oldest is the first to be forgotten. */
  #touch(all: Map<string, Failures>, key: string): Failures {
    const failures = all.get(key) ?? { count: 0, lastAt: this.#clock.monotonicTime(), running: 0 };
    if (this.#isOld(failures)) failures.count = 0;
    all.delete(key);
    all.set(key, failures);
    for (const oldest of all.keys()) {
      if (all.size <= maxEntries) break;
      all.delete(oldest);
    }
    return failures;
  }
}

function nameKey(username: string, address: string): string {
  return `${username.slice(0, 256).toLowerCase()}\n${addressKey(address)}`;
}
