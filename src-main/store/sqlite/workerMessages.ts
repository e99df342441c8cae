/** What SQLite binds and returns here. Booleans are converted before. */
export type SqlValue = null | number | string | Uint8Array;

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** To the worker: statements that belong together. All are done, or none when `atomic`. */
export interface WorkerRequest {
  readonly id: number;
  readonly atomic: boolean;
  readonly statements: readonly Statement[];
}

export interface StatementResult {
  readonly rows: readonly Record<string, SqlValue>[];
  readonly changes: number;
  readonly lastInsertRowid: number;
}

export type WorkerAnswer =
  | { readonly id: number; readonly results: readonly StatementResult[] }
  | { readonly id: number; readonly failure: WorkerFailure };

export interface WorkerFailure {
  readonly message: string;
  /** SQLite's primary result code: 13 is full, 19 a constraint. Undefined when it was no SQLite error. */
  readonly sqliteCode: number | undefined;
}

export interface WorkerSettings {
  readonly file: string;
  /** The file may grow to this many bytes; then writes fail as on a full disk. 0: no limit but the disk. */
  readonly maxBytes: number;
}
