import { type Disposable, toDisposable } from "./disposable.ts";

/**
 * Time, as everything in Picket sees it. Durations are measured on the monotonic side only: the wall clock jumps when
 * somebody sets it or a laptop wakes up, and a node must not look dead because of that.
 */
export interface Clock {
  /** Milliseconds since 1970, UTC, for people and for the wire. */
  wallTime(): number;
  /** Milliseconds since some moment, never backwards, for durations. */
  monotonicTime(): number;
  /** Calls `task` once after `delay` milliseconds, unless disposed before. */
  schedule(delay: number, task: () => void): Disposable;
  /** Calls `task` every `interval` milliseconds until disposed. */
  repeat(interval: number, task: () => void): Disposable;
}

/** The real clock. */
export const systemClock: Clock = {
  wallTime: () => Date.now(),
  monotonicTime: () => performance.now(),
  schedule(delay, task) {
    const timer = setTimeout(task, delay);
    return toDisposable(() => clearTimeout(timer));
  },
  repeat(interval, task) {
    const timer = setInterval(task, interval);
    return toDisposable(() => clearInterval(timer));
  },
};

/** The wall time as the wire writes it: RFC 3339, UTC, with a `Z`. */
export function timestamp(clock: Clock): string {
  return new Date(clock.wallTime()).toISOString();
}

/** Resolves after `delay` milliseconds of `clock`. */
export function sleep(clock: Clock, delay: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delay, resolve);
  });
}
