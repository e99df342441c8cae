import { promises } from "node:fs";
import type { Disposable } from "../../../base/disposable.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { BlobFolder } from "../blobs/blobFolder.ts";
import type { BlobStore } from "../blobs/blobStore.ts";
import { diskError, isMissing } from "../blobs/diskError.ts";
import type { FileTask } from "./fileTask.ts";
import type { FileTasks } from "./fileTasks.ts";
import type { OpenDownload } from "./openDownload.ts";

export interface DownloadsOptions {
  readonly folder: BlobFolder;
  readonly blobs: BlobStore;
  readonly tasks: FileTasks;
  readonly database: Database;
}

interface Source {
  readonly revisionId: string;
  readonly documentId: string;
  readonly title: string;
  readonly size: number;
  readonly hash: string;
}

/** Files on their way out. What somebody reads is not removed from the disk meanwhile. */
export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #open = new Set<Reading>();

  constructor(options: DownloadsOptions) {
    this.#options = options;
  }

  /**
   * @param of a task's id, or a revision that somebody was allowed to read
   * @throws {PicketError} those of `FileTasks.take`; `REVISION_NOT_FOUND`; `INTERNAL_ERROR` when the file is damaged
   */
  async open(of: string | { readonly revisionId: string }): Promise<OpenDownload> {
    const { tasks, blobs } = this.#options;
    const task = typeof of === "string" ? await tasks.take(of, "download") : undefined;
    const source = await this.#source(typeof of === "string" ? (task?.revisionId ?? "") : of.revisionId);
    const reading: Reading = { documentId: source.documentId, task, close: undefined };
    // From here on nobody deletes the document, before the file is open.
    this.#open.add(reading);
    const pin = blobs.pin(source.hash);
    try {
      const handle = await blobs.run(source.hash, () => this.#openFile(source));
      return this.#download(source, { reading, pin, handle });
    } catch (error) {
      this.#open.delete(reading);
      pin.dispose();
      throw error;
    }
  }

  /** The documents of which somebody reads at this moment. */
  running(): ReadonlySet<string> {
    return new Set(Array.from(this.#open, ({ documentId }) => documentId));
  }

  /** Keeps the tasks of what is being read alive. */
  async tend(): Promise<void> {
    for (const open of this.#open) {
      if (open.task !== undefined) open.task = await this.#options.tasks.renew(open.task);
    }
  }

  /** Ends what is being read. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#open, (reading) => reading.close?.()));
  }

  #download(source: Source, { reading, pin, handle }: Opened): OpenDownload {
    const { revisionId, documentId, title, size, hash } = source;
    let isClosed = false;
    const close = async (): Promise<void> => {
      if (isClosed) return;
      isClosed = true;
      this.#open.delete(reading);
      pin.dispose();
      await handle.close();
    };
    reading.close = close;
    return {
      documentId,
      revisionId,
      size,
      sha256: hash,
      title,
      read: async (offset, length, into) => {
        if (isClosed) throw new PicketError("CANCELLED");
        const wanted = Math.max(0, Math.min(length, size - offset));
        const bytes = into?.subarray(0, wanted) ?? Buffer.allocUnsafeSlow(wanted);
        for (let done = 0; done < wanted; ) {
          const { bytesRead } = await handle.read(bytes, done, wanted - done, offset + done).catch(fail);
          if (bytesRead === 0) {
            await this.#options.blobs.judge(hash, "changed");
            throw damaged();
          }
          done += bytesRead;
        }
        return bytes;
      },
      finish: async () => {
        if (reading.task !== undefined) await this.#options.tasks.finish(reading.task.id);
      },
      close,
    };
  }

  async #openFile({ hash, size }: Source): Promise<promises.FileHandle> {
    const { blobs, folder } = this.#options;
    if ((await blobs.get(hash)) === undefined) throw new PicketError("REVISION_NOT_FOUND");
    let handle: promises.FileHandle;
    try {
      handle = await promises.open(folder.pathOf(hash), "r");
    } catch (error) {
      if (!isMissing(error)) throw diskError(error);
      await blobs.judge(hash, "missing");
      throw damaged();
    }
    if ((await handle.stat()).size === size) return handle;
    await handle.close();
    await blobs.judge(hash, "changed");
    throw damaged();
  }

  /** @throws {PicketError} `REVISION_NOT_FOUND` also when its upload is not complete */
  async #source(revisionId: string): Promise<Source> {
    const row = await this.#options.database.kysely
      .selectFrom("revisions")
      .innerJoin("tree_entries", "tree_entries.id", "revisions.document_id")
      .select(["revisions.document_id", "revisions.size", "revisions.blob_hash", "tree_entries.name"])
      .where("revisions.id", "=", revisionId)
      .executeTakeFirst();
    if (row === undefined || row.blob_hash === null) throw new PicketError("REVISION_NOT_FOUND");
    const { document_id: documentId, size, blob_hash: hash, name: title } = row;
    return { revisionId, documentId, title, size, hash };
  }
}

interface Reading {
  readonly documentId: string;
  task: FileTask | undefined;
  /** Undefined while the file is being opened. */
  close: (() => Promise<void>) | undefined;
}

interface Opened {
  readonly reading: Reading;
  readonly pin: Disposable;
  readonly handle: promises.FileHandle;
}

function fail(error: unknown): never {
  throw diskError(error);
}

function damaged(): PicketError {
  return new PicketError("INTERNAL_ERROR", { message: "The file of this document is damaged on the core's disk." });
}
