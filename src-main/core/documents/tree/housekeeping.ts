import type { Clock } from "../../../base/clock.ts";
import type { Disposable } from "../../../base/disposable.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Database } from "../../../store/database.ts";
import type { Bin } from "./bin.ts";
import type { TreeLock } from "./treeLock.ts";

export interface HousekeepingOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bin: Bin;
  readonly lock: TreeLock;
}

const interval = 600_000;
/** How much the two sides of the clock may differ in an interval before somebody must have set it. */
const drift = 60_000;
/** What nobody began to upload in that time will not be uploaded. */
const leftoverAge = 24 * 3_600_000;

/** Purges the bin, and revisions and documents that were to be uploaded and never were. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #timer: Disposable;
  #offset: number;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#offset = this.#wallOffset();
    this.#timer = options.clock.repeat(interval, () => {
      const before = this.#offset;
      this.#offset = this.#wallOffset();
      // A clock that jumped may be set right again. What it made old in one moment waits for another round.
      if (this.#offset - before > drift) return;
      this.#running = this.#running.then(() => this.#run());
    });
  }

  /** Stops, and waits for what it is at. */
  async close(): Promise<void> {
    this.#timer.dispose();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { bin, logger } = this.#options;
    try {
      await this.#removeLeftovers();
      await bin.purgeOld();
    } catch (error) {
      if (error instanceof PicketError && error.code === "TRANSFER_RUNNING") return;
      logger.warn("deleted documents could not be purged", { error });
    }
  }

  #wallOffset(): number {
    return this.#options.clock.wallTime() - this.#options.clock.monotonicTime();
  }

  async #removeLeftovers(): Promise<void> {
    const { database, clock, lock } = this.#options;
    const { kysely } = database;
    const now = clock.wallTime();
    const awaited = kysely
      .selectFrom("file_tasks")
      .select("revision_id")
      .where("status", "=", "waiting")
      .where("end_at", ">", now);
    await lock(() =>
      database.transact([
        kysely
          .deleteFrom("revisions")
          .where("activated_at", "is", null)
          .where("created_at", "<=", now - leftoverAge)
          .where("id", "not in", awaited),
        kysely
          .deleteFrom("tree_entries")
          .where("kind", "=", "document")
          .where("current_revision_id", "is", null)
          .where("created_at", "<=", now - leftoverAge)
          .where("id", "not in", kysely.selectFrom("revisions").select("document_id")),
      ]),
    );
  }
}
