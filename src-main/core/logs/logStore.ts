import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { LogDatabase } from "../../store/logs/logDatabase.ts";
import type { LogEntry, StoredLogEntry } from "./logEntry.ts";
import { LogParts } from "./logParts.ts";
import { type LogLimits, LogRetention, partLimits } from "./logRetention.ts";
import { type LogPage, type LogSearchRequest, searchLines } from "./logSearch.ts";
import { LogWriter } from "./logWriter.ts";

export interface LogStoreOptions {
  /** The log file; made when it is not there. */
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: LogLimits;
}

export interface LogBatch {
  readonly nodeKey: number;
  readonly entries: readonly StoredLogEntry[];
}

const pruneEvery = 60_000;
const maxSources = 1_000;

/** The lines of all nodes: stored, found again, and forgotten in time. */
export class LogStore {
  readonly #options: LogStoreOptions;
  readonly #database: LogDatabase;
  readonly #parts: LogParts;
  readonly #retention: LogRetention;
  readonly #writer: LogWriter;
  readonly #stored: Emitter<LogBatch>;
  /** Nodes whose lines are being deleted: nobody sees them any more. Keys are never used again. */
  readonly #removed = new Set<number>();
  #housework: Promise<void> = Promise.resolve();
  #timer: Disposable | undefined;
  #closed = false;

  private constructor(options: LogStoreOptions, database: LogDatabase, parts: LogParts) {
    const { clock, logger, limits } = options;
    this.#options = options;
    this.#database = database;
    this.#parts = parts;
    this.#stored = new Emitter((error) => logger.error("a log listener failed", { error: describeError(error) }));
    this.#retention = new LogRetention({ database, parts, clock, limits });
    this.#writer = new LogWriter({
      database,
      parts,
      clock,
      keep: limits.keep,
      onStored: (nodeKey, entries) => this.#stored.emit({ nodeKey, entries }),
    });
  }

  /** @throws {PicketError} `DATA_FOLDER_TOO_NEW`, `DATABASE_ERROR` */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    const database = await LogDatabase.open(options.file);
    try {
      const parts = await LogParts.open(database, partLimits(options.limits), options.clock.wallTime());
      const store = new LogStore(options, database, parts);
      for (const { node_key: key } of await database.readWritten("select node_key from log_removals")) {
        store.#remove(Number(key));
      }
      store.#timer = options.clock.repeat(pruneEvery, () => store.#do("pruning logs failed", () => store.prune()));
      return store;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Lines stored since the start. */
  get storedCount(): number {
    return this.#writer.storedCount;
  }

  /** Told every batch when it is on the disk. */
  onStored(listener: (batch: LogBatch) => void): Disposable {
    return this.#stored.subscribe(listener);
  }

  /**
   * Stores lines of one node, all or none; resolves when they are on the disk.
   *
   * @throws {PicketError} `RATE_LIMITED` when too much waits for the disk, `DATABASE_ERROR`
   */
  async append(nodeKey: number, entries: readonly LogEntry[]): Promise<void> {
    if (!this.#removed.has(nodeKey)) await this.#writer.append(nodeKey, entries);
  }

  /** The newest lines of a node, newest first. */
  async latest(nodeKey: number, count: number): Promise<readonly StoredLogEntry[]> {
    return (await this.search({ nodeKeys: [nodeKey], limit: count })).entries;
  }

  /** @throws {PicketError} `DATABASE_ERROR` */
  search(request: LogSearchRequest): Promise<LogPage> {
    const { horizon } = this.#retention;
    const context = { database: this.#database, parts: this.#parts, clock: this.#options.clock };
    if (request.nodeKeys?.length === 0) return Promise.resolve({ entries: [], next: undefined });
    return searchLines(context, {
      ...request,
      from: Math.max(request.from ?? horizon, horizon),
      withoutNodeKeys: [...this.#removed],
    });
  }

  /** What has written lines, by name. @param nodeKeys undefined: on any node */
  async sources(nodeKeys: readonly number[] | undefined): Promise<readonly string[]> {
    const condition = nodeKeys === undefined ? "" : "where node_key in (select value from json_each(?))";
    const rows = await this.#database.read(
      `select source, max(last_time) as time from log_sources ${condition} group by source order by time desc limit ?`,
      [...(nodeKeys === undefined ? [] : [JSON.stringify(nodeKeys)]), maxSources],
    );
    return rows.map(({ source }) => String(source)).sort();
  }

  /** Bytes of the log file in use. */
  usedBytes(): Promise<number> {
    return this.#retention.usedBytes();
  }

  /** Forgets the lines of a node: at once for whoever looks, on the disk little by little. */
  async remove(nodeKey: number): Promise<void> {
    this.#removed.add(nodeKey);
    await this.#database.transact([
      { sql: "insert or ignore into log_removals (node_key) values (?)", parameters: [nodeKey] },
    ]);
    this.#remove(nodeKey);
  }

  /** Deletes what is older, or more, than is to be kept. */
  prune(): Promise<void> {
    return this.#retention.prune();
  }

  /** Stores what is on its way and closes. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.dispose();
    await this.#writer.flush();
    await this.#housework;
    await this.#database.close();
  }

  #remove(nodeKey: number): void {
    this.#removed.add(nodeKey);
    this.#do("deleting a node's lines failed", () => this.#retention.remove(nodeKey, () => this.#closed));
  }

  /** One thing after another, beside the lines that come in. */
  #do(failure: string, work: () => Promise<void>): void {
    this.#housework = this.#housework
      .then(() => (this.#closed ? undefined : work()))
      .catch((error: unknown) => this.#options.logger.warn(failure, { error: describeError(error) }));
  }
}
