import { type Compilable, Kysely } from "kysely";
import { migrate } from "./migrate.ts";
import { SqliteClient } from "./sqlite/sqliteClient.ts";
import { sqliteDialect, toStatement } from "./sqlite/sqliteDialect.ts";
import { Turns } from "./sqlite/turns.ts";
import type { Tables } from "./tables.ts";

export interface DatabaseOptions {
  /** The database file; made when it is not there. */
  readonly file: string;
  /** Bytes the file may grow to; 0 is no limit but the disk. @default 0 */
  readonly maxBytes?: number;
}

/** How many rows each statement of a batch changed. */
export type BatchResult = readonly { readonly changes: number; readonly lastInsertRowid: number }[];

/** The core's database. Everything that resolved is on the disk. */
export class Database {
  readonly kysely: Kysely<Tables>;
  readonly #client: SqliteClient;
  readonly #turns: Turns;

  private constructor(client: SqliteClient) {
    this.#client = client;
    this.#turns = new Turns();
    this.kysely = new Kysely<Tables>({ dialect: sqliteDialect(client, this.#turns) });
  }

  /**
   * Opens the database and brings it up to this version.
   *
   * @throws {PicketError} `DATA_FOLDER_TOO_NEW`, `DATABASE_ERROR`
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const client = new SqliteClient({ file: options.file, maxBytes: options.maxBytes ?? 0 });
    const database = new Database(client);
    try {
      await migrate(database.kysely as Kysely<unknown>);
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  /**
   * Runs statements as one transaction, in one trip to the database's thread.
   *
   * @throws {PicketError} `CONFLICT` for a broken constraint, `DATABASE_ERROR` for everything else; nothing is changed
   */
  async transact(statements: readonly Compilable[]): Promise<BatchResult> {
    const compiled = statements.map((statement) => toStatement(statement.compile()));
    const release = await this.#turns.take();
    try {
      return await this.#client.run(compiled, true);
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    await this.kysely.destroy();
    await this.#client.close();
  }
}
