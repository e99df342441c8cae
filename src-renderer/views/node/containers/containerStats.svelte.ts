import type { Clock } from "../../../../src-main/base/clock.ts";
import type { Disposable } from "../../../../src-main/base/disposable.ts";
import type { ContainerStats } from "../../../../src-main/protocols/machines/messages/containers.ts";
import type { Link } from "../../../state/link.svelte.ts";

export interface StatsWatchOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly container: string;
}

/** The engine needs a moment for every answer: the next question waits this long after it. */
const pause = 3_000;

/** What a container uses, asked again and again while somebody looks. */
export class StatsWatch implements Disposable {
  readonly #options: StatsWatchOptions;
  #timer: Disposable | undefined;
  #over = false;
  #stats = $state.raw<ContainerStats>();

  constructor(options: StatsWatchOptions) {
    this.#options = options;
    void this.#ask();
  }

  get stats(): ContainerStats | undefined {
    return this.#stats;
  }

  dispose(): void {
    this.#over = true;
    this.#timer?.dispose();
  }

  async #ask(): Promise<void> {
    const { link, clock, nodeId, container } = this.#options;
    const stats = await link.request("container-stats", { nodeId, container }).catch(() => undefined);
    if (this.#over) return;
    this.#stats = stats;
    this.#timer = clock.schedule(pause, () => void this.#ask());
  }
}
