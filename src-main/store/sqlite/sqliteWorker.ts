// The thread that owns the database: a commit waits for the disk, and the event loop must not wait with it.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type {
  SqlValue,
  Statement,
  StatementResult,
  WorkerAnswer,
  WorkerFailure,
  WorkerRequest,
  WorkerSettings,
} from "./workerMessages.ts";

const settings = workerData as WorkerSettings;
const maxPrepared = 200;
const prepared = new Map<string, StatementSync>();
const pageSize = 8192;

/** Milliseconds. Who looks into the file with another program for a moment must not cost a refusal. */
const lockTimeout = 1_000;

const database = new DatabaseSync(settings.file, { enableForeignKeyConstraints: true, timeout: lockTimeout });
// Only of a new file: to set them again writes, and a database of a newer version must be left as it is.
if (pragma("page_count") === 0) database.exec(`pragma page_size = ${pageSize}; pragma auto_vacuum = incremental`);
if (pragma("journal_mode") !== "wal") database.exec("pragma journal_mode = wal");
// FULL: a commit that returned survives a power cut. The group commits above pay for it once per group.
database.exec("pragma synchronous = full; pragma temp_store = memory; pragma journal_size_limit = 67108864");
if (settings.maxBytes > 0) database.exec(`pragma max_page_count = ${Math.ceil(settings.maxBytes / pageSize)}`);

const port = parentPort;
if (port === null) throw new Error("this file runs in a worker only");
port.on("message", (request: WorkerRequest | "close") => {
  if (request === "close") {
    prepared.clear();
    database.close();
    port.close();
    return;
  }
  port.postMessage(answer(request));
});

function pragma(name: string): SqlValue | undefined {
  return Object.values((database.prepare(`pragma ${name}`).get() ?? {}) as Record<string, SqlValue>)[0];
}

function answer({ id, atomic, statements }: WorkerRequest): WorkerAnswer {
  try {
    return { id, results: atomic ? transact(statements) : statements.map(execute) };
  } catch (error) {
    return { id, failure: describe(error) };
  }
}

function transact(statements: readonly Statement[]): StatementResult[] {
  database.exec("begin immediate");
  try {
    const results = statements.map(execute);
    database.exec("commit");
    return results;
  } catch (error) {
    // A full disk may have rolled back already.
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

function execute({ sql, parameters }: Statement): StatementResult {
  const statement = prepare(sql);
  // A pragma without columns may be a loop all the same: incremental_vacuum gives one page back per step.
  if (statement.columns().length > 0 || sql.startsWith("pragma")) {
    return { rows: statement.all(...parameters) as Record<string, SqlValue>[], changes: 0, lastInsertRowid: 0 };
  }
  const { changes, lastInsertRowid } = statement.run(...parameters);
  return { rows: [], changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
}

function prepare(sql: string): StatementSync {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  if (prepared.size >= maxPrepared) prepared.clear();
  const statement = database.prepare(sql);
  prepared.set(sql, statement);
  return statement;
}

function describe(error: unknown): WorkerFailure {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { errcode?: unknown }).errcode;
  // The low byte of an extended result code is the primary one.
  return { message, sqliteCode: typeof code === "number" ? code & 0xff : undefined };
}
