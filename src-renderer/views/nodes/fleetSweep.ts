import type { Clock } from "../../../src-main/base/clock.ts";
import type { Disposable } from "../../../src-main/base/disposable.ts";
import type { Watched } from "../../platform/platform.ts";
import type { Fleet } from "../../state/fleet.svelte.ts";

export interface FleetSweepOptions {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly visible: Watched<boolean>;
}

const pause = 10_000;

/**
 * Brings the numbers of all nodes up to date, a page at a time, while somebody looks at the list: only the rows on the
 * screen come in live, but the order is over all of them.
 */
export class FleetSweep implements Disposable {
  readonly #options: FleetSweepOptions;
  readonly #timer: Disposable;
  #after: string | undefined;
  #asking = false;

  constructor(options: FleetSweepOptions) {
    this.#options = options;
    this.#timer = options.clock.repeat(pause, () => void this.#step());
  }

  dispose(): void {
    this.#timer.dispose();
  }

  async #step(): Promise<void> {
    const { fleet, visible } = this.#options;
    if (this.#asking || !visible.value) return;
    this.#asking = true;
    try {
      this.#after = await fleet.refreshPage(this.#after);
    } catch {
      this.#after = undefined;
    } finally {
      this.#asking = false;
    }
  }
}
