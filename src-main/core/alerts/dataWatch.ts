import type { Disposable } from "../../base/disposable.ts";
import type { MetricStore } from "../metrics/metricStore.ts";
import { watches } from "./alertRule.ts";
import { Episodes } from "./episodes.ts";
import type { RuleOf } from "./ruleBook.ts";
import type { WatchOptions } from "./watchOptions.ts";

type DataRule = RuleOf<"missing-data">;

const kinds = ["missing-data"] as const;
/** Between two samples of a node that reports once a minute nothing is missing. */
const shortest = 90_000;

/** Watches that nodes which are connected also send numbers. */
export class DataWatch implements Disposable {
  readonly #options: WatchOptions & { readonly metrics: MetricStore };
  readonly #episodes: Episodes<DataRule>;
  /** When a node's last sample was stored, on the awake time. */
  readonly #heardAt = new Map<number, number>();
  #rules: readonly DataRule[] = [];
  #subscription: Disposable | undefined;

  constructor(options: WatchOptions & { readonly metrics: MetricStore }) {
    this.#options = options;
    this.#episodes = new Episodes(options.open);
    this.rulesChanged();
  }

  rulesChanged(): void {
    this.#rules = this.#options.rules.enabled(kinds);
    this.#episodes.keepOnly((rule) => this.#rules.includes(rule));
    if (this.#rules.length === 0) {
      this.dispose();
      this.#heardAt.clear();
      return;
    }
    this.#subscription ??= this.#options.metrics.onStored((samples) => {
      const awake = this.#options.awake();
      for (const { nodeKey } of samples) this.#heardAt.set(nodeKey, awake);
    });
  }

  nodeRemoved(nodeKey: number): void {
    this.#heardAt.delete(nodeKey);
    this.#episodes.keepOnly((_, key) => key !== nodeKey);
  }

  tick(): void {
    if (this.#rules.length === 0) return;
    const awake = this.#options.awake();
    const { metrics, nodes } = this.#options;
    for (const node of nodes.list()) {
      // Who is not connected is offline, not silent; and what the core itself cannot store says nothing of the node.
      if (node.status === "offline" || metrics.failure !== undefined || !this.#heardAt.has(node.key)) {
        this.#heardAt.set(node.key, awake);
        continue;
      }
      const silence = awake - (this.#heardAt.get(node.key) ?? awake);
      for (const rule of this.#rules) {
        if (!watches(rule, node)) continue;
        const verdict = silence >= Math.max(rule.for, shortest) ? "bad" : "good";
        // How long it lasted is in the silence already.
        this.#episodes.look({ rule, node, time: awake, verdict, gap: Number.POSITIVE_INFINITY, for: 0 });
      }
    }
  }

  dispose(): void {
    this.#subscription?.dispose();
    this.#subscription = undefined;
  }
}
