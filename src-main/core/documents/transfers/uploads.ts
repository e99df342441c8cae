import { promises } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../../base/clock.ts";
import { describeError, PicketError } from "../../../base/errors.ts";
import { KeyedTurns } from "../../../base/keyedTurns.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Database } from "../../../store/database.ts";
import { type BlobFolder, hashPattern } from "../blobs/blobFolder.ts";
import type { BlobStore } from "../blobs/blobStore.ts";
import type { Claim, StorageUsage } from "../blobs/storageUsage.ts";
import type { Revision } from "../tree/revision.ts";
import type { FileTasks } from "./fileTasks.ts";
import { markEnding } from "./heldMark.ts";
import type { OpenUpload, UploadStart } from "./openUpload.ts";
import { type OpenFile, StagedFile } from "./stagedFile.ts";
import type { UploadEntry } from "./uploadEntry.ts";
import { recordUpload } from "./uploadRecord.ts";
import { UploadSender } from "./uploadSender.ts";

export interface UploadsOptions {
  readonly folder: BlobFolder;
  readonly blobs: BlobStore;
  readonly tasks: FileTasks;
  readonly usage: StorageUsage;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly openFile: OpenFile;
}

/** Uploads that may have a file open and memory of their own at the same time. */
const mostOpen = 64;
/** For how long nothing must have come before an upload gives its file and memory back, in milliseconds. */
const idleAfter = 60_000;
/** The same, when another one needs the place. */
const idleForOthers = 5_000;
/** Of how many uploads that nobody sends the state of the hash stays in memory. */
const mostRemembered = 1_000;
const sweptAtOnce = 500;

/** Files on their way in. What came is kept when a sender is cut off, until its task ends. */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #turns = new KeyedTurns();
  readonly #entries = new Map<string, UploadEntry>();
  #isClosed = false;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** How many have a file open at this moment. */
  get openCount(): number {
    return [...this.#entries.values()].filter(({ staged }) => staged.isOpen).length;
  }

  /**
   * Begins an upload, or goes on with it. Whoever sent for this task before is cut off.
   *
   * @throws {PicketError} those of `FileTasks.take`; before anything is written `INVALID_PARAMS`, `QUOTA_EXCEEDED`,
   * `STORAGE_FULL`; `RATE_LIMITED` when too many are open
   */
  open(taskId: string, start: UploadStart): Promise<OpenUpload> {
    return this.#turns.run(taskId, async () => {
      if (this.#isClosed) throw new PicketError("SHUTTING_DOWN");
      const { sha256, offset } = checkStart(start);
      const { size, owner } = start;
      const task = await this.#options.tasks.take(taskId, "upload");
      if (owner !== undefined && owner !== task.createdBy) throw new PicketError("FILE_TASK_NOT_FOUND");
      const known = this.#entries.get(taskId);
      if (known !== undefined) {
        known.sender = undefined;
        await known.busy;
      }
      const staged = known?.staged ?? (await this.#find(taskId));
      const isSame = known === undefined ? staged.held <= size : isSameFile(known, { size, sha256 });
      const kept = isSame ? Math.min(staged.held, offset) : 0;
      await this.#options.usage.check({ size, held: kept, by: task.createdBy }, this.#claims(taskId));
      await this.#makePlace(taskId);
      await staged.keep(kept);
      const usedAt = this.#options.clock.monotonicTime();
      const changes = { task, size, sha256: sha256 ?? (isSame ? known?.sha256 : undefined), usedAt };
      const entry = known ?? { staged, sender: undefined, busy: Promise.resolve(), resting: undefined, ...changes };
      this.#entries.set(taskId, Object.assign(entry, changes));
      return this.#sender(entry);
    });
  }

  /** Bytes that are kept of an upload that is not complete. @throws {PicketError} those of `FileTasks.take` */
  held(taskId: string): Promise<number> {
    return this.#turns.run(taskId, async () => {
      await this.#options.tasks.take(taskId, "upload");
      return (this.#entries.get(taskId)?.staged ?? (await this.#find(taskId))).held;
    });
  }

  /**
   * What has to be done now and then: the tasks of those that move live on, and those that do not give back their file and
   * memory; the sender need not know.
   */
  async tend(): Promise<void> {
    for (const [taskId, entry] of this.#entries) {
      if (!entry.staged.isOpen) continue;
      if (this.#idleTime(entry) < idleAfter) entry.task = await this.#options.tasks.renew(entry.task);
      else await this.#rest(taskId);
    }
    const unsent = [...this.#entries].filter(([, { sender }]) => sender === undefined);
    // What is forgotten is read from the file again.
    for (const [taskId] of unsent.slice(0, Math.max(0, unsent.length - mostRemembered))) this.#entries.delete(taskId);
  }

  /** Removes what was kept for tasks that are over. */
  async sweep(): Promise<void> {
    const { folder, tasks, logger } = this.#options;
    const names = await promises.readdir(folder.incoming);
    const ids = [...new Set(names.map((name) => name.replace(markEnding, "")))];
    let gone = 0;
    for (let from = 0; from < ids.length; from += sweptAtOnce) {
      const some = ids.slice(from, from + sweptAtOnce);
      const live = await tasks.liveUploads(some);
      for (const id of some) {
        if (!live.has(id)) gone += (await this.#turns.run(id, () => this.#removeUnsent(id))) ? 1 : 0;
      }
    }
    if (gone > 0) logger.info("what was left of uploads that ended was removed", { uploads: gone });
  }

  /** Ends every upload and keeps what came. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const entry of this.#entries.values()) entry.sender = undefined;
    await Promise.all([...this.#entries.keys()].map((taskId) => this.#rest(taskId)));
    this.#entries.clear();
  }

  #sender(entry: UploadEntry): OpenUpload {
    const { id } = entry.task;
    return new UploadSender({
      entry,
      clock: this.#options.clock,
      inTurn: (run) => this.#turns.run(id, run),
      makePlace: () => this.#makePlace(id),
      finish: () => this.#finish(entry),
      suspend: async () => {
        entry.sender = undefined;
        await entry.staged.rest();
        entry.task = await this.#options.tasks.renew(entry.task);
      },
      abort: () => this.#forget(entry),
    });
  }

  async #finish(entry: UploadEntry): Promise<Revision> {
    const { staged, task, size, sha256 } = entry;
    const { blobs, database, clock } = this.#options;
    if (staged.held !== size) {
      throw new PicketError("SIZE_MISMATCH", { details: `expected ${size}, got ${staged.held}` });
    }
    const hash = await staged.complete();
    if (sha256 !== undefined && sha256 !== hash) {
      await this.#forget(entry);
      throw new PicketError("HASH_MISMATCH", { details: `expected ${sha256}, got ${hash}` });
    }
    try {
      const now = clock.wallTime();
      const revision = await blobs.add({ file: staged.path, hash, size }, (blob) =>
        recordUpload({ database, task, hash, size, blob, now }),
      );
      await this.#forget(entry);
      return revision;
    } catch (error) {
      if (error instanceof PicketError && error.code === "FILE_TASK_OVER") await this.#forget(entry);
      throw error;
    }
  }

  async #forget(entry: UploadEntry): Promise<void> {
    entry.sender = undefined;
    this.#entries.delete(entry.task.id);
    await entry.staged.remove();
  }

  #find(taskId: string): Promise<StagedFile> {
    const { folder, openFile } = this.#options;
    return StagedFile.find(join(folder.incoming, taskId), openFile);
  }

  /** What the other uploads were promised, or have taken without being complete. */
  #claims(except: string): readonly Claim[] {
    return [...this.#entries]
      .filter(([taskId]) => taskId !== except)
      .map(([, { task, sender, size, staged }]) => ({
        by: task.createdBy,
        quota: sender === undefined ? staged.held : size,
        disk: sender === undefined ? 0 : size - staged.held,
      }));
  }

  async #makePlace(taskId: string): Promise<void> {
    if (this.#entries.get(taskId)?.staged.isOpen === true || this.openCount < mostOpen) return;
    const open = [...this.#entries].filter(([, { staged }]) => staged.isOpen);
    const [longest] = open.sort(([, a], [, b]) => a.usedAt - b.usedAt);
    if (longest === undefined || this.#idleTime(longest[1]) < idleForOthers) throw new PicketError("RATE_LIMITED");
    await this.#rest(longest[0]);
  }

  #idleTime(entry: UploadEntry): number {
    return this.#options.clock.monotonicTime() - entry.usedAt;
  }

  async #rest(taskId: string): Promise<void> {
    await this.#turns.run(taskId, async () => {
      const entry = this.#entries.get(taskId);
      if (entry === undefined) return;
      // Its sender may have begun the next write while we waited for this one.
      for (let busy: Promise<void> | undefined; busy !== entry.busy; ) {
        busy = entry.busy;
        await busy;
      }
      entry.resting = entry.staged.rest().catch((error: unknown) => {
        this.#options.logger.warn("an upload could not be brought to the disk", { error: describeError(error) });
      });
      await entry.resting;
      entry.resting = undefined;
    });
  }

  async #removeUnsent(taskId: string): Promise<boolean> {
    if (this.#entries.get(taskId)?.sender !== undefined) return false;
    this.#entries.delete(taskId);
    const path = join(this.#options.folder.incoming, taskId);
    await promises.rm(path, { force: true });
    await promises.rm(`${path}${markEnding}`, { force: true });
    return true;
  }
}

/** @throws {PicketError} `INVALID_PARAMS` */
function checkStart({ sha256, offset = 0 }: UploadStart): {
  readonly sha256: string | undefined;
  readonly offset: number;
} {
  const hash = sha256?.toLowerCase();
  if (hash !== undefined && !hashPattern.test(hash)) throw new PicketError("INVALID_PARAMS", { details: "sha256" });
  const kept = offset === "held" ? Number.POSITIVE_INFINITY : offset;
  if (!(kept >= 0)) throw new PicketError("INVALID_PARAMS", { details: "offset" });
  return { sha256: hash, offset: kept };
}

/** What was announced as another file is another file. */
function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.size === b.size && (a.sha256 === b.sha256 || a.sha256 === undefined || b.sha256 === undefined);
}

interface FileFacts {
  readonly size: number;
  readonly sha256: string | undefined;
}
