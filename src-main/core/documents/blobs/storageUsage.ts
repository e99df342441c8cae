import { sql } from "kysely";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { DocumentLimits } from "../documentLimits.ts";
import type { BlobFolder } from "./blobFolder.ts";

export interface StorageUsageOptions {
  readonly database: Database;
  readonly folder: BlobFolder;
  readonly limits: DocumentLimits;
}

/** What one user keeps: every revision that the user uploaded, those in the bin too, each at its full size. */
export interface UserUsage {
  /** As revisions name their maker. */
  readonly user: string;
  readonly bytes: number;
  readonly revisions: number;
}

/** What all documents take on the disk. */
export interface DiskUsage {
  /** Files, those with the same bytes once. */
  readonly files: number;
  readonly bytes: number;
  readonly damaged: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What an upload that has not ended may still need. */
export interface Claim {
  readonly by: string;
  /** Bytes that count for the user's quota. */
  readonly quota: number;
  /** Bytes that will still be written. */
  readonly disk: number;
}

/** Left on the disk for the database, whatever people upload; a small disk keeps a fiftieth. */
const reserve = 64 * 1024 * 1024;
const reserveShare = 1 / 50;

/** Who keeps how much, and whether there is room for more. */
export class StorageUsage {
  readonly limits: DocumentLimits;
  readonly #database: Database;
  readonly #folder: BlobFolder;

  constructor({ database, folder, limits }: StorageUsageOptions) {
    this.#database = database;
    this.#folder = folder;
    this.limits = limits;
  }

  async of(user: string): Promise<UserUsage> {
    const [usage] = await this.#perUser().where("created_by", "=", user).execute();
    return usage ?? { user, bytes: 0, revisions: 0 };
  }

  /** Everybody who keeps something, who keeps most first. */
  users(): Promise<readonly UserUsage[]> {
    return this.#perUser().orderBy("bytes", "desc").execute();
  }

  async disk(): Promise<DiskUsage> {
    const { free, total } = await this.#folder.space();
    const sums = await this.#database.kysely
      .selectFrom("blobs")
      .select(({ fn }) => [
        fn.countAll<number>().as("files"),
        sql<number>`coalesce(sum(size), 0)`.as("bytes"),
        fn.count<number>("fault").as("damaged"),
      ])
      .executeTakeFirstOrThrow();
    return { ...sums, freeBytes: free, totalBytes: total };
  }

  /**
   * Whether a file of this size may come, before anything of it is written.
   *
   * @param claims what other uploads have been promised
   * @throws {PicketError} `INVALID_PARAMS` when that is no size, `QUOTA_EXCEEDED`, `STORAGE_FULL`
   */
  async check(
    { size, held, by }: { readonly size: number; readonly held: number; readonly by: string },
    claims: readonly Claim[],
  ): Promise<void> {
    if (!Number.isSafeInteger(size) || size < 0) throw new PicketError("INVALID_PARAMS", { details: "size" });
    const { perFile, perUser } = this.limits;
    if (perFile > 0 && size > perFile) {
      throw new PicketError("QUOTA_EXCEEDED", {
        message: "The file is larger than files may be here.",
        details: `at most ${perFile} bytes`,
      });
    }
    if (perUser > 0) {
      const promised = claims.filter((claim) => claim.by === by).reduce((sum, { quota }) => sum + quota, 0);
      const left = perUser - (await this.of(by)).bytes - promised;
      if (size > left) throw new PicketError("QUOTA_EXCEEDED", { details: `${Math.max(0, left)} bytes are left` });
    }
    const { free, total } = await this.#folder.space();
    const kept = Math.min(reserve, total * reserveShare);
    const left = free - kept - claims.reduce((sum, { disk }) => sum + disk, 0);
    if (size - held > left) throw new PicketError("STORAGE_FULL");
  }

  #perUser() {
    return this.#database.kysely
      .selectFrom("revisions")
      .select(({ fn }) => [
        "created_by as user",
        fn.sum<number>("size").as("bytes"),
        fn.countAll<number>().as("revisions"),
      ])
      .where("blob_hash", "is not", null)
      .groupBy("created_by");
  }
}
