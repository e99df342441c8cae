import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { Watched } from "../platform/platform.ts";

const tick = 1_000;
/** The core says its time to the second, and the answer takes its while: less than this is agreement. */
const agreement = 2_500;

export interface TickerOptions {
  readonly clock: Clock;
  readonly visible: Watched<boolean>;
}

/**
 * The time that every age on the screen is counted from: one timer for all, none while nobody looks. It is the core's
 * time, because the moments that it is compared with are the core's; an operator's clock that is wrong must not make
 * nodes look dead.
 */
export class Ticker implements Disposable {
  readonly #clock: Clock;
  readonly #visible: Watched<boolean>;
  readonly #owned = new DisposableStore();
  #timer: Disposable | undefined;
  #offset = 0;
  #now = $state(0);

  constructor({ clock, visible }: TickerOptions) {
    this.#clock = clock;
    this.#visible = visible;
    this.#now = clock.wallTime();
  }

  /** Changes every second while somebody looks. */
  get now(): number {
    return this.#now;
  }

  /** The same on this device's own clock. */
  get wallNow(): number {
    return this.#now - this.#offset;
  }

  start(): void {
    this.#owned.add(this.#visible.onChange(() => this.#follow()));
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
    this.#follow();
  }

  /** The core's time at this very moment; reading it follows nothing. */
  coreTime(): number {
    return this.#clock.wallTime() + this.#offset;
  }

  /** The core has said what time it is. */
  coreSaid(time: number): void {
    const offset = time - this.#clock.wallTime();
    this.#offset = Math.abs(offset) < agreement ? 0 : offset;
    this.#now = this.coreTime();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #follow(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (!this.#visible.value) return;
    this.#now = this.coreTime();
    this.#timer = this.#clock.repeat(tick, () => {
      this.#now = this.coreTime();
    });
  }
}
