import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, toDisposable } from "../../src-main/base/disposable.ts";

interface Task {
  at: number;
  readonly interval: number | undefined;
  readonly run: () => void;
}

/** Time that stands still until a test moves it. The wall clock can jump without the monotonic one, as in real life. */
export class ManualClock implements Clock {
  #monotonic = 1_000;
  #wall: number;
  readonly #tasks = new Set<Task>();

  constructor(wall: number = Date.parse("2026-03-01T12:00:00Z")) {
    this.#wall = wall;
  }

  /** How many timers are running: what is left at the end of a test was leaked. */
  get timerCount(): number {
    return this.#tasks.size;
  }

  wallTime(): number {
    return this.#wall;
  }

  monotonicTime(): number {
    return this.#monotonic;
  }

  schedule(delay: number, run: () => void): Disposable {
    return this.#add({ at: this.#monotonic + Math.max(0, delay), interval: undefined, run });
  }

  repeat(interval: number, run: () => void): Disposable {
    return this.#add({ at: this.#monotonic + interval, interval, run });
  }

  /** Lets time pass: everything that is due runs, in its order. */
  advance(milliseconds: number): void {
    const until = this.#monotonic + milliseconds;
    for (;;) {
      const next = [...this.#tasks].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#pass(Math.max(0, next.at - this.#monotonic));
      if (next.interval === undefined) this.#tasks.delete(next);
      else next.at += next.interval;
      next.run();
    }
    this.#pass(until - this.#monotonic);
  }

  /** This process sleeps: time passes and nothing runs. Afterwards what is due runs late, a repeated task once. */
  stall(milliseconds: number): void {
    this.#pass(milliseconds);
    const due = [...this.#tasks].filter(({ at }) => at <= this.#monotonic).sort((a, b) => a.at - b.at);
    for (const task of due) {
      if (!this.#tasks.has(task)) continue;
      if (task.interval === undefined) this.#tasks.delete(task);
      else task.at = this.#monotonic + task.interval;
      task.run();
    }
  }

  /** Somebody sets the clock: the wall time jumps, no time passes. */
  jump(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  #add(task: Task): Disposable {
    this.#tasks.add(task);
    return toDisposable(() => this.#tasks.delete(task));
  }

  #pass(milliseconds: number): void {
    this.#monotonic += milliseconds;
    this.#wall += milliseconds;
  }
}
