import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Metrics } from "../../protocols/nodes/metrics.ts";
import type { Sampler } from "./sampler.ts";

/** Somebody who wants samples: an upstream. */
export interface SampleTarget {
  /** Milliseconds between two samples that it wants. */
  readonly interval: number;
  sampled(time: number, metrics: Metrics): void;
}

export interface MetricsLoopOptions {
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The first sample has a processor load only when a moment has passed since the reading before. */
const warmUp = 1_000;

/** Measures as often as the most impatient target wants, and gives each target what it wants. */
export class MetricsLoop implements Disposable {
  readonly #options: MetricsLoopOptions;
  /** With the time of the sample that each was given last, monotonic. */
  readonly #targets = new Map<SampleTarget, number>();
  #timer: Disposable | undefined;
  #running = false;

  constructor(options: MetricsLoopOptions) {
    this.#options = options;
  }

  /** Begins to measure. */
  async start(): Promise<void> {
    this.#running = true;
    await this.#measure();
    this.#schedule(warmUp);
  }

  add(target: SampleTarget): void {
    this.#targets.set(target, Number.NEGATIVE_INFINITY);
  }

  /** A target's interval has changed: do not wait for the old one to pass. */
  intervalChanged(): void {
    if (!this.#running) return;
    this.#timer?.dispose();
    this.#schedule(this.#interval());
  }

  dispose(): void {
    this.#running = false;
    this.#timer?.dispose();
    this.#options.sampler.dispose();
  }

  #interval(): number {
    return Math.min(60_000, ...Array.from(this.#targets.keys(), ({ interval }) => interval));
  }

  #schedule(delay: number): void {
    if (this.#running) this.#timer = this.#options.clock.schedule(delay, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options;
    const started = clock.monotonicTime();
    const metrics = await this.#measure();
    const time = clock.wallTime();
    for (const [target, last] of this.#targets) {
      // A little early is the next one: timers are not exact.
      if (metrics === undefined || started - last < target.interval * 0.8) continue;
      this.#targets.set(target, started);
      target.sampled(time, metrics);
    }
    this.#schedule(Math.max(100, this.#interval() - (clock.monotonicTime() - started)));
  }

  async #measure(): Promise<Metrics | undefined> {
    try {
      return await this.#options.sampler.sample();
    } catch (error) {
      this.#options.logger.warn("this machine could not be measured", { error: describeError(error) });
      return undefined;
    }
  }
}
