import * as z from "zod/mini";
import { listedRules, ruleMap } from "./accessShapes.ts";
import { action, done, folderOrRoot, id, name, optionalFolderOrRoot, time } from "./define.ts";

const listedDocument = z.object({
  id: z.string(),
  title: z.string(),
  created_time: time,
  /** When the newest complete revision was made. */
  last_modified: time,
  /** Bytes. */
  size: z.int(),
  sha256: z.optional(z.nullable(z.string())),
});
export type ListedDocument = z.infer<typeof listedDocument>;

const listedFolder = z.object({ id: z.string(), name: z.string(), created_time: time });
export type ListedFolder = z.infer<typeof listedFolder>;

export const directoryActions = {
  /** `parent_id` is null for the root itself, `"/"` when the parent is the root. */
  list_directory: action({
    data: z.strictObject({ folder_id: folderOrRoot }),
    aliases: { directory_id: "folder_id" },
    result: z.object({
      parent_id: z.nullable(z.string()),
      documents: z.array(listedDocument),
      folders: z.array(listedFolder),
    }),
  }),
  /** `info_code` 1: the rules are not shown, because the caller may not see rules. `parent_id` null: the root. */
  get_directory_info: action({
    data: z.strictObject({ directory_id: id }),
    aliases: { folder_id: "directory_id" },
    result: z.object({
      directory_id: z.optional(z.string()),
      parent_id: z.nullable(z.string()),
      name: z.string(),
      created_time: time,
      /** Folders and visible documents, not those further down. */
      count_of_child: z.optional(z.int()),
      access_rules: listedRules,
      info_code: z.optional(z.int()),
    }),
  }),
  /** With `exists_ok` a folder of that name is answered as if it had just been made. */
  create_directory: action({
    data: z.object({
      name: name(1024),
      parent_id: optionalFolderOrRoot,
      access_rules: z._default(ruleMap, {}),
      exists_ok: z._default(z.boolean(), false),
    }),
    result: z.object({ id: z.string(), name: z.string(), last_modified: z.optional(time) }),
  }),
  /** With everything in it, into the bin. */
  delete_directory: action({
    data: z.strictObject({ folder_id: id }),
    aliases: { directory_id: "folder_id" },
    result: done,
  }),
  /** Only the name; what is in it stays as it is. */
  rename_directory: action({
    data: z.strictObject({ folder_id: id, new_name: name(1024) }),
    aliases: { directory_id: "folder_id" },
    result: done,
  }),
  /** With everything in it. The rules of the folders above it are from then on those of its new place. */
  move_directory: action({
    data: z.strictObject({ folder_id: id, target_folder_id: folderOrRoot }),
    aliases: {
      directory_id: "folder_id",
      target_parent_id: "target_folder_id",
      target_directory_id: "target_folder_id",
    },
    result: done,
  }),
};
