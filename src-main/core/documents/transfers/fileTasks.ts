import { randomBytes } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import { type DownloadForm, type FileTask, type FileTaskMode, taskNotNow, taskNotValid } from "./fileTask.ts";

export interface FileTasksOptions {
  readonly database: Database;
  readonly clock: Clock;
}

export interface NewFileTask {
  readonly revisionId: string;
  readonly by: string;
}

/** How long a task can be taken, in milliseconds; while its bytes move, that is pushed on. */
const lifetime = 3_600_000;
/** How long a task that is over is remembered: whoever comes late is told so. */
const remembered = 24 * 3_600_000;

/** Who holds a task's id may move the bytes of its revision: once up, or down until the task ends. */
export class FileTasks {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor({ database, clock }: FileTasksOptions) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws {PicketError} `REVISION_NOT_FOUND` */
  createDownload(task: NewFileTask & { readonly form: DownloadForm }): Promise<FileTask> {
    return this.#create("download", task);
  }

  /** @throws {PicketError} `REVISION_NOT_FOUND` */
  createUpload(task: NewFileTask): Promise<FileTask> {
    return this.#create("upload", { ...task, form: "seed" });
  }

  async get(id: string): Promise<FileTask | undefined> {
    const row = await this.#database.kysely
      .selectFrom("file_tasks")
      .innerJoin("revisions", "revisions.id", "file_tasks.revision_id")
      .selectAll("file_tasks")
      .select(["revisions.file_id", "revisions.document_id"])
      .where("file_tasks.id", "=", id)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      id: row.id,
      mode: row.mode as FileTaskMode,
      form: row.form as DownloadForm,
      revisionId: row.revision_id,
      fileId: row.file_id,
      documentId: row.document_id,
      status: row.status as FileTask["status"],
      createdBy: row.created_by,
      startAt: row.start_at,
      endAt: row.end_at,
    };
  }

  /**
   * The task, when it can be used now; it stays usable.
   *
   * @throws {PicketError} in this order: `FILE_TASK_NOT_FOUND`; `FILE_TASK_OVER` with the details `taskNotValid`;
   * `FILE_TASK_OVER` with the details `taskNotNow`
   */
  async take(id: string, mode: FileTaskMode): Promise<FileTask> {
    const task = await this.get(id);
    if (task === undefined) throw new PicketError("FILE_TASK_NOT_FOUND");
    if (task.mode !== mode || task.status !== "waiting")
      throw new PicketError("FILE_TASK_OVER", { details: taskNotValid });
    const now = this.#clock.wallTime();
    if (now < task.startAt || now >= task.endAt) throw new PicketError("FILE_TASK_OVER", { details: taskNotNow });
    return task;
  }

  /** Nobody can take the tasks that there are any more. What is being moved at this moment is let be. */
  async endAll(): Promise<void> {
    const now = this.#clock.wallTime();
    await this.#database.kysely.updateTable("file_tasks").set({ end_at: now }).where("end_at", ">", now).execute();
  }

  /** The task was used. */
  async finish(id: string): Promise<void> {
    await this.#database.kysely
      .updateTable("file_tasks")
      .set({ status: "done" })
      .where("id", "=", id)
      .where("status", "=", "waiting")
      .execute();
  }

  /**
   * While bytes move, the end of a task does not come nearer than half of its lifetime: a transfer of hours can be taken up
   * again after a cut. A task that was ended meanwhile stays ended.
   *
   * @returns the task with its new end, or as it was
   */
  async renew(task: FileTask): Promise<FileTask> {
    const now = this.#clock.wallTime();
    if (task.endAt - now > lifetime / 2) return task;
    const endAt = now + lifetime;
    const { numUpdatedRows } = await this.#database.kysely
      .updateTable("file_tasks")
      .set({ end_at: endAt })
      .where("id", "=", task.id)
      .where("status", "=", "waiting")
      .where("end_at", "=", task.endAt)
      .executeTakeFirst();
    return numUpdatedRows === 0n ? task : { ...task, endAt };
  }

  /** Of these ids, those of uploads that somebody may still go on with. */
  async liveUploads(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#database.kysely
      .selectFrom("file_tasks")
      .select("id")
      .where("id", "in", ids)
      .where("mode", "=", "upload")
      .where("status", "=", "waiting")
      .where("end_at", ">", this.#clock.wallTime())
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /** Forgets tasks that have been over for a day. */
  async prune(): Promise<void> {
    await this.#database.kysely
      .deleteFrom("file_tasks")
      .where("end_at", "<", this.#clock.wallTime() - remembered)
      .execute();
  }

  async #create(mode: FileTaskMode, task: NewFileTask & { readonly form: DownloadForm }): Promise<FileTask> {
    const { revisionId, form, by } = task;
    const revision = await this.#database.kysely
      .selectFrom("revisions")
      .select(["file_id", "document_id"])
      .where("id", "=", revisionId)
      .executeTakeFirst();
    if (revision === undefined) throw new PicketError("REVISION_NOT_FOUND");
    const id = randomBytes(32).toString("hex");
    const startAt = this.#clock.wallTime();
    const endAt = startAt + lifetime;
    await this.#database.kysely
      .insertInto("file_tasks")
      .values({
        id,
        mode,
        form,
        revision_id: revisionId,
        status: "waiting",
        created_by: by,
        start_at: startAt,
        end_at: endAt,
      })
      .execute();
    const { file_id: fileId, document_id: documentId } = revision;
    return { id, mode, form, revisionId, fileId, documentId, status: "waiting", createdBy: by, startAt, endAt };
  }
}
