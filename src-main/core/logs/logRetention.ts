import type { Clock } from "../../base/clock.ts";
import type { LogDatabase } from "../../store/logs/logDatabase.ts";
import { firstIdAt } from "./lineIds.ts";
import { nodeTag } from "./lineText.ts";
import type { LogParts, PartLimits } from "./logParts.ts";

export interface LogRetentionOptions {
  readonly database: LogDatabase;
  readonly parts: LogParts;
  readonly clock: Clock;
  readonly limits: LogLimits;
}

export interface LogLimits {
  /** How long lines are kept, in milliseconds. */
  readonly keep: number;
  /** Bytes the log file may have in use; above it the oldest lines go. 0: no cap. */
  readonly maxBytes: number;
}

const day = 24 * 3_600_000;
export const defaultLogLimits: LogLimits = { keep: 30 * day, maxBytes: 5 * 10 ** 9 };

const mostLines = 1_000_000;
const leastLines = 1_000;
/** A line with its index takes about twice its text and never less than this. */
const bytesPerLine = 200;
/** The size cap takes a part at a time: it may be that much of the whole. */
const partShare = 1 / 10;
const pagesPerVacuum = 500;
const linesPerRemoval = 2_000;

/** How large parts may be, so that both limits can be kept by dropping whole ones. */
export function partLimits({ keep, maxBytes }: LogLimits): PartLimits {
  const bytes = maxBytes === 0 ? Number.POSITIVE_INFINITY : maxBytes * partShare;
  return {
    lines: Math.min(mostLines, Math.max(leastLines, Math.floor(bytes / bytesPerLine))),
    bytes: bytes / 2,
    span: Math.max(60_000, keep / 30),
  };
}

/** Deletes lines that are older than they need to be, or more than there is room for, in small steps. */
export class LogRetention {
  readonly #options: LogRetentionOptions;

  constructor(options: LogRetentionOptions) {
    this.#options = options;
  }

  /** The oldest time whose lines are shown: what is older may still wait for its part to go. */
  get horizon(): number {
    return this.#options.clock.wallTime() - this.#options.limits.keep;
  }

  async prune(): Promise<void> {
    const { parts, limits, database } = this.#options;
    const oldest = firstIdAt(this.horizon);
    for (;;) {
      const [first, second] = parts.all;
      if (first === undefined || second === undefined) break;
      const isOld = second.start <= oldest;
      const isOver = limits.maxBytes > 0 && (await this.usedBytes()) > limits.maxBytes;
      if (!isOld && !isOver) break;
      await parts.dropOldest();
    }
    await database.transact([
      { sql: "delete from log_sources where last_time < ?", parameters: [Math.round(this.horizon)] },
    ]);
    await database.readWritten(`pragma incremental_vacuum(${pagesPerVacuum})`);
  }

  /** Bytes of the file that hold something. */
  async usedBytes(): Promise<number> {
    const [row] = await this.#options.database.readWritten(
      `select (page_count - freelist_count) * page_size as used
       from pragma_page_count, pragma_freelist_count, pragma_page_size`,
    );
    return Number(row?.["used"] ?? 0);
  }

  /** Deletes all lines of a node, a few at a time. */
  async remove(nodeKey: number, isClosed: () => boolean): Promise<void> {
    const { database, parts } = this.#options;
    for (const { linesTable, textTable } of [...parts.all].reverse()) {
      for (let isMore = true; isMore; ) {
        if (isClosed()) return;
        const rows = await database.readWritten(
          `select l.id from ${textTable} f cross join ${linesTable} l on l.id = f.rowid
           where ${textTable} match ? and l.node_key = ? limit ${linesPerRemoval}`,
          [`tags:"${nodeTag(nodeKey)}"`, nodeKey],
        );
        isMore = rows.length === linesPerRemoval;
        if (rows.length === 0) break;
        const ids = JSON.stringify(rows.map(({ id }) => id));
        await database.transact(
          [`${textTable} where rowid`, `${linesTable} where id`].map((of) => ({
            sql: `delete from ${of} in (select value from json_each(?))`,
            parameters: [ids],
          })),
        );
      }
    }
    await database.transact([
      { sql: "delete from log_sources where node_key = ?", parameters: [nodeKey] },
      { sql: "delete from log_removals where node_key = ?", parameters: [nodeKey] },
    ]);
  }
}
