import * as z from "zod/mini";
import { objectType } from "./accessShapes.ts";
import { action, done, folderOrRoot, id, name, nothing, time } from "./define.ts";

const deleted = z.object({
  /** Of the deletion and of the object that was deleted: what else was in it went and comes back with it. */
  trash_id: z.string(),
  object_type: objectType,
  name: z.string(),
  /** Where it was; null: the root. */
  parent_id: z.nullable(z.string()),
  deleted_time: time,
  deleted_by: z.string(),
  /** When it goes for good. */
  end_time: time,
  /** How many documents come back with it, and the bytes of all their revisions. */
  documents: z.int(),
  size: z.int(),
});
export type DeletedEntry = z.infer<typeof deleted>;

export const binActions = {
  /** Newest first: what the caller deleted; everything for whoever may manage the system. */
  list_deleted: action({ data: nothing, result: z.object({ entries: z.array(deleted) }) }),
  /**
   * Without `parent_id` to where it was, or to the root when that folder is gone; without `new_name` under its own name.
   * The answer says where it is.
   */
  restore_deleted: action({
    data: z.strictObject({
      trash_id: id,
      parent_id: z.optional(folderOrRoot),
      new_name: z.optional(name(1024)),
    }),
    result: z.object({ parent_id: z.nullable(z.string()) }),
  }),
  /** For good. Null empties the bin. */
  purge_deleted: action({ data: z.strictObject({ trash_id: z.nullable(id) }), result: done }),
};
