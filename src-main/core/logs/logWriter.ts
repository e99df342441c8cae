import type { Clock } from "../../base/clock.ts";
import { PicketError, toPicketError } from "../../base/errors.ts";
import type { LogDatabase } from "../../store/logs/logDatabase.ts";
import type { Statement } from "../../store/sqlite/workerMessages.ts";
import { LineIds } from "./lineIds.ts";
import { indexedText, levelTag, nodeTag, sourceTag } from "./lineText.ts";
import { type LogEntry, logLevels, type StoredLogEntry } from "./logEntry.ts";
import type { LogPart, LogParts } from "./logParts.ts";

export interface LogWriterOptions {
  readonly database: LogDatabase;
  readonly parts: LogParts;
  readonly clock: Clock;
  /** How long lines are kept, in milliseconds: what claims to be older has a wrong clock. */
  readonly keep: number;
  /** Told what has been committed, batch by batch. */
  readonly onStored: (nodeKey: number, entries: readonly StoredLogEntry[]) => void;
}

interface Append {
  readonly nodeKey: number;
  readonly entries: readonly LogEntry[];
  resolve(): void;
  reject(error: PicketError): void;
}

/** What one transaction takes: enough to be worth its sync, little enough to be done in a moment. */
const groupLines = 4_000;
const groupUnits = 4 * 1024 * 1024;
/** What may wait for the disk; then nodes are told to try again later, and keep their lines. */
const maxWaitingUnits = 64 * 1024 * 1024;
/** A line whose clock is ahead by more than this has the core's time. */
const maxAhead = 10 * 60_000;

/** The one writer: what came while a transaction ran is the next one. A batch is in one transaction as a whole. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #ids: LineIds;
  #waiting: Append[] = [];
  #waitingUnits = 0;
  #running: Promise<void> | undefined;
  #storedCount = 0;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#ids = new LineIds(options.parts.newestId);
  }

  get storedCount(): number {
    return this.#storedCount;
  }

  /** Resolves when the lines are on the disk. @throws {PicketError} `RATE_LIMITED`, `DATABASE_ERROR` */
  append(nodeKey: number, entries: readonly LogEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    if (this.#waitingUnits >= maxWaitingUnits) return Promise.reject(new PicketError("RATE_LIMITED"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ nodeKey, entries, resolve, reject });
      this.#waitingUnits += unitsOf(entries);
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // One turn later, so that everything that arrived in this turn of the event loop is one group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#takeGroup());
    this.#running = undefined;
  }

  #takeGroup(): readonly Append[] {
    let lines = 0;
    let units = 0;
    let count = 0;
    for (const { entries } of this.#waiting) {
      if (count > 0 && (lines + entries.length > groupLines || units > groupUnits)) break;
      lines += entries.length;
      units += unitsOf(entries);
      count += 1;
    }
    this.#waitingUnits -= units;
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Append[]): Promise<void> {
    const { database, parts, clock, onStored } = this.#options;
    let batches: readonly (readonly StoredLogEntry[])[];
    try {
      const now = clock.wallTime();
      await parts.rollOver(now);
      const timed = group.map(({ entries }) => entries.map((entry) => this.#timed(entry, now)));
      await this.#lookUp(timed, now);
      batches = group.map(({ nodeKey }, index) =>
        (timed[index] ?? []).map((entry) => this.#store(nodeKey, entry, now)),
      );
      await database.transact(this.#statements(batches.flat()));
    } catch (thrown) {
      const error = toPicketError(thrown);
      // What was handed out and not stored leaves gaps, which nobody minds.
      for (const append of group) append.reject(error.code === "CONFLICT" ? new PicketError("DATABASE_ERROR") : error);
      return;
    }
    for (const entry of batches.flat()) {
      const part = parts.of(entry.id);
      part.lines += 1;
      part.bytes += entry.message.length;
      parts.saw(entry.id);
      this.#storedCount += 1;
    }
    this.#ids.trim();
    group.forEach((append, index) => {
      onStored(append.nodeKey, batches[index] ?? []);
      append.resolve();
    });
  }

  /** A line from a time that cannot be has the time at which it came. */
  #timed(entry: LogEntry, now: number): LogEntry {
    const { time, source, message } = entry;
    const possible = time >= now - this.#options.keep && time <= now + maxAhead;
    return {
      ...entry,
      time: possible ? Math.round(time) : now,
      // What is no text in SQLite, or would end it early.
      source: source.toWellFormed().replaceAll("\0", "\ufffd"),
      message: message.toWellFormed().replaceAll("\0", "\ufffd"),
    };
  }

  async #lookUp(batches: readonly (readonly LogEntry[])[], now: number): Promise<void> {
    const { database, parts } = this.#options;
    const times = batches.flatMap((entries) => entries.map(({ time }) => Math.min(time, now)));
    const unknown = this.#ids.unknown([now, ...times]);
    if (unknown.length === 0) return;
    const byPart = Map.groupBy(unknown, (start) => parts.of(start));
    for (const [part, starts] of byPart) {
      const rows = await database.readWritten(
        `select value as start, (select max(id) from ${part.linesTable} where id >= value and id < value + 4194304) as id
         from json_each(?)`,
        [JSON.stringify(starts)],
      );
      for (const { start, id } of rows) this.#ids.learn(Number(start), id === null ? undefined : Number(id));
    }
  }

  #store(nodeKey: number, entry: LogEntry, now: number): StoredLogEntry {
    const id = this.#ids.take(Math.min(entry.time, now)) ?? this.#ids.take(now);
    if (id === undefined) throw new PicketError("RATE_LIMITED");
    return { ...entry, id, nodeKey };
  }

  #statements(entries: readonly StoredLogEntry[]): Statement[] {
    const { parts } = this.#options;
    const statements: Statement[] = [];
    for (const [part, own] of Map.groupBy(entries, ({ id }) => parts.of(id))) statements.push(...insertInto(part, own));
    const sources = new Map<string, readonly [number, string, number]>();
    for (const { nodeKey, source, time } of entries) {
      const key = `${nodeKey} ${source}`;
      sources.set(key, [nodeKey, source, Math.max(time, sources.get(key)?.[2] ?? 0)]);
    }
    statements.push({
      sql: `insert into log_sources select value ->> 0, value ->> 1, value ->> 2 from json_each(?) where true
        on conflict do update set last_time = max(last_time, excluded.last_time)`,
      parameters: [JSON.stringify([...sources.values()])],
    });
    return statements;
  }
}

/** The index takes its lines in the order of their ids, or it would write them in many small pieces. */
function insertInto(part: LogPart, entries: readonly StoredLogEntry[]): Statement[] {
  const { linesTable, textTable } = part;
  const sorted = entries.toSorted((a, b) => a.id - b.id);
  const lines = sorted.map(({ id, nodeKey, time, level, source, message }) => [
    id,
    nodeKey,
    time,
    logLevels.indexOf(level),
    source,
    message,
  ]);
  const tagsOf = tagger();
  const texts = sorted.map((entry) => [entry.id, indexedText(entry.message), tagsOf(entry)]);
  const bytes = entries.reduce((sum, { message }) => sum + message.length, 0);
  return [
    {
      sql: `insert into ${linesTable} select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
        from json_each(?)`,
      parameters: [JSON.stringify(lines)],
    },
    {
      sql: `insert into ${textTable} (rowid, message, tags) select value ->> 0, value ->> 1, value ->> 2 from json_each(?)`,
      parameters: [JSON.stringify(texts)],
    },
    {
      sql: "update log_parts set lines = lines + ?, bytes = bytes + ? where part = ?",
      parameters: [entries.length, bytes, part.part],
    },
  ];
}

/** The tags of a line; within a group the same ones come again and again. */
function tagger(): (entry: StoredLogEntry) => string {
  const known = new Map<string, string>();
  return ({ nodeKey, level, source }) => {
    const key = `${nodeKey} ${level} ${source}`;
    let tags = known.get(key);
    if (tags === undefined) {
      tags = `${nodeTag(nodeKey)} ${levelTag(level)} ${sourceTag(source)}`;
      known.set(key, tags);
    }
    return tags;
  };
}

function unitsOf(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, { message }) => sum + message.length + 64, 0);
}
