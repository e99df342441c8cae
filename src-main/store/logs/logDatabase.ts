import { PicketError } from "../../base/errors.ts";
import { SqliteClient } from "../sqlite/sqliteClient.ts";
import type { SqlValue, Statement, StatementResult } from "../sqlite/workerMessages.ts";
import { logSchema } from "./logSchema.ts";

/** Threads that search. A search in many parts looks into as many at once. */
export const logReaders = 2;

/**
 * The file that lines are kept in: apart from the core's database and with threads of its own, so that a flood of lines
 * never makes a heartbeat wait. One thread writes, others read: a search does not hold up the acks.
 */
export class LogDatabase {
  readonly #file: string;
  readonly #writer: SqliteClient;
  /** Opened when a search finds no idle one: a core that nobody asks has none. */
  readonly #readers: SqliteClient[] = [];

  private constructor(file: string) {
    this.#file = file;
    this.#writer = new SqliteClient({ file, maxBytes: 0 });
  }

  /** @throws {PicketError} `DATA_FOLDER_TOO_NEW`, `DATABASE_ERROR` */
  static async open(file: string): Promise<LogDatabase> {
    const database = new LogDatabase(file);
    try {
      await database.#migrate();
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  /**
   * Runs statements as one transaction; what resolved is on the disk.
   *
   * @throws {PicketError} `CONFLICT`, `DATABASE_ERROR`; nothing is changed
   */
  transact(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#writer.run(statements, true);
  }

  /** Reads after everything that was written before. @throws {PicketError} `DATABASE_ERROR` */
  readWritten(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return rowsOf(this.#writer, { sql, parameters });
  }

  /** Reads beside the writer. @throws {PicketError} `DATABASE_ERROR` */
  read(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return rowsOf(this.#idlestReader(), { sql, parameters });
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
    await this.#writer.close();
  }

  #idlestReader(): SqliteClient {
    const [idlest] = this.#readers.toSorted((one, other) => one.pending - other.pending);
    if (idlest !== undefined && (idlest.pending === 0 || this.#readers.length === logReaders)) return idlest;
    const reader = new SqliteClient({ file: this.#file, maxBytes: 0 });
    this.#readers.push(reader);
    return reader;
  }

  async #migrate(): Promise<void> {
    const [row] = await this.readWritten("pragma user_version");
    const version = Number(row?.["user_version"] ?? 0);
    if (version > logSchema.length) {
      throw new PicketError("DATA_FOLDER_TOO_NEW", { details: `its logs have version ${version}` });
    }
    for (let step = version; step < logSchema.length; step += 1) {
      const statements = logSchema[step] ?? [];
      const done = `pragma user_version = ${step + 1}`;
      await this.transact([...statements, done].map((sql) => ({ sql, parameters: [] })));
    }
  }
}

export type Row = Readonly<Record<string, SqlValue>>;

async function rowsOf(client: SqliteClient, statement: Statement): Promise<readonly Row[]> {
  const [result] = await client.run([statement], false);
  return result?.rows ?? [];
}
