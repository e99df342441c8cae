import type { NodeRecord } from "../nodes/nodeRecord.ts";
import { watches } from "./alertRule.ts";
import { Episodes } from "./episodes.ts";
import type { RuleOf } from "./ruleBook.ts";
import type { WatchOptions } from "./watchOptions.ts";

type OfflineRule = RuleOf<"node-offline">;

const kinds = ["node-offline"] as const;
/** After a start the nodes get this long to come back before their absence counts. */
const startGrace = 120_000;
/** A shorter time would make an alert of every reconnect. */
const shortest = 10_000;

/** Watches which nodes are connected, on the time that the core was awake: neither clock nor sleep makes a node silent. */
export class PresenceWatch {
  readonly #options: WatchOptions;
  readonly #episodes: Episodes<OfflineRule>;
  #rules: readonly OfflineRule[] = [];

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#episodes = new Episodes(options.open);
    this.#start(options.awake() + startGrace);
  }

  rulesChanged(): void {
    const before = new Set(this.#rules);
    this.#episodes.keepOnly((rule) => this.#options.rules.get(rule.id) === rule);
    this.#start(this.#options.awake(), before);
  }

  nodeChanged(node: NodeRecord): void {
    for (const rule of this.#rules) if (watches(rule, node)) this.#look(rule, node);
  }

  nodeRemoved(nodeKey: number): void {
    this.#episodes.keepOnly((_, key) => key !== nodeKey);
  }

  tick(): void {
    if (this.#rules.length === 0) return;
    for (const { rule, node } of [...this.#episodes.undecided()]) {
      const known = this.#options.nodes.getByKey(node.key);
      if (known !== undefined && watches(rule, known)) this.#look(rule, known);
    }
  }

  #start(since: number, known: ReadonlySet<OfflineRule> = new Set()): void {
    this.#rules = this.#options.rules.enabled(kinds);
    for (const rule of this.#rules) {
      if (known.has(rule)) continue;
      for (const node of this.#options.nodes.list()) {
        if (node.status === "offline" && watches(rule, node) && this.#wasSeen(node)) {
          this.#episodes.pendingSince(rule, node, since);
        }
      }
    }
  }

  #look(rule: OfflineRule, node: NodeRecord): void {
    const offline = node.status === "offline" && this.#wasSeen(node);
    this.#episodes.look({
      rule,
      node,
      time: this.#options.awake(),
      verdict: offline ? "bad" : "good",
      gap: Number.POSITIVE_INFINITY,
      for: Math.max(rule.for, shortest),
    });
  }

  /** A node that was only announced is not missed. */
  #wasSeen(node: NodeRecord): boolean {
    return this.#options.nodes.lastSeenAt(node.nodeId) !== undefined;
  }
}
