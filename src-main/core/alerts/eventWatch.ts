import type { Disposable } from "../../base/disposable.ts";
import type { Bus } from "../../bus/bus.ts";
import { logLevels } from "../logs/logEntry.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { AlertRecord } from "./alertRecord.ts";
import { type AlertRule, watches } from "./alertRule.ts";
import { holdOf } from "./episode.ts";
import type { ContainerEvent, ContainerSource, LogLines, LogSource } from "./eventSources.ts";
import type { AlertPlace } from "./openAlerts.ts";
import type { RuleOf } from "./ruleBook.ts";
import { type TextPattern, textPattern } from "./textPattern.ts";
import type { WatchOptions } from "./watchOptions.ts";

export interface EventWatchOptions extends WatchOptions {
  readonly bus: Bus;
  readonly logs: LogSource | undefined;
  readonly containers: ContainerSource | undefined;
}

interface LogTracker {
  readonly rule: RuleOf<"log-pattern">;
  readonly fits: TextPattern;
  /** The least level that counts; -1: every one. */
  readonly level: number;
  /** The times of the lines that fit, by node, oldest first, at most as many as the rule counts. */
  readonly hits: Map<number, number[]>;
}

interface Held extends AlertPlace {
  /** When it is over unless it happens again, on the awake time. */
  overAt: number;
}

interface Death {
  readonly node: NodeRecord;
  readonly name: string;
  readonly exitCode: number | undefined;
  /** When it is believed, on the awake time. */
  readonly dueAt: number;
}

const failures: ReadonlySet<string> = new Set(["failed", "timed_out", "lost"]);
/** What a node sends after an outage is no news: lines older than the rule's own time and this do not count. */
const linesTooOld = 600_000;
/** A container that never comes back is not an alarm for ever. */
const containerHold = 24 * 3_600_000;
/** Engines say that a container died, and then that somebody stopped it. */
const stopFollows = 3_000;
/** What ends this soon after somebody ended it did not die by itself. */
const killedBefore = 60_000;
const mostRemembered = 1_000;

/** Watches what happens at a moment. Such an alert is over when it has not happened again for the rule's time. */
export class EventWatch implements Disposable {
  readonly #options: EventWatchOptions;
  readonly #held = new Map<string, Held>();
  /** When somebody ended a container, by node and name, on the awake time; and which have just died. */
  readonly #kills = new Map<string, number>();
  readonly #deaths = new Map<string, Death>();
  #subscriptions: Disposable[] = [];
  #logs: LogTracker[] = [];

  constructor(options: EventWatchOptions) {
    this.#options = options;
    this.rulesChanged();
  }

  /** Takes up alerts that were open when the core stopped. */
  restore(alerts: readonly AlertRecord[]): void {
    for (const { ruleId, nodeKey, subject } of alerts) {
      const rule = this.#options.rules.get(ruleId);
      if (rule !== undefined) this.#hold(rule, { ruleId, nodeKey, subject });
    }
  }

  /** Only what some rule waits for is listened to. */
  rulesChanged(): void {
    this.dispose();
    const { rules, bus, logs, containers } = this.#options;
    this.#logs = rules.enabled(["log-pattern"]).map((rule) => {
      const kept = this.#logs.find((tracker) => tracker.rule === rule);
      const { pattern, level } = rule.condition;
      const least = level === undefined ? -1 : logLevels.indexOf(level);
      return kept ?? { rule, fits: textPattern(pattern, { whole: false }), level: least, hits: new Map() };
    });
    const subscriptions: (Disposable | undefined)[] = [];
    if (rules.enabled(["command-failed"]).length > 0) {
      subscriptions.push(bus.subscribe("command-changed", (change) => this.#command(change)));
    }
    if (this.#logs.length > 0) subscriptions.push(logs?.onStored((batch) => this.#lines(batch)));
    if (rules.enabled(["container-died"]).length > 0) {
      subscriptions.push(containers?.onEvent((event) => this.#container(event)));
    }
    this.#subscriptions = subscriptions.filter((subscription) => subscription !== undefined);
  }

  nodeRemoved(nodeKey: number): void {
    for (const { hits } of this.#logs) hits.delete(nodeKey);
  }

  tick(): void {
    const awake = this.#options.awake();
    for (const [place, { dueAt }] of this.#deaths) if (awake >= dueAt) this.#believe(place);
    for (const [key, held] of this.#held) {
      if (awake < held.overAt) continue;
      this.#held.delete(key);
      this.#options.open.resolve(held);
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  #command({ nodeId, status }: { readonly nodeId: string; readonly status: string }): void {
    const node = failures.has(status) ? this.#options.nodes.get(nodeId) : undefined;
    if (node === undefined) return;
    for (const rule of this.#options.rules.enabled(["command-failed"], node)) this.#raise(rule, node, {});
  }

  #lines({ nodeKey, entries }: LogLines): void {
    const node = this.#options.nodes.getByKey(nodeKey);
    if (node === undefined) return;
    const now = this.#options.clock.wallTime();
    for (const { rule, fits, level, hits } of this.#logs) {
      if (!watches(rule, node)) continue;
      const { within, count } = rule.condition;
      const times = hits.get(nodeKey) ?? [];
      const before = times.length;
      for (const entry of entries) {
        if (entry.time < now - within - linesTooOld || logLevels.indexOf(entry.level) < level) continue;
        if (fits(entry.message)) times.push(entry.time);
      }
      if (times.length === before) continue;
      times.sort((a, b) => a - b);
      const newest = times.at(-1) ?? 0;
      const kept = times.filter((time) => time > newest - within);
      hits.set(nodeKey, kept.slice(-count));
      if (kept.length >= count) this.#raise(rule, node, { value: kept.length });
    }
  }

  #container({ nodeId, container: { name }, event, exitCode }: ContainerEvent): void {
    const node = this.#options.nodes.get(nodeId);
    if (node === undefined) return;
    const place = `${node.key}\n${name}`;
    const awake = this.#options.awake();
    if (event === "kill") remember(this.#kills, place, awake);
    const wasKilled = awake - (this.#kills.get(place) ?? Number.NEGATIVE_INFINITY) < killedBefore;
    if (event === "oom" || (event === "die" && exitCode !== 0 && !wasKilled)) {
      const dueAt = event === "oom" ? awake : (this.#deaths.get(place)?.dueAt ?? awake + stopFollows);
      remember(this.#deaths, place, { node, name, exitCode, dueAt });
    } else if (event === "start") {
      this.#kills.delete(place);
      // One that died and was started again at once has died all the same.
      this.#believe(place);
      this.#recover(node, name);
    } else if (event === "stop" || event === "destroy" || event === "remove") {
      this.#deaths.delete(place);
      this.#recover(node, name);
    }
  }

  #believe(place: string): void {
    const death = this.#deaths.get(place);
    this.#deaths.delete(place);
    if (death === undefined) return;
    const { node, name, exitCode } = death;
    for (const rule of this.#containerRules(node, name)) this.#raise(rule, node, { subject: name, value: exitCode });
  }

  #containerRules(node: NodeRecord, name: string) {
    return this.#options.rules
      .enabled(["container-died"], node)
      .filter((rule) => textPattern(rule.condition.name, { whole: true })(name));
  }

  #raise(
    rule: AlertRule,
    node: NodeRecord,
    what: { readonly subject?: string; readonly value?: number | undefined },
  ): void {
    this.#options.open.raise({ rule, node, ...what });
    this.#hold(rule, { ruleId: rule.id, nodeKey: node.key, subject: what.subject ?? "" });
  }

  #hold(rule: AlertRule, place: AlertPlace): void {
    const hold = rule.condition.kind === "container-died" ? containerHold : holdOf(rule.for);
    this.#held.set(keyOf(place), { ...place, overAt: this.#options.awake() + hold });
  }

  /** It runs again, or was taken away: when that stays so, it is over. */
  #recover(node: NodeRecord, name: string): void {
    for (const rule of this.#containerRules(node, name)) {
      const place = { ruleId: rule.id, nodeKey: node.key, subject: name };
      if (!this.#options.open.isOpen(place)) continue;
      this.#held.set(keyOf(place), { ...place, overAt: this.#options.awake() + holdOf(rule.for) });
    }
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= mostRemembered) map.clear();
  map.set(key, value);
}

function keyOf({ ruleId, nodeKey, subject = "" }: AlertPlace): string {
  return `${ruleId}\n${nodeKey}\n${subject}`;
}
