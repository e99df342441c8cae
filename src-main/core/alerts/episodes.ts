import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { AlertRule } from "./alertRule.ts";
import { advance, type Episode, firingEpisode, holdOf, isAlerting, type Look, quietEpisode } from "./episode.ts";
import type { OpenAlerts } from "./openAlerts.ts";

export interface EpisodeLook<R extends AlertRule> extends Look {
  readonly rule: R;
  readonly node: NodeRecord;
  /** See `EpisodeTimes`. */
  readonly gap: number;
  /** Instead of the rule's. */
  readonly for?: number;
  readonly value?: number | undefined;
}

interface Kept<R> {
  readonly rule: R;
  readonly node: NodeRecord;
  readonly episode: Episode;
}

/** How far the rules of one kind have come with each node; opens and resolves the alerts. */
export class Episodes<R extends AlertRule> {
  readonly #open: OpenAlerts;
  readonly #kept = new Map<string, Kept<R>>();

  constructor(open: OpenAlerts) {
    this.#open = open;
  }

  look({ rule, node, time, verdict, gap, value, for: lasted = rule.for }: EpisodeLook<R>): void {
    const key = keyOf(rule, node);
    const known = this.#kept.get(key);
    const before = known?.rule === rule ? known.episode : this.#first(rule, node);
    const episode = advance(before, { time, verdict }, { for: lasted, hold: holdOf(lasted), gap });
    // By far the most nodes are well most of the time: of them there is nothing to remember.
    if (episode.phase === "good") this.#kept.delete(key);
    else this.#kept.set(key, { rule, node, episode });
    if (isAlerting(before) === isAlerting(episode)) return;
    if (isAlerting(episode)) this.#open.raise({ rule, node, value });
    else this.#open.resolve({ ruleId: rule.id, nodeKey: node.key });
  }

  /** It has been bad since then, which may lie ahead: until then it does not count. An open alert stays one. */
  pendingSince(rule: R, node: NodeRecord, since: number): void {
    if (this.#open.isOpen({ ruleId: rule.id, nodeKey: node.key })) return;
    const episode: Episode = { phase: "pending", since, seenAt: Number.NEGATIVE_INFINITY };
    this.#kept.set(keyOf(rule, node), { rule, node, episode });
  }

  /** Those that change by the passing of time alone. */
  *undecided(): Iterable<{ readonly rule: R; readonly node: NodeRecord; readonly verdict: "bad" | "good" }> {
    for (const { rule, node, episode } of this.#kept.values()) {
      if (episode.phase === "pending") yield { rule, node, verdict: "bad" };
      if (episode.phase === "recovering") yield { rule, node, verdict: "good" };
    }
  }

  /** Keeps only what these rules still watch. */
  keepOnly(isWatched: (rule: R, nodeKey: number) => boolean): void {
    for (const [key, { rule, node }] of this.#kept) if (!isWatched(rule, node.key)) this.#kept.delete(key);
  }

  #first(rule: R, node: NodeRecord): Episode {
    return this.#open.isOpen({ ruleId: rule.id, nodeKey: node.key }) ? firingEpisode : quietEpisode;
  }
}

function keyOf(rule: AlertRule, node: NodeRecord): string {
  return `${rule.id}\n${node.key}`;
}
