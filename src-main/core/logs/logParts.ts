import type { LogDatabase } from "../../store/logs/logDatabase.ts";
import { createPart, partTables } from "../../store/logs/logSchema.ts";
import type { Statement } from "../../store/sqlite/workerMessages.ts";
import { firstIdAt, idsPerSecond } from "./lineIds.ts";

/** A piece of the lines with an index of its own: what is old goes as a whole, and no index grows without end. */
export interface LogPart {
  readonly part: number;
  /** Lines with an id from here on are in it, up to the next part's start; the first one also has what is older. */
  readonly start: number;
  readonly linesTable: string;
  readonly textTable: string;
  lines: number;
  /** Of the messages, in UTF-16 units: near enough to know when a part is large. */
  bytes: number;
}

export interface PartLimits {
  readonly lines: number;
  readonly bytes: number;
  /** Milliseconds from a part's start to the next one's, when lines are few. */
  readonly span: number;
}

/** The parts of the log file, the oldest first. There is always one. */
export class LogParts {
  readonly #database: LogDatabase;
  readonly #limits: PartLimits;
  readonly #parts: LogPart[];
  #newestId = -1;

  private constructor(database: LogDatabase, limits: PartLimits, parts: LogPart[]) {
    this.#database = database;
    this.#limits = limits;
    this.#parts = parts;
  }

  /** @param now where the first part of a new file starts, in milliseconds since 1970 */
  static async open(database: LogDatabase, limits: PartLimits, now: number): Promise<LogParts> {
    const rows = await database.readWritten("select part, start, lines, bytes from log_parts order by start");
    const parts = rows.map((row) =>
      partOf({
        part: Number(row["part"]),
        start: Number(row["start"]),
        lines: Number(row["lines"]),
        bytes: Number(row["bytes"]),
      }),
    );
    const opened = new LogParts(database, limits, parts);
    if (parts.length === 0) await opened.#create(firstIdAt(now));
    for (const { linesTable } of parts) {
      const [row] = await database.readWritten(`select max(id) as id from ${linesTable}`);
      opened.saw(Number(row?.["id"] ?? -1));
    }
    return opened;
  }

  get all(): readonly LogPart[] {
    return this.#parts;
  }

  /** The largest id of a stored line; -1 without any. */
  get newestId(): number {
    return this.#newestId;
  }

  saw(id: number): void {
    this.#newestId = Math.max(this.#newestId, id);
  }

  /** The part that a line with this id belongs to. */
  of(id: number): LogPart {
    const part = this.#parts.findLast(({ start }) => start <= id) ?? this.#parts[0];
    if (part === undefined) throw new Error("there is no part");
    return part;
  }

  /** The first id that can be in a part: in the oldest one, any. */
  startOf(part: LogPart): number {
    return part === this.#parts[0] ? 0 : part.start;
  }

  /** The end of a part: the first id that is not in it. */
  endOf(part: LogPart): number {
    return this.#parts[this.#parts.indexOf(part) + 1]?.start ?? Number.MAX_SAFE_INTEGER;
  }

  /** Starts a new part when the newest is large or long. */
  async rollOver(now: number): Promise<void> {
    const newest = this.#parts.at(-1);
    if (newest === undefined) return;
    const { lines, bytes, span } = this.#limits;
    const isLong = newest.lines > 0 && firstIdAt(now) - newest.start >= (span / 1000) * idsPerSecond;
    if (newest.lines < lines && newest.bytes < bytes && !isLong) return;
    // A second is never split: the next part starts behind the newest line's.
    const start = Math.max(firstIdAt(now), (Math.floor(this.#newestId / idsPerSecond) + 1) * idsPerSecond);
    await this.#create(start);
  }

  /** Drops the oldest part. */
  async dropOldest(): Promise<void> {
    const [oldest] = this.#parts;
    if (oldest === undefined || this.#parts.length === 1) return;
    // No longer looked into from here on; a search that is under way finds it gone and goes on without.
    this.#parts.shift();
    await this.#database.transact([
      plain(`drop table ${oldest.textTable}`),
      plain(`drop table ${oldest.linesTable}`),
      { sql: "delete from log_parts where part = ?", parameters: [oldest.part] },
    ]);
  }

  async #create(start: number): Promise<void> {
    const part = Math.max(0, ...this.#parts.map((one) => one.part)) + 1;
    await this.#database.transact([
      ...createPart(part).map(plain),
      { sql: "insert into log_parts (part, start, lines, bytes) values (?, ?, 0, 0)", parameters: [part, start] },
    ]);
    this.#parts.push(partOf({ part, start, lines: 0, bytes: 0 }));
  }
}

function partOf(row: Pick<LogPart, "part" | "start" | "lines" | "bytes">): LogPart {
  const { lines, text } = partTables(row.part);
  return { ...row, linesTable: lines, textTable: text };
}

function plain(sql: string): Statement {
  return { sql, parameters: [] };
}
