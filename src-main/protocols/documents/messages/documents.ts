import * as z from "zod/mini";
import { listedRules, ruleMap } from "./accessShapes.ts";
import { action, done, id, name, optionalFolderOrRoot, taskData, time, whole } from "./define.ts";

/** Where something found lies: the folders from the root down, as far as the caller may read them. */
const path = z.array(z.object({ id: z.string(), name: z.string() }));

const foundDocument = z.object({
  id: z.string(),
  title: z.string(),
  parent_id: z.nullable(z.string()),
  path,
  created_time: time,
  last_modified: time,
  size: z.int(),
  sha256: z.optional(z.nullable(z.string())),
});

const foundFolder = z.object({
  id: z.string(),
  name: z.string(),
  parent_id: z.nullable(z.string()),
  path,
  created_time: time,
});

export const documentActions = {
  /** The document is invisible until its upload is complete. */
  create_document: action({
    data: z.strictObject({
      title: name(1024),
      folder_id: optionalFolderOrRoot,
      access_rules: z._default(ruleMap, {}),
    }),
    aliases: { directory_id: "folder_id", parent_id: "folder_id" },
    result: z.object({ document_id: z.optional(z.string()), task_data: taskData }),
  }),
  /** Makes a download task of the form that answers with encrypted chunks, unless the transfer asks otherwise. */
  get_document: action({
    data: z.strictObject({ document_id: id }),
    result: z.object({ document_id: z.optional(z.string()), title: z.string(), task_data: taskData }),
  }),
  /**
   * `parent_id` is null at the root. `info_code` 1: the rules are not shown, because the caller may not see rules.
   * Other members of the data are passed over.
   */
  get_document_info: action({
    data: z.object({ document_id: id }),
    result: z.object({
      document_id: z.string(),
      parent_id: z.nullable(z.string()),
      title: z.string(),
      /** Bytes. */
      size: z.int(),
      created_time: time,
      last_modified: time,
      sha256: z.optional(z.nullable(z.string())),
      access_rules: listedRules,
      info_code: z.optional(z.int()),
    }),
  }),
  /** A new revision: the former one stays the current one until the upload is complete. */
  upload_document: action({
    data: z.strictObject({ document_id: id }),
    result: z.object({ task_data: taskData }),
  }),
  /** Into the bin. */
  delete_document: action({ data: z.strictObject({ document_id: id }), result: done }),
  /** Only the title; revisions stay as they are. */
  rename_document: action({ data: z.strictObject({ document_id: id, new_title: name(1024) }), result: done }),
  /** The rules of the folders above it are from then on those of its new place. */
  move_document: action({
    data: z.strictObject({ document_id: id, target_folder_id: optionalFolderOrRoot }),
    aliases: { target_parent_id: "target_folder_id", target_directory_id: "target_folder_id" },
    result: done,
  }),
  /** What has `query` in its name, of all that the caller may read. `more`: there is more than fits `limit`. */
  search: action({
    data: z.strictObject({ query: name(256), limit: z._default(whole(1, 500), 100) }),
    result: z.object({ documents: z.array(foundDocument), folders: z.array(foundFolder), more: z.boolean() }),
  }),
};
