import { sql } from "kysely";
import type { Clock } from "../../base/clock.ts";
import type { Database } from "../../store/database.ts";
import { maxBlockSpan } from "./sampleTable.ts";

export interface MetricRetentionTimes {
  /** How long raw samples, one-minute rows and 15-minute rows are kept, in milliseconds. */
  readonly raw: number;
  readonly minutes: number;
  readonly quarters: number;
}

const hour = 3_600_000;
const day = 24 * hour;
export const defaultRetention: MetricRetentionTimes = { raw: 48 * hour, minutes: 30 * day, quarters: 396 * day };

export interface MetricRetentionOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly times: MetricRetentionTimes;
  /** Bytes the database may have; above it the oldest finest history goes first. 0: no cap. */
  readonly maxBytes: number;
}

/** Nodes whose rows are deleted in one transaction: a big delete would hold up the acks. */
const nodesPerStep = 20;
const pagesPerVacuum = 500;
/** From the finest to the coarsest: the order in which the size cap takes them. */
const tiers = ["raw", "minutes", "quarters"] as const;
type Tier = (typeof tiers)[number];
/** How much of its time the size cap leaves of a tier before it takes the next one. */
const smallestShare = 1 / 64;

/** Deletes history that is older than it needs to be, in small steps, and gives the space back. */
export class MetricRetention {
  readonly #options: MetricRetentionOptions;
  /** What the size cap took, by the time it took it up to: it stays gone when there is room again. */
  readonly #cut = {
    raw: Number.NEGATIVE_INFINITY,
    minutes: Number.NEGATIVE_INFINITY,
    quarters: Number.NEGATIVE_INFINITY,
  };

  constructor(options: MetricRetentionOptions) {
    this.#options = options;
  }

  /** Reads what an earlier run of the program has cut: without it charts would look for samples that are gone. */
  async recover(): Promise<void> {
    const cuts = await this.#options.database.kysely.selectFrom("metric_cuts").selectAll().execute();
    for (const tier of tiers) {
      const until = cuts.find((cut) => cut.tier === tier)?.until;
      if (until !== undefined) this.#cut[tier] = until;
    }
  }

  /** The oldest time that is still kept of each tier. */
  horizon(): { readonly raw: number; readonly minutes: number; readonly quarters: number } {
    return { raw: this.#horizonOf("raw"), minutes: this.#horizonOf("minutes"), quarters: this.#horizonOf("quarters") };
  }

  /** Prunes to the retention times, then further as long as the size cap is exceeded: the finest tier first. */
  async prune(nodeKeys: readonly number[]): Promise<void> {
    const { maxBytes, times, clock } = this.#options;
    await this.#pruneOnce(nodeKeys);
    for (const tier of tiers) {
      for (let share = 1 / 2; share >= smallestShare; share /= 2) {
        if (maxBytes === 0 || (await this.usedBytes()) <= maxBytes) return;
        const until = clock.wallTime() - times[tier] * share;
        if (until <= this.#horizonOf(tier)) continue;
        await this.#rememberCut(tier, until);
        await this.#pruneOnce(nodeKeys);
      }
    }
  }

  async #rememberCut(tier: Tier, until: number): Promise<void> {
    this.#cut[tier] = until;
    await this.#options.database.kysely
      .insertInto("metric_cuts")
      .values({ tier, until: Math.round(until) })
      .onConflict((conflict) => conflict.column("tier").doUpdateSet({ until: Math.round(until) }))
      .execute();
  }

  #horizonOf(tier: Tier): number {
    const now = this.#options.clock.wallTime();
    const time = this.#options.times[tier];
    // A clock that was ahead for a while must not take what is new now.
    return Math.max(now - time, Math.min(this.#cut[tier], now - time * smallestShare));
  }

  /** Bytes of the database that hold something. */
  async usedBytes(): Promise<number> {
    const { kysely } = this.#options.database;
    const { rows } = await sql<{ used: number }>`
      select (page_count - freelist_count) * page_size as used
      from pragma_page_count, pragma_freelist_count, pragma_page_size`.execute(kysely);
    return rows[0]?.used ?? 0;
  }

  async #pruneOnce(nodeKeys: readonly number[]): Promise<void> {
    const { kysely } = this.#options.database;
    const horizon = this.horizon();
    for (let at = 0; at < nodeKeys.length; at += nodesPerStep) {
      const keys = nodeKeys.slice(at, at + nodesPerStep);
      await this.#options.database.transact([
        kysely
          .deleteFrom("metric_raw")
          .where("node_key", "in", keys)
          .where("start", "<", horizon.raw - maxBlockSpan),
        kysely
          .deleteFrom("metric_minutes")
          .where("node_key", "in", keys)
          .where("start", "<", horizon.minutes - hour),
        kysely
          .deleteFrom("metric_quarters")
          .where("node_key", "in", keys)
          .where("start", "<", horizon.quarters - day),
      ]);
    }
    await sql`pragma incremental_vacuum(${sql.lit(pagesPerVacuum)})`.execute(kysely);
  }
}
