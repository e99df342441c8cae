import { createHash } from "node:crypto";
import { promises } from "node:fs";
import { sql } from "kysely";
import type { Clock } from "../../../base/clock.ts";
import type { Disposable } from "../../../base/disposable.ts";
import { describeError } from "../../../base/errors.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Database } from "../../../store/database.ts";
import type { BlobFolder } from "./blobFolder.ts";
import type { BlobFault, BlobStore } from "./blobStore.ts";
import { isMissing } from "./diskError.ts";

export interface ScrubberOptions {
  readonly folder: BlobFolder;
  readonly blobs: BlobStore;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A stored file that is not what it was, and who misses it. */
export interface DamagedFile {
  /** SHA-256 in hex, as it should be. */
  readonly hash: string;
  readonly size: number;
  readonly fault: BlobFault;
  /** Documents with a revision that has this file. */
  readonly documents: readonly { readonly documentId: string; readonly title: string }[];
}

export interface CheckProgress {
  readonly isRunning: boolean;
  /** Of the check that runs, or of the last one since the start. */
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
}

const blockBytes = 4 * 1024 * 1024;
const checkBlockBytes = 1024 * 1024;
/** Between two blocks, in milliseconds: 4 MB/s, a terabyte in three days. */
const blockPause = 1_000;
/** How long nothing is looked for after nothing was found. */
const restPause = 600_000;
/** A new file is read again soon, an old one every two weeks. */
const newAfter = 3_600_000;
const againAfter = 14 * 24 * 3_600_000;
const page = 500;

/** Reads all files again, slowly, and reports what is missing or has changed while nobody looked. */
export class Scrubber {
  readonly #options: ScrubberOptions;
  #running: Promise<void> | undefined;
  #check: Promise<void> | undefined;
  #progress: CheckProgress = { isRunning: false, checkedFiles: 0, checkedBytes: 0, totalFiles: 0, totalBytes: 0 };
  #timer: Disposable | undefined;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(options: ScrubberOptions) {
    this.#options = options;
  }

  /** Begins to look after the files, slowly, until `close`. */
  start(): void {
    this.#running ??= this.#run();
  }

  get progress(): CheckProgress {
    return this.#progress;
  }

  /** Reads every file at full speed. While such a check runs, a second one is that one. */
  check(): Promise<void> {
    this.#check ??= this.#checkAll().finally(() => {
      this.#check = undefined;
      this.#progress = { ...this.#progress, isRunning: false };
    });
    return this.#check;
  }

  /** What is known to be damaged. */
  async damaged(): Promise<readonly DamagedFile[]> {
    const { database } = this.#options;
    const rows = await database.kysely
      .selectFrom("blobs")
      .leftJoin("revisions", "revisions.blob_hash", "blobs.hash")
      .leftJoin("tree_entries", "tree_entries.id", "revisions.document_id")
      .select(["blobs.hash", "blobs.size", "blobs.fault", "tree_entries.id", "tree_entries.name"])
      .where("blobs.fault", "is not", null)
      .distinct()
      .orderBy("blobs.hash")
      .execute();
    const files = new Map<string, DamagedFile & { readonly documents: { documentId: string; title: string }[] }>();
    for (const { hash, size, fault, id, name } of rows) {
      const file = files.get(hash) ?? { hash, size, fault: fault as BlobFault, documents: [] };
      if (id !== null && name !== null) file.documents.push({ documentId: id, title: name });
      files.set(hash, file);
    }
    return [...files.values()];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.dispose();
    this.#wake?.();
    await this.#running;
    await this.#check?.catch(() => {});
  }

  async #run(): Promise<void> {
    const { logger } = this.#options;
    while (!this.#isClosed) {
      try {
        const blob = await this.#due();
        if (blob === undefined) await this.#pause(restPause);
        else await this.#inspect(blob, { blockBytes, between: () => this.#pause(blockPause) });
      } catch (error) {
        logger.warn("stored files could not be checked", { error: describeError(error) });
        await this.#pause(restPause);
      }
    }
  }

  async #checkAll(): Promise<void> {
    const { kysely } = this.#options.database;
    const { files, bytes } = await kysely
      .selectFrom("blobs")
      .select(({ fn }) => [fn.countAll<number>().as("files"), sql<number>`coalesce(sum(size), 0)`.as("bytes")])
      .executeTakeFirstOrThrow();
    this.#progress = { isRunning: true, checkedFiles: 0, checkedBytes: 0, totalFiles: files, totalBytes: bytes };
    for (let after = ""; ; ) {
      const rows = await kysely
        .selectFrom("blobs")
        .select(["hash", "size"])
        .where("hash", ">", after)
        .orderBy("hash")
        .limit(page)
        .execute();
      for (const blob of rows) {
        if (this.#isClosed) return;
        await this.#inspect(blob, { blockBytes: checkBlockBytes, between: async () => {} });
        const { checkedFiles, checkedBytes } = this.#progress;
        this.#progress = {
          ...this.#progress,
          checkedFiles: checkedFiles + 1,
          checkedBytes: checkedBytes + blob.size,
        };
      }
      after = rows.at(-1)?.hash ?? after;
      if (rows.length < page) return;
    }
  }

  /** The file that was not read for the longest time, if that is long enough. */
  #due(): Promise<Blob | undefined> {
    const now = this.#options.clock.wallTime();
    return this.#options.database.kysely
      .selectFrom("blobs")
      .select(["hash", "size"])
      .where(({ or, and, eb }) =>
        or([
          and([eb("checked_at", "is", null), eb("created_at", "<=", now - newAfter)]),
          eb("checked_at", "<=", now - againAfter),
          // The wall clock was set back since.
          eb("checked_at", ">", now + againAfter),
        ]),
      )
      .orderBy("checked_at")
      .limit(1)
      .executeTakeFirst();
  }

  async #inspect(blob: Blob, pace: Pace): Promise<void> {
    const { blobs } = this.#options;
    let fault = await this.#faultOf(blob, pace);
    if (this.#isClosed) return;
    // It may have been removed or put right meanwhile; nobody does that while we look a second time.
    await blobs.run(blob.hash, async () => {
      if (fault !== undefined) fault = await this.#faultOf(blob, { ...pace, between: async () => {} });
      await blobs.judge(blob.hash, fault);
    });
  }

  async #faultOf({ hash, size }: Blob, pace: Pace): Promise<BlobFault | undefined> {
    let handle: promises.FileHandle;
    try {
      handle = await promises.open(this.#options.folder.pathOf(hash), "r");
    } catch (error) {
      if (isMissing(error)) return "missing";
      throw error;
    }
    try {
      const digest = createHash("sha256");
      const block = Buffer.allocUnsafeSlow(Math.max(1, Math.min(pace.blockBytes, size)));
      for (let offset = 0; ; ) {
        const { bytesRead } = await handle.read(block, 0, block.length, offset);
        if (bytesRead === 0) break;
        digest.update(block.subarray(0, bytesRead));
        offset += bytesRead;
        await pace.between();
        if (this.#isClosed) return undefined;
      }
      return digest.digest("hex") === hash ? undefined : "changed";
    } catch (error) {
      // What the disk cannot read any more is as lost as what it reads wrongly.
      if ((error as NodeJS.ErrnoException).code === "EIO") return "changed";
      throw error;
    } finally {
      await handle.close();
    }
  }

  #pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed) {
        resolve();
        return;
      }
      this.#wake = resolve;
      this.#timer = this.#options.clock.schedule(delay, resolve);
    });
  }
}

interface Blob {
  readonly hash: string;
  readonly size: number;
}

interface Pace {
  readonly blockBytes: number;
  readonly between: () => Promise<void>;
}
