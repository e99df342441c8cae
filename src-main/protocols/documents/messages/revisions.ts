import * as z from "zod/mini";
import { action, done, id, taskData, time } from "./define.ts";

const revision = z.object({
  id: z.string(),
  created_time: time,
  created_by: z.string(),
  /** Bytes. */
  size: z.int(),
  sha256: z.nullable(z.string()),
  /** Whether it is the one that the document shows. */
  current: z.boolean(),
});
export type DocumentRevision = z.infer<typeof revision>;

export const revisionActions = {
  /** Newest first; those whose upload is not complete are left out. */
  list_revisions: action({
    data: z.strictObject({ document_id: id }),
    result: z.object({ document_id: z.string(), revisions: z.array(revision) }),
  }),
  /** Makes a download task for one revision. */
  get_revision: action({
    data: z.strictObject({ revision_id: id }),
    aliases: { id: "revision_id" },
    result: z.object({ document_id: z.string(), revision_id: z.string(), title: z.string(), task_data: taskData }),
  }),
  /** Makes it the one that the document shows. */
  set_revision: action({ data: z.strictObject({ document_id: id, revision_id: id }), result: done }),
  /** For good: revisions have no bin. The last complete one stays. */
  delete_revision: action({
    data: z.strictObject({ revision_id: id }),
    aliases: { id: "revision_id" },
    result: done,
  }),
};
