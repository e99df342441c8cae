import { networkInterfaces } from "node:os";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";

const tick = 1_000;
/** The wall clock going so much further than the monotonic one means that the machine slept. */
const sleptFor = 10_000;

/**
 * Tells when it is worth trying again at once: the machine woke up, or its addresses changed. Looks once a second, and
 * only while something waits for it.
 */
export class ReconnectHints implements Disposable {
  readonly #clock: Clock;
  readonly #onHint: () => void;
  #timer: Disposable | undefined;
  #skew = 0;
  #addresses = "";

  constructor(clock: Clock, onHint: () => void) {
    this.#clock = clock;
    this.#onHint = onHint;
  }

  /** Starts or stops looking. */
  setWaiting(waiting: boolean): void {
    if (!waiting) {
      this.dispose();
      return;
    }
    if (this.#timer !== undefined) return;
    this.#skew = this.#currentSkew();
    this.#addresses = currentAddresses();
    this.#timer = this.#clock.repeat(tick, () => this.#look());
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #look(): void {
    const skew = this.#currentSkew();
    const addresses = currentAddresses();
    const hint = skew - this.#skew > sleptFor || addresses !== this.#addresses;
    this.#skew = skew;
    this.#addresses = addresses;
    if (hint) this.#onHint();
  }

  #currentSkew(): number {
    return this.#clock.wallTime() - this.#clock.monotonicTime();
  }
}

function currentAddresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, list]) =>
      (list ?? []).filter(({ internal }) => !internal).map(({ address }) => `${name} ${address}`),
    )
    .sort()
    .join("\n");
}
