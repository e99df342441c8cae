import type { Clock } from "../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../src-main/base/disposable.ts";
import type { Fleet } from "../../state/fleet.svelte.ts";
import type { Link } from "../../state/link.svelte.ts";
import type { MetricWatch } from "../../state/metricWatch.ts";
import { extendTrend, trendOf, trendPoints, trendSpan } from "../../state/trend.ts";

export interface RowWatchOptions {
  readonly fleet: Fleet;
  readonly link: Link;
  readonly metricWatch: MetricWatch;
  readonly clock: Clock;
  readonly coreTime: () => number;
}

interface Row {
  readonly watch: Disposable;
  readonly samples: Disposable;
}

/** Rows that fly past while somebody scrolls are not worth asking for. */
const settleTime = 150;
const sampleInterval = 5_000;
const parallelLoads = 4;

/** Keeps the rows that can be seen alive: their numbers and their curves, and of no others. */
export class RowWatch implements Disposable {
  readonly #options: RowWatchOptions;
  readonly #rows = new Map<string, Row>();
  readonly #loaded = new Set<string>();
  readonly #waiting = new Set<string>();
  readonly #owned = new DisposableStore();
  #wanted: readonly string[] = [];
  #timer: Disposable | undefined;
  #loading = 0;

  constructor(options: RowWatchOptions) {
    this.#options = options;
    this.#owned.add(
      options.link.onReady(() => {
        // What was measured while the link was down is in the history.
        this.#loaded.clear();
        this.#settle();
      }),
    );
  }

  /** These rows can be seen now. */
  show(nodeIds: readonly string[]): void {
    const first = this.#rows.size === 0 && this.#timer === undefined;
    this.#wanted = nodeIds;
    this.#timer?.dispose();
    if (first) this.#settle();
    else this.#timer = this.#options.clock.schedule(settleTime, () => this.#settle());
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#owned.dispose();
    this.#wanted = [];
    this.#waiting.clear();
    for (const nodeId of [...this.#rows.keys()]) this.#drop(nodeId);
  }

  #settle(): void {
    const wanted = new Set(this.#wanted);
    for (const nodeId of [...this.#rows.keys()]) if (!wanted.has(nodeId)) this.#drop(nodeId);
    this.#waiting.clear();
    for (const nodeId of wanted) {
      if (!this.#rows.has(nodeId)) this.#rows.set(nodeId, this.#watch(nodeId));
      if (!this.#loaded.has(nodeId)) this.#waiting.add(nodeId);
    }
    this.#loadNext();
  }

  #watch(nodeId: string): Row {
    const { metricWatch, fleet } = this.#options;
    return {
      watch: metricWatch.watch(nodeId, sampleInterval),
      samples: metricWatch.onSample(nodeId, ({ time, values }) => {
        const entry = fleet.get(nodeId);
        if (entry?.trend !== undefined && values.cpu_usage !== undefined) {
          entry.trend = extendTrend(entry.trend, { time, value: values.cpu_usage });
        }
      }),
    };
  }

  #drop(nodeId: string): void {
    const row = this.#rows.get(nodeId);
    this.#rows.delete(nodeId);
    // Its curve stops growing here: it is loaded anew when it is seen again.
    this.#loaded.delete(nodeId);
    row?.watch.dispose();
    row?.samples.dispose();
  }

  #loadNext(): void {
    for (const nodeId of this.#waiting) {
      if (this.#loading >= parallelLoads) return;
      this.#waiting.delete(nodeId);
      this.#loading += 1;
      void this.#load(nodeId).finally(() => {
        this.#loading -= 1;
        this.#loadNext();
      });
    }
  }

  async #load(nodeId: string): Promise<void> {
    const { link, fleet, coreTime } = this.#options;
    const to = coreTime() + 60_000;
    try {
      const history = await link.request("history", {
        nodeId,
        metrics: ["cpu_usage"],
        from: to - trendSpan,
        to,
        points: trendPoints,
      });
      const entry = fleet.get(nodeId);
      if (entry === undefined) return;
      entry.trend = trendOf(history, "cpu_usage");
      this.#loaded.add(nodeId);
    } catch {
      // A curve is an ornament: the row says the same in numbers.
    }
  }
}
