import type { Clock } from "../../base/clock.ts";
import { PicketError, toPicketError } from "../../base/errors.ts";
import { type LogDatabase, logReaders, type Row } from "../../store/logs/logDatabase.ts";
import type { SqlValue } from "../../store/sqlite/workerMessages.ts";
import { firstIdAt, idsPerSecond } from "./lineIds.ts";
import { levelTag, nodeTag, sourceTag } from "./lineText.ts";
import { type LogLevel, logLevels, type StoredLogEntry } from "./logEntry.ts";
import type { LogPart, LogParts } from "./logParts.ts";
import { type LogQuery, parseLogQuery, toMatch, toUnwanted } from "./logQuery.ts";

export interface LogSearchRequest {
  /** Only lines of these nodes; undefined: of any. */
  readonly nodeKeys?: readonly number[] | undefined;
  /** Never lines of these. */
  readonly withoutNodeKeys?: readonly number[];
  readonly levels?: readonly LogLevel[] | undefined;
  readonly sources?: readonly string[] | undefined;
  /** Milliseconds since 1970: from here on, and before `to`. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** As people write it: `parseLogQuery`. */
  readonly text?: string | undefined;
  /** Only lines before this id: the cursor of the page before. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface LogPage {
  /** Newest first. */
  readonly entries: readonly StoredLogEntry[];
  /** Where the next page starts; undefined at the end. */
  readonly next: number | undefined;
}

export interface LogSearchContext {
  readonly database: LogDatabase;
  readonly parts: LogParts;
  readonly clock: Clock;
}

/** A search that takes longer gives what it has, and where to go on. Milliseconds. */
const patience = 3_000;
/** With more nodes than this the index would be asked for too much at once: the lines themselves are looked at. */
const maxNodeTags = 64;

/** Looks for lines, newest first, part by part until there are enough. */
export async function searchLines(context: LogSearchContext, request: LogSearchRequest): Promise<LogPage> {
  const { clock, parts } = context;
  const started = clock.monotonicTime();
  const { limit, from, to, before = Number.MAX_SAFE_INTEGER } = request;
  const low = from === undefined ? 0 : firstIdAt(from);
  const high = Math.min(before, to === undefined ? Number.MAX_SAFE_INTEGER : firstIdAt(to) + idsPerSecond);
  const query = parseLogQuery(request.text ?? "");
  const wanted = parts.all.toReversed().filter((part) => parts.startOf(part) < high && parts.endOf(part) > low);
  const entries: StoredLogEntry[] = [];
  for (const together of inSteps(wanted)) {
    const missing = limit - entries.length;
    const found = await Promise.all(
      together.map((part) => searchPart(context, { part, low, high, query, request, limit: missing })),
    );
    entries.push(...found.flat().slice(0, missing));
    if (entries.length >= limit) return { entries, next: entries.at(-1)?.id };
    const oldest = together.at(-1);
    const start = oldest === undefined ? low : parts.startOf(oldest);
    if (start > low && clock.monotonicTime() - started > patience) return { entries, next: start };
  }
  return { entries, next: undefined };
}

/** The newest part by itself, for it mostly has enough; then as many at a time as there are threads that read. */
function* inSteps(parts: readonly LogPart[]): Generator<readonly LogPart[]> {
  const [newest, ...older] = parts;
  if (newest !== undefined) yield [newest];
  for (let index = 0; index < older.length; index += logReaders) yield older.slice(index, index + logReaders);
}

interface PartSearch {
  readonly part: LogPart;
  readonly low: number;
  readonly high: number;
  readonly query: LogQuery;
  readonly request: LogSearchRequest;
  readonly limit: number;
}

async function searchPart({ database, parts }: LogSearchContext, search: PartSearch): Promise<StoredLogEntry[]> {
  const { part, low, high, query, request, limit } = search;
  const match = matchOf(query, request);
  const { where, values } = conditionsOf(query, request);
  const { linesTable, textTable } = part;
  const from = match === undefined ? `${linesTable} l` : `${textTable} f cross join ${linesTable} l on l.id = f.rowid`;
  const id = match === undefined ? "l.id" : "f.rowid";
  const conditions = [...(match === undefined ? [] : [`${textTable} match ?`]), `${id} >= ?`, `${id} < ?`, ...where];
  const sql = `select l.id, l.node_key, l.time, l.level, l.source, l.message from ${from}
    where ${conditions.join(" and ")} order by ${id} desc limit ?`;
  try {
    const rows = await database.read(sql, [...(match === undefined ? [] : [match]), low, high, ...values, limit]);
    return rows.map(toEntry);
  } catch (error) {
    // It went while the search ran: retention took it.
    if (!parts.all.includes(part)) return [];
    throw toPicketError(error);
  }
}

/** What the index is asked; undefined when every line fits. */
function matchOf(query: LogQuery, { nodeKeys, levels, sources }: LogSearchRequest): string | undefined {
  const wanted: string[] = [];
  const text = toMatch(query);
  if (text !== undefined) wanted.push(text);
  if (nodeKeys !== undefined && nodeKeys.length <= maxNodeTags) wanted.push(anyTag(nodeKeys.map(nodeTag)));
  // All levels are no choice.
  if (levels !== undefined && levels.length < logLevels.length) wanted.push(anyTag(levels.map(levelTag)));
  if (sources !== undefined) wanted.push(anyTag(sources.map(sourceTag)));
  const unwanted = toUnwanted(query);
  if (unwanted === undefined) return wanted.length === 0 ? undefined : wanted.join(" AND ");
  if (wanted.length === 0) wanted.push(anyTag(logLevels.map(levelTag)));
  return `(${wanted.join(" AND ")}) NOT (${unwanted})`;
}

function anyTag(tags: readonly string[]): string {
  return `(${tags.map((tag) => `tags:"${tag}"`).join(" OR ")})`;
}

/** What is compared with the lines themselves: a tag may be shared, and rights must not rest on a tag. */
function conditionsOf(query: LogQuery, request: LogSearchRequest): { where: string[]; values: SqlValue[] } {
  const where: string[] = [];
  const values: SqlValue[] = [];
  const add = (condition: string, ...more: SqlValue[]): void => {
    where.push(condition);
    values.push(...more);
  };
  const { nodeKeys, withoutNodeKeys = [], sources, from, to } = request;
  if (nodeKeys !== undefined) add("l.node_key in (select value from json_each(?))", JSON.stringify(nodeKeys));
  if (withoutNodeKeys.length > 0) {
    add("l.node_key not in (select value from json_each(?))", JSON.stringify(withoutNodeKeys));
  }
  if (sources !== undefined) add("l.source in (select value from json_each(?))", JSON.stringify(sources));
  if (from !== undefined) add("l.time >= ?", from);
  if (to !== undefined) add("l.time < ?", to);
  for (const literal of query.literal) add("instr(l.message, ?) > 0", literal);
  return { where, values };
}

function toEntry(row: Row): StoredLogEntry {
  const { id, node_key: nodeKey, time, level, source, message } = row;
  const known = logLevels[Number(level)];
  if (known === undefined) throw new PicketError("DATABASE_ERROR", { details: "a line has no level" });
  return {
    id: Number(id),
    nodeKey: Number(nodeKey),
    time: Number(time),
    level: known,
    source: String(source),
    message: String(message),
  };
}
