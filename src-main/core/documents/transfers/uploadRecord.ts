import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { BlobStore } from "../blobs/blobStore.ts";
import type { Revision } from "../tree/revision.ts";
import { type FileTask, taskNotValid } from "./fileTask.ts";

export interface UploadRecord {
  readonly database: Database;
  readonly task: FileTask;
  readonly hash: string;
  readonly size: number;
  /** The statement for the blob's row. */
  readonly blob: ReturnType<BlobStore["row"]>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Writes down that an upload is complete: blob, revision, the document's current revision, the task, all or nothing. An
 * older revision whose upload took longer does not replace a newer one.
 *
 * @throws {PicketError} `FILE_TASK_OVER` when the task was used, or its revision is gone
 */
export async function recordUpload({ database, task, hash, size, blob, now }: UploadRecord): Promise<Revision> {
  const { kysely } = database;
  const { revisionId, documentId } = task;
  const activate = kysely
    .updateTable("revisions")
    .set({ blob_hash: hash, size, activated_at: now })
    .where("id", "=", revisionId)
    .where("activated_at", "is", null)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom("file_tasks").select("id").where("id", "=", task.id).where("status", "=", "waiting")),
    );
  const show = kysely
    .updateTable("tree_entries")
    .set({ current_revision_id: revisionId })
    .where("id", "=", documentId)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom("revisions").select("id").where("id", "=", revisionId).where("blob_hash", "=", hash)),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("revisions as current")
            .innerJoin("revisions as this", (join) => join.on("this.id", "=", revisionId))
            .select("current.id")
            .whereRef("current.id", "=", "tree_entries.current_revision_id")
            .whereRef("current.created_at", ">", "this.created_at"),
        ),
      ),
    );
  const done = kysely
    .updateTable("file_tasks")
    .set({ status: "done" })
    .where("id", "=", task.id)
    .where("status", "=", "waiting");
  const [, activated] = await database.transact([blob, activate, show, done]);
  if (activated?.changes !== 1) throw new PicketError("FILE_TASK_OVER", { details: taskNotValid });
  const row = await kysely.selectFrom("revisions").selectAll().where("id", "=", revisionId).executeTakeFirst();
  return {
    id: revisionId,
    documentId,
    fileId: task.fileId,
    size,
    sha256: hash,
    createdAt: row?.created_at ?? now,
    createdBy: row?.created_by ?? task.createdBy,
    activatedAt: now,
  };
}
