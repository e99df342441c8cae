import type { Disposable } from "../../base/disposable.ts";
import { metricNames } from "../metrics/metricColumns.ts";
import type { MetricStore, StoredSample } from "../metrics/metricStore.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import { advance, type Episode, firingEpisode, holdOf, isAlerting, quietEpisode, type Verdict } from "./episode.ts";
import { advanceRate, type RateWindow } from "./rate.ts";
import type { RuleOf } from "./ruleBook.ts";
import { judgeSample, type SamplePace } from "./sampleLiveness.ts";
import { judgeThreshold } from "./threshold.ts";
import type { WatchOptions } from "./watchOptions.ts";

type SampleRule = RuleOf<"threshold" | "rate">;

interface Tracker {
  readonly rule: SampleRule;
  /** Where the rule's number stands in a sample. */
  readonly column: number;
  episode: Episode;
  window: RateWindow;
}

interface Watched {
  node: NodeRecord;
  version: number;
  pace: SamplePace | undefined;
  trackers: readonly Tracker[];
}

const kinds = ["threshold", "rate"] as const;
/** Nodes report at least once a minute; after more than two of nothing what was counted starts again. */
export const sampleGap = 150_000;

/** Watches stored samples, on their own time. What a node sends after an outage tells of the past and raises nothing. */
export class SampleWatch implements Disposable {
  readonly #options: WatchOptions & { readonly metrics: MetricStore };
  readonly #watched = new Map<number, Watched>();
  #version = 0;
  #subscription: Disposable | undefined;

  constructor(options: WatchOptions & { readonly metrics: MetricStore }) {
    this.#options = options;
    this.rulesChanged();
  }

  /** Without a rule of this kind nobody listens to the samples. */
  rulesChanged(): void {
    this.#version += 1;
    if (this.#options.rules.enabled(kinds).length > 0) {
      this.#subscription ??= this.#options.metrics.onStored((samples) => this.#look(samples));
    } else {
      this.dispose();
      this.#watched.clear();
    }
  }

  nodeRemoved(nodeKey: number): void {
    this.#watched.delete(nodeKey);
  }

  dispose(): void {
    this.#subscription?.dispose();
    this.#subscription = undefined;
  }

  #look(samples: readonly StoredSample[]): void {
    const { clock } = this.#options;
    const arrived = { wall: clock.wallTime(), now: clock.monotonicTime() };
    for (const sample of samples) {
      const watched = this.#watchedOf(sample.nodeKey);
      if (watched === undefined) continue;
      const { pace, live } = judgeSample(watched.pace, { time: sample.time, ...arrived });
      watched.pace = pace;
      if (!live) continue;
      for (const tracker of watched.trackers) this.#advance(tracker, watched.node, sample);
    }
  }

  #advance(tracker: Tracker, node: NodeRecord, { time, values }: StoredSample): void {
    const { rule } = tracker;
    let value = values[tracker.column] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    let verdict: Verdict;
    if (rule.condition.kind === "threshold") {
      verdict = judgeThreshold(rule.condition, value);
    } else {
      const rate = advanceRate(tracker.window, { time, value }, rule.condition);
      tracker.window = rate.window;
      value = rate.change;
      verdict = rate.bad ? "bad" : "good";
    }
    const before = tracker.episode;
    // By far the most frequent: nothing is wrong, and nothing was.
    if (verdict === "good" && before.phase === "good" && time > before.seenAt) return;
    const times = { for: rule.for, hold: holdOf(rule.for), gap: sampleGap };
    tracker.episode = advance(before, { time, verdict }, times);
    if (isAlerting(before) === isAlerting(tracker.episode)) return;
    const { open } = this.#options;
    if (isAlerting(before)) open.resolve({ ruleId: rule.id, nodeKey: node.key });
    else open.raise({ rule, node, value, time });
  }

  #watchedOf(nodeKey: number): Watched | undefined {
    const known = this.#watched.get(nodeKey);
    const node = this.#options.nodes.getByKey(nodeKey);
    if (node === undefined || (known?.version === this.#version && known.node === node)) return known;
    const watched = known ?? { node, version: 0, pace: undefined, trackers: [] };
    const { open, rules } = this.#options;
    watched.trackers = rules.enabled(kinds, node).map((rule): Tracker => {
      const kept = watched.trackers.find((tracker) => tracker.rule === rule);
      if (kept !== undefined) return kept;
      const episode = open.isOpen({ ruleId: rule.id, nodeKey }) ? firingEpisode : quietEpisode;
      return { rule, column: metricNames.indexOf(rule.condition.metric), episode, window: [] };
    });
    watched.node = node;
    watched.version = this.#version;
    this.#watched.set(nodeKey, watched);
    return watched;
  }
}
