import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { MetricStore } from "../metrics/metricStore.ts";
import { watches } from "./alertRule.ts";
import { daysUntilFull, forecastHour, forecastWindow } from "./diskForecast.ts";
import { Episodes } from "./episodes.ts";
import type { RuleOf } from "./ruleBook.ts";
import type { WatchOptions } from "./watchOptions.ts";

type ForecastRule = RuleOf<"disk-forecast">;

export interface ForecastWatchOptions extends WatchOptions {
  readonly metrics: MetricStore;
  readonly logger: Logger;
}

const kinds = ["disk-forecast"] as const;
/** The first look comes when the start is over. */
const firstAfter = 5 * 60_000;
const every = forecastHour;
/** With a look an hour, what is remembered holds over a few that were missed. */
const gap = 4 * forecastHour;

/** Looks every hour at where the disks are heading. */
export class ForecastWatch {
  readonly #options: ForecastWatchOptions;
  readonly #episodes: Episodes<ForecastRule>;
  #dueAt: number;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(options: ForecastWatchOptions) {
    this.#options = options;
    this.#episodes = new Episodes(options.open);
    this.#dueAt = options.awake() + firstAfter;
  }

  /** A rule that is new is looked at soon. */
  rulesChanged(): void {
    const rules = this.#options.rules.enabled(kinds);
    this.#episodes.keepOnly((rule) => rules.includes(rule));
    this.#dueAt = Math.min(this.#dueAt, this.#options.awake() + firstAfter);
  }

  tick(): void {
    const awake = this.#options.awake();
    if (awake < this.#dueAt || this.#looking !== undefined) return;
    this.#dueAt = awake + every;
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { nodes, clock, metrics, logger } = this.#options;
    const rules = this.#options.rules.enabled(kinds);
    if (rules.length === 0) return;
    const now = Math.floor(clock.wallTime() / forecastHour) * forecastHour;
    const request = { metrics: ["disk_usage"], from: now - forecastWindow, to: now, points: 168 } as const;
    try {
      for (const node of nodes.list()) {
        const concerned = rules.filter((rule) => watches(rule, node));
        if (concerned.length === 0) continue;
        if (this.#closed) return;
        const { times, series } = await metrics.history(node.key, request);
        const days = daysUntilFull({ times, values: series.disk_usage?.avg ?? [] }, now);
        if (days === undefined || this.#closed) continue;
        for (const rule of concerned) {
          if (this.#options.rules.get(rule.id) !== rule || nodes.getByKey(node.key) === undefined) continue;
          const verdict = days <= rule.condition.within ? "bad" : "good";
          this.#episodes.look({ rule, node, time: now, verdict, gap, value: days });
        }
      }
      this.#episodes.keepOnly((_, nodeKey) => nodes.getByKey(nodeKey) !== undefined);
    } catch (error) {
      logger.warn("the disks' future could not be looked at", { error: describeError(error) });
    }
  }
}
