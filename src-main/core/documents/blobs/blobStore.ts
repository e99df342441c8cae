import type { Clock } from "../../../base/clock.ts";
import { type Disposable, toDisposable } from "../../../base/disposable.ts";
import { KeyedTurns } from "../../../base/keyedTurns.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Database } from "../../../store/database.ts";
import type { BlobFolder } from "./blobFolder.ts";

export interface BlobStoreOptions {
  readonly folder: BlobFolder;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What can be wrong with a stored file: it is not there, or not what it was. */
export type BlobFault = "missing" | "changed";

export interface BlobRecord {
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly size: number;
  readonly fault: BlobFault | undefined;
  /** When the whole file was last read and compared, in milliseconds since 1970. */
  readonly checkedAt: number | undefined;
}

const collectedAtOnce = 200;

/** Files by their SHA-256: two documents with the same bytes share one. One that no revision names goes. */
export class BlobStore {
  readonly #folder: BlobFolder;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** What is done to one blob is done by one at a time: a file and its row come and go together. */
  readonly #turns = new KeyedTurns();
  readonly #pins = new Map<string, number>();

  constructor({ folder, database, clock, logger }: BlobStoreOptions) {
    this.#folder = folder;
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
  }

  async get(hash: string): Promise<BlobRecord | undefined> {
    const row = await this.#database.kysely.selectFrom("blobs").selectAll().where("hash", "=", hash).executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      hash,
      size: row.size,
      fault: (row.fault as BlobFault | null) ?? undefined,
      checkedAt: row.checked_at ?? undefined,
    };
  }

  /**
   * Gives a complete, synced file its place, and runs `record`, which writes the rows that speak of it. When that fails,
   * the file is back where it was.
   */
  async add<T>(
    { file, hash, size }: { readonly file: string; readonly hash: string; readonly size: number },
    record: (blob: ReturnType<BlobStore["row"]>) => Promise<T>,
  ): Promise<T> {
    return this.#turns.run(hash, async () => {
      const known = await this.get(hash);
      const isThere =
        known !== undefined && known.fault === undefined && (await this.#folder.sizeOf(hash)) === known.size;
      if (!isThere) await this.#folder.moveIn(file, hash);
      try {
        return await record(this.row(hash, size));
      } catch (error) {
        if (!isThere) await this.#folder.moveOut(hash, file);
        throw error;
      }
    });
  }

  /** The statement for a blob's row. One that was damaged is whole again. */
  row(hash: string, size: number) {
    return this.#database.kysely
      .insertInto("blobs")
      .values({ hash, size, created_at: this.#clock.wallTime(), checked_at: null, fault: null })
      .onConflict((conflict) => conflict.column("hash").doUpdateSet({ fault: null }));
  }

  /** Keeps the blob from being collected, from this moment on. */
  pin(hash: string): Disposable {
    this.#pins.set(hash, (this.#pins.get(hash) ?? 0) + 1);
    return toDisposable(() => {
      const left = (this.#pins.get(hash) ?? 1) - 1;
      if (left === 0) this.#pins.delete(hash);
      else this.#pins.set(hash, left);
    });
  }

  /** Runs `task` while nobody else adds, removes or judges this blob. */
  run<T>(hash: string, task: () => Promise<T>): Promise<T> {
    return this.#turns.run(hash, task);
  }

  /** Writes down what is wrong with a blob, or that nothing is. */
  async judge(hash: string, fault: BlobFault | undefined): Promise<void> {
    const before = await this.get(hash);
    if (before === undefined) return;
    await this.#database.kysely
      .updateTable("blobs")
      .set({ fault: fault ?? null, checked_at: this.#clock.wallTime() })
      .where("hash", "=", hash)
      .execute();
    if (fault === before.fault) return;
    const path = this.#folder.pathOf(hash);
    if (fault !== undefined) this.#logger.error("a stored file is damaged", { fault, file: path });
    else this.#logger.info("a stored file is whole again", { file: path });
  }

  /** Removes what no revision names and nobody reads. @returns how many files went */
  async collect(): Promise<number> {
    let after = "";
    let gone = 0;
    for (;;) {
      const rows = await this.#unnamed().where("hash", ">", after).orderBy("hash").limit(collectedAtOnce).execute();
      for (const { hash } of rows) gone += (await this.#turns.run(hash, () => this.#removeUnnamed(hash))) ? 1 : 0;
      after = rows.at(-1)?.hash ?? after;
      if (rows.length < collectedAtOnce) return gone;
    }
  }

  /** Removes files that have no row: a crash left them between the two. @returns how many went */
  async sweep(isClosed: () => boolean): Promise<number> {
    let gone = 0;
    for (const shard of await this.#folder.shards()) {
      if (isClosed()) break;
      const files = await this.#folder.hashesIn(shard);
      const rows = await this.#database.kysely
        .selectFrom("blobs")
        .select("hash")
        .where("hash", ">=", shard)
        .where("hash", "<", `${shard}g`)
        .execute();
      const known = new Set(rows.map(({ hash }) => hash));
      for (const hash of files) {
        if (known.has(hash)) continue;
        await this.#turns.run(hash, async () => {
          if ((await this.get(hash)) !== undefined) return;
          await this.#folder.remove(hash);
          gone += 1;
        });
      }
    }
    if (gone > 0) this.#logger.info("files that no document has were removed", { files: gone });
    return gone;
  }

  #unnamed() {
    return this.#database.kysely
      .selectFrom("blobs")
      .select("hash")
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom("revisions").select("id").whereRef("revisions.blob_hash", "=", "blobs.hash"))),
      );
  }

  async #removeUnnamed(hash: string): Promise<boolean> {
    if (this.#pins.has(hash)) return false;
    const [result] = await this.#database.kysely
      .deleteFrom("blobs")
      .where("hash", "=", hash)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom("revisions").select("id").whereRef("revisions.blob_hash", "=", "blobs.hash"))),
      )
      .execute();
    if (result === undefined || result.numDeletedRows === 0n) return false;
    await this.#folder.remove(hash);
    return true;
  }
}
