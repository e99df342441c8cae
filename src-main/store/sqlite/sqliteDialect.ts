import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqliteClient } from "./sqliteClient.ts";
import type { Turns } from "./turns.ts";
import type { SqlValue, Statement, StatementResult } from "./workerMessages.ts";

/** Kysely over the thread that owns the database. */
export function sqliteDialect(client: SqliteClient, turns: Turns): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(client, turns),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

export function toStatement(query: CompiledQuery): Statement {
  return { sql: query.sql, parameters: query.parameters.map(toSqlValue) };
}

class SqliteDriver implements Driver {
  readonly #client: SqliteClient;
  readonly #turns: Turns;

  constructor(client: SqliteClient, turns: Turns) {
    this.#client = client;
    this.#turns = turns;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SqliteConnection> {
    return new SqliteConnection(this.#client, await this.#turns.take());
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }

  async releaseConnection(connection: SqliteConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {}
}

class SqliteConnection implements DatabaseConnection {
  readonly release: () => void;
  readonly #client: SqliteClient;

  constructor(client: SqliteClient, release: () => void) {
    this.#client = client;
    this.release = release;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const [result] = await this.#client.run([toStatement(query)], false);
    return toQueryResult(result);
  }

  // biome-ignore lint/correctness/useYield: nothing streams; lists are read in pages
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("lists are read in pages, not streamed");
  }
}

function toQueryResult<R>(result: StatementResult | undefined): QueryResult<R> {
  return {
    rows: (result?.rows ?? []) as R[],
    numAffectedRows: BigInt(result?.changes ?? 0),
    insertId: BigInt(result?.lastInsertRowid ?? 0),
  };
}

function toSqlValue(value: unknown): SqlValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "number" || typeof value === "string" || value instanceof Uint8Array) {
    return value;
  }
  throw new TypeError(`a ${typeof value} cannot be bound`);
}
