import type { Clock } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type PicketError, toPicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Database } from "../../store/database.ts";
import { decodeJournal, encodeJournal, type JournalSample } from "./journalCodec.ts";
import type { Sample } from "./metricColumns.ts";
import { MetricFolder } from "./metricFolder.ts";
import { type History, type HistoryRequest, readHistory } from "./metricHistory.ts";
import { MetricRetention, type MetricRetentionTimes } from "./metricRetention.ts";
import { OpenSeries } from "./openSeries.ts";
import { decodeSamples, maxBlockSpan } from "./sampleTable.ts";

export interface MetricStoreOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retention: MetricRetentionTimes;
  /** See `MetricRetentionOptions`. */
  readonly maxBytes: number;
}

/** Tells how an appended sample ended: without an error it is on the disk (or was there before). */
export type Stored = (error?: PicketError) => void;

export interface StoredSample extends Sample {
  readonly nodeKey: number;
}

interface Append extends JournalSample {
  readonly stored: Stored;
}

interface JournalRow {
  readonly id: number;
  readonly samples: Uint8Array;
}

const foldTick = 10_000;
/** Open samples are folded when they are this old, so that a restart has little to read again. */
const foldAfter = 5 * 60_000;
/** … or this many, whatever their age. */
const foldCount = 2_048;
const nodesPerFold = 8;
const journalPage = 500;
const journalDeletes = 2_000;
const pruneEvery = 3_600_000;

/**
 * Every node's numbers. A sample is appended to a journal together with all that came in the same moment, in one
 * transaction that reaches the disk before it is acked; later it is folded into compressed blocks and rolled up.
 */
export class MetricStore {
  readonly #options: MetricStoreOptions;
  readonly #folder: MetricFolder;
  readonly #retention: MetricRetention;
  readonly #series = new Map<number, OpenSeries>();
  /** Nodes removed since the start: what of theirs is still on its way is dropped. Keys are never used again. */
  readonly #removed = new Set<number>();
  readonly #samples: Emitter<StoredSample>;
  readonly #groups: Emitter<readonly StoredSample[]>;
  readonly #health: Emitter<PicketError | undefined>;
  readonly #nodeSamples = new Map<number, Emitter<StoredSample>>();
  #pending: Append[] = [];
  /** The group that is on its way to the disk. */
  #committing: readonly Append[] = [];
  #flushing = false;
  #flushScheduled = false;
  #flushed: Promise<void> = Promise.resolve();
  #late: Promise<void> = Promise.resolve();
  #folding: Promise<void> = Promise.resolve();
  #timers: Disposable[] = [];
  #lastJournalId = 0;
  #failure: PicketError | undefined;
  #storedCount = 0;
  #closed = false;

  private constructor(options: MetricStoreOptions) {
    this.#options = options;
    this.#folder = new MetricFolder(options.database);
    this.#retention = new MetricRetention({ ...options, times: options.retention });
    this.#samples = new Emitter(this.#report);
    this.#groups = new Emitter(this.#report);
    this.#health = new Emitter(this.#report);
  }

  /** Opens the store and reads back what the journal holds. */
  static async open(options: MetricStoreOptions): Promise<MetricStore> {
    const store = new MetricStore(options);
    await store.#recover();
    await store.#retention.recover();
    store.#timers = [
      options.clock.repeat(foldTick, () => store.#foldDue()),
      options.clock.repeat(pruneEvery, () => store.#prune()),
    ];
    return store;
  }

  /** Why samples are being refused; undefined while they are stored. */
  get failure(): PicketError | undefined {
    return this.#failure;
  }

  /** Samples stored since the start. */
  get storedCount(): number {
    return this.#storedCount;
  }

  /** Told every sample when it is stored. */
  onSample(listener: (sample: StoredSample) => void): Disposable {
    return this.#samples.subscribe(listener);
  }

  /** Told every group of samples that is stored, at once: for who looks at all of them. */
  onStored(listener: (samples: readonly StoredSample[]) => void): Disposable {
    return this.#groups.subscribe(listener);
  }

  /** Told the samples of one node: a console that watches ten nodes costs nothing for the other thousands. */
  onSampleOf(nodeKey: number, listener: (sample: StoredSample) => void): Disposable {
    const emitter = this.#nodeSamples.get(nodeKey) ?? new Emitter<StoredSample>(this.#report);
    this.#nodeSamples.set(nodeKey, emitter);
    const subscription = emitter.subscribe(listener);
    return toDisposable(() => {
      subscription.dispose();
      if (emitter.listenerCount === 0) this.#nodeSamples.delete(nodeKey);
    });
  }

  /** Told when storing starts to fail and when it works again. */
  onHealth(listener: (failure: PicketError | undefined) => void): Disposable {
    return this.#health.subscribe(listener);
  }

  /** The newest sample of a node. */
  latest(nodeKey: number): Sample | undefined {
    return this.#series.get(nodeKey)?.latest;
  }

  /**
   * Stores a sample once: one that a node sends again, because it saw no ack, is acked and not stored a second time.
   */
  append(sample: StoredSample, stored: Stored): void {
    const series = this.#seriesOf(sample.nodeKey);
    if (sample.time > series.newestTime) {
      series.newestTime = sample.time;
      this.#enqueue({ ...sample, stored });
      return;
    }
    this.#late = this.#late.then(() => this.#appendLate(series, { ...sample, stored }));
  }

  async history(nodeKey: number, request: HistoryRequest): Promise<History> {
    const horizon = this.#retention.horizon();
    return readHistory(
      {
        database: this.#options.database,
        nodeKey,
        open: this.#series.get(nodeKey),
        rawFrom: horizon.raw,
        minutesFrom: horizon.minutes,
      },
      request,
    );
  }

  /** Forgets a node and all its history. */
  async remove(nodeKey: number): Promise<void> {
    const { database } = this.#options;
    const { kysely } = database;
    this.#series.delete(nodeKey);
    this.#removed.add(nodeKey);
    // A fold that has started would bring it back. From here on none starts with it.
    await this.#folding;
    await database.transact([
      kysely.deleteFrom("metric_raw").where("node_key", "=", nodeKey),
      kysely.deleteFrom("metric_minutes").where("node_key", "=", nodeKey),
      kysely.deleteFrom("metric_quarters").where("node_key", "=", nodeKey),
      kysely.deleteFrom("metric_series").where("node_key", "=", nodeKey),
    ]);
  }

  /** Bytes of the database in use. */
  usedBytes(): Promise<number> {
    return this.#retention.usedBytes();
  }

  /** Folds everything that is open, whatever its age. */
  async foldAll(): Promise<void> {
    this.#startFold(() => true);
    await this.#folding;
  }

  /** Deletes what is older than the retention times. */
  async prune(): Promise<void> {
    await this.#retention.prune([...this.#series.keys()]);
  }

  /** Waits for what is on its way. The journal keeps the rest for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) timer.dispose();
    await this.#late;
    await this.#folding;
    while (this.#flushing || this.#pending.length > 0) await this.#flush();
  }

  readonly #report = (error: unknown): void => {
    this.#options.logger.error("a metrics listener failed", { error: describeError(error) });
  };

  #seriesOf(nodeKey: number): OpenSeries {
    const known = this.#series.get(nodeKey);
    if (known !== undefined) return known;
    const series = new OpenSeries(nodeKey);
    this.#series.set(nodeKey, series);
    return series;
  }

  /** A sample older than the newest: stored unless it is there already. */
  async #appendLate(series: OpenSeries, append: Append): Promise<void> {
    try {
      if (await this.#isStored(series, append.time)) append.stored();
      else this.#enqueue(append);
    } catch (error) {
      append.stored(toPicketError(error));
    }
  }

  async #isStored(series: OpenSeries, time: number): Promise<boolean> {
    const { nodeKey } = series;
    const isSame = (other: Append): boolean => other.nodeKey === nodeKey && other.time === time;
    // A commit that is under way decides first.
    while (this.#committing.some(isSame) || this.#pending.some(isSame)) await this.#flush();
    if (series.has(time)) return true;
    const blocks = await this.#options.database.kysely
      .selectFrom("metric_raw")
      .select("block")
      .where("node_key", "=", nodeKey)
      .where("start", "<=", time)
      .where("start", ">", time - maxBlockSpan)
      .where("end", ">=", time)
      .execute();
    return blocks.some(({ block }) => decodeSamples(block, []).times.includes(time));
  }

  #enqueue(append: Append): void {
    this.#pending.push(append);
    if (this.#flushing || this.#flushScheduled) return;
    this.#flushScheduled = true;
    // One turn later, so that everything that arrived in this turn of the event loop is one group.
    setImmediate(() => {
      this.#flushScheduled = false;
      void this.#flush();
    });
  }

  /** Commits what is pending, and then what came meanwhile. Resolves when the group that is under way is done. */
  #flush(): Promise<void> {
    if (this.#flushing) return this.#flushed;
    if (this.#pending.length === 0) return Promise.resolve();
    this.#flushing = true;
    const group = this.#pending;
    this.#pending = [];
    this.#committing = group;
    this.#flushed = this.#commit(group).then(() => {
      this.#flushing = false;
      this.#committing = [];
      if (this.#pending.length > 0) void this.#flush();
    });
    return this.#flushed;
  }

  async #commit(group: readonly Append[]): Promise<void> {
    const { database, clock } = this.#options;
    try {
      const [result] = await database.transact([
        database.kysely.insertInto("metric_journal").values({ samples: encodeJournal(group) }),
      ]);
      this.#lastJournalId = result?.lastInsertRowid ?? this.#lastJournalId;
    } catch (error) {
      this.#setFailure(toPicketError(error));
      for (const append of group) append.stored(this.#failure);
      return;
    }
    this.#setFailure(undefined);
    this.#storedCount += group.length;
    const now = clock.monotonicTime();
    for (const append of group) {
      if (!this.#removed.has(append.nodeKey)) this.#seriesOf(append.nodeKey).add(append, this.#lastJournalId, now);
      append.stored();
      this.#samples.emit(append);
      this.#nodeSamples.get(append.nodeKey)?.emit(append);
    }
    this.#groups.emit(group);
  }

  #setFailure(failure: PicketError | undefined): void {
    const changed = failure?.code !== this.#failure?.code;
    this.#failure = failure;
    if (!changed) return;
    if (failure === undefined) this.#options.logger.info("samples are stored again");
    else this.#options.logger.error("samples cannot be stored and are refused", { error: describeError(failure) });
    this.#health.emit(failure);
  }

  #foldDue(): void {
    const now = this.#options.clock.monotonicTime();
    this.#startFold((series) => {
      // Spread by node, so that ten thousand nodes of one start do not fold in the same moment.
      const age = foldAfter + (series.nodeKey % 60) * 1_000;
      return series.folding !== undefined || series.openCount >= foldCount || now - series.openedAt >= age;
    });
  }

  #startFold(isDue: (series: OpenSeries) => boolean): void {
    const due = [...this.#series.values()].filter((series) => series.neededJournalId !== undefined && isDue(series));
    if (due.length === 0) return;
    this.#folding = this.#folding.then(() => this.#fold(due));
  }

  async #fold(due: readonly OpenSeries[]): Promise<void> {
    try {
      for (let at = 0; at < due.length && !this.#closed; at += nodesPerFold) {
        await this.#folder.fold(due.slice(at, at + nodesPerFold));
      }
      await this.#trimJournal();
    } catch (error) {
      // The samples stay in the journal and in memory; the next tick tries again.
      this.#options.logger.warn("folding samples failed", { error: describeError(error) });
    }
  }

  /** Deletes journal rows that no node needs any more, a few at a time. */
  async #trimJournal(): Promise<void> {
    const { database } = this.#options;
    let needed = this.#lastJournalId + 1;
    for (const series of this.#series.values()) needed = Math.min(needed, series.neededJournalId ?? needed);
    const oldest = await database.kysely
      .selectFrom("metric_journal")
      .select((expression) => expression.fn.min("id").as("id"))
      .executeTakeFirst();
    for (let id = oldest?.id ?? needed; id < needed && !this.#closed; id += journalDeletes) {
      const until = Math.min(needed, id + journalDeletes);
      await database.transact([database.kysely.deleteFrom("metric_journal").where("id", "<", until)]);
    }
  }

  #prune(): void {
    this.prune().catch((error: unknown) => {
      this.#options.logger.warn("pruning history failed", { error: describeError(error) });
    });
  }

  async #recover(): Promise<void> {
    const { kysely } = this.#options.database;
    const nodes = new Set((await kysely.selectFrom("nodes").select("key").execute()).map(({ key }) => key));
    const folded = new Map<number, number>();
    for (const row of await kysely.selectFrom("metric_series").selectAll().execute()) {
      folded.set(row.node_key, row.folded_through);
      this.#series.set(row.node_key, new OpenSeries(row.node_key, decodeJournal(row.newest)[0]));
      this.#lastJournalId = Math.max(this.#lastJournalId, row.folded_through);
    }
    const now = this.#options.clock.monotonicTime();
    let rows: readonly JournalRow[];
    let after = 0;
    do {
      const page = kysely.selectFrom("metric_journal").selectAll().where("id", ">", after).orderBy("id");
      rows = await page.limit(journalPage).execute();
      for (const { id, samples } of rows) {
        for (const sample of decodeJournal(samples)) {
          const open = nodes.has(sample.nodeKey) && id > (folded.get(sample.nodeKey) ?? 0);
          if (open) this.#seriesOf(sample.nodeKey).add(sample, id, now);
        }
        after = id;
      }
    } while (rows.length === journalPage);
    this.#lastJournalId = Math.max(this.#lastJournalId, after);
  }
}
