import type { Clock } from "../../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../../src-main/base/errors.ts";
import type { MetricName, NodeSample } from "../../../../src-main/protocols/machines/messages/nodes.ts";
import type { Watched } from "../../../platform/platform.ts";
import type { Link } from "../../../state/link.svelte.ts";
import type { MetricWatch } from "../../../state/metricWatch.ts";
import { type ChartHistory, chartHistory, withSample } from "./chartData.ts";
import { boundsOf, type ChartRange, showsEverySecond } from "./chartRange.ts";

export interface NodeHistoryOptions {
  readonly nodeId: string;
  readonly link: Link;
  readonly metricWatch: MetricWatch;
  readonly clock: Clock;
  readonly visible: Watched<boolean>;
  readonly coreTime: () => number;
}

const metrics: readonly MetricName[] = [
  "cpu_usage",
  "memory_usage",
  "disk_usage",
  "load_average",
  "network_rx",
  "network_tx",
];
/** How much room the charts have at most, in points. */
const mostPoints = 1_200;
const quickInterval = 1_000;
const calmInterval = 5_000;
/** A moving range is read anew after its own step, but neither all the time nor hardly ever. */
const reloadLimits = { shortest: 30_000, longest: 300_000 } as const;

/** What one node measured in the range that is looked at, kept up to date while the range moves. */
export class NodeHistory implements Disposable {
  readonly #options: NodeHistoryOptions;
  readonly #owned = new DisposableStore();
  #range: ChartRange = { kind: "last", span: 3_600_000 };
  #width = 600;
  #generation = 0;
  #watch: Disposable | undefined;
  #timer: Disposable | undefined;
  #history = $state.raw<ChartHistory | undefined>();
  #error = $state.raw<PicketError | undefined>();
  #loading = $state(false);

  constructor(options: NodeHistoryOptions) {
    const { link, metricWatch, visible, nodeId } = options;
    this.#options = options;
    this.#owned.add(link.onReady(() => void this.#load()));
    this.#owned.add(visible.onChange((now) => now && void this.#load()));
    this.#owned.add(metricWatch.onSample(nodeId, (sample) => this.#sampled(sample)));
    this.#owned.add({ dispose: () => this.#watch?.dispose() });
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  get history(): ChartHistory | undefined {
    return this.#history;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** What is shown belongs to another range than the one that was asked for. */
  get loading(): boolean {
    return this.#loading;
  }

  /** @param width of a chart, in pixels: more points than that cannot be seen */
  show(range: ChartRange, width: number): void {
    this.#range = range;
    this.#width = width;
    const { metricWatch, nodeId } = this.#options;
    const before = this.#watch;
    this.#watch = metricWatch.watch(nodeId, showsEverySecond(range) ? quickInterval : calmInterval);
    before?.dispose();
    this.#loading = true;
    void this.#load();
  }

  dispose(): void {
    this.#generation += 1;
    this.#owned.dispose();
  }

  #sampled(sample: NodeSample): void {
    if (this.#history === undefined || this.#loading || !showsEverySecond(this.#range)) return;
    const { from } = boundsOf(this.#range, this.#options.coreTime(), this.#width);
    this.#history = withSample(this.#history, sample, from - 10_000);
  }

  async #load(): Promise<void> {
    const { link, nodeId, coreTime, clock, visible } = this.#options;
    this.#timer?.dispose();
    if (!link.isOnline || !visible.value) return;
    this.#generation += 1;
    const generation = this.#generation;
    const range = this.#range;
    const points = Math.min(mostPoints, Math.max(100, Math.round(this.#width)));
    const { from, to } = boundsOf(range, coreTime(), this.#width);
    try {
      const answer = await link.request("history", { nodeId, metrics: [...metrics], from, to: to + 1000, points });
      if (generation !== this.#generation) return;
      this.#history = chartHistory(answer);
      this.#error = undefined;
      this.#loading = false;
      if (range.kind === "last") {
        const pause = Math.min(reloadLimits.longest, Math.max(reloadLimits.shortest, answer.step));
        this.#timer = clock.schedule(pause, () => void this.#load());
      }
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (generation !== this.#generation || error.code === "PEER_LOST") return;
      this.#error = error;
      this.#loading = false;
    }
  }
}
