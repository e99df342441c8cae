import * as z from "zod/mini";
import { action, id, time, whole } from "./define.ts";

export const transferActions = {
  /**
   * With `document_id`: makes a download task, for whoever is signed in and may read it. With `task_id`: runs the task;
   * the id is the credential, and the connection belongs to the transfer until it ends. `encoding: "binary"` asks for raw
   * frames, from `offset` on.
   */
  download_file: action({
    data: z.strictObject({
      document_id: z.optional(id),
      task_id: z.optional(id),
      encoding: z.optional(z.enum(["binary"])),
      offset: z.optional(whole(0, Number.MAX_SAFE_INTEGER)),
    }),
    result: z.object({
      /** Of a task that was made. */
      task_id: z.optional(id),
      file_id: z.optional(id),
      start_time: z.optional(time),
      end_time: z.optional(time),
      /** Of a transfer that is done. */
      sha256: z.optional(z.nullable(z.string())),
      file_size: z.optional(z.int()),
    }),
  }),
  /** Runs an upload task: the id is the credential. */
  upload_file: action({
    data: z.strictObject({ task_id: id }),
    /** Both only for a client that offered to resume. */
    result: z.object({ sha256: z.optional(z.string()), file_size: z.optional(z.int()) }),
  }),
};
