import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { PicketError } from "../../base/errors.ts";
import type {
  Statement,
  StatementResult,
  WorkerAnswer,
  WorkerFailure,
  WorkerRequest,
  WorkerSettings,
} from "./workerMessages.ts";

interface Pending {
  resolve(results: readonly StatementResult[]): void;
  reject(error: PicketError): void;
}

/** Talks to the thread that owns the database. Requests are done in the order in which they were made. */
export class SqliteClient {
  readonly #worker: Worker;
  readonly #requests = new Map<number, Pending>();
  readonly #exited: Promise<unknown>;
  #nextId = 1;
  #failure: PicketError | undefined;

  constructor(settings: WorkerSettings) {
    // Beside this file as source, beside the bundle as build.
    const file = import.meta.url.endsWith(".ts") ? "./sqliteWorker.ts" : "./sqliteWorker.js";
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: settings });
    this.#exited = once(this.#worker, "exit").catch(() => {});
    this.#worker.on("message", (answer: WorkerAnswer) => this.#onAnswer(answer));
    this.#worker.on("error", (error) => this.#onLost(new PicketError("DATABASE_ERROR", { cause: error })));
    this.#worker.on("exit", () => this.#onLost(new PicketError("DATABASE_ERROR", { details: "it is closed" })));
  }

  /** Requests that have no answer yet. */
  get pending(): number {
    return this.#requests.size;
  }

  /** Runs statements one by one; with `atomic`, in one transaction that is committed to the disk when this resolves. */
  run(statements: readonly Statement[], atomic: boolean): Promise<readonly StatementResult[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject });
      const request: WorkerRequest = { id, atomic, statements };
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    this.#worker.postMessage("close");
    await this.#exited;
  }

  #onAnswer(answer: WorkerAnswer): void {
    const pending = this.#requests.get(answer.id);
    this.#requests.delete(answer.id);
    if ("results" in answer) pending?.resolve(answer.results);
    else pending?.reject(databaseError(answer.failure));
  }

  #onLost(error: PicketError): void {
    this.#failure ??= error;
    for (const pending of this.#requests.values()) pending.reject(this.#failure);
    this.#requests.clear();
  }
}

const full = 13;
const constraint = 19;

function databaseError({ message, sqliteCode }: WorkerFailure): PicketError {
  const cause = new Error(message);
  if (sqliteCode === constraint) return new PicketError("CONFLICT", { cause });
  if (sqliteCode === full) return new PicketError("DATABASE_ERROR", { cause, details: "the disk is full" });
  return new PicketError("DATABASE_ERROR", { cause });
}
