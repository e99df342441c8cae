import * as z from "zod/mini";
import { action, done, groupName, name, nothing, text, time, timedEntries } from "./define.ts";

const displayName = z.nullable(text(128));

const group = z.object({
  name: z.string(),
  display_name: z.nullable(z.string()),
  permissions: z.array(z.string()),
  members: z.array(z.string()),
});
export type DocumentsGroup = z.infer<typeof group>;

export const groupActions = {
  /** All groups, with the permissions in force and the names of the members. */
  list_groups: action({ data: nothing, result: z.object({ groups: z.array(group) }) }),
  /** A group without members. */
  create_group: action({
    data: z.strictObject({
      group_name: name(64),
      display_name: z.optional(displayName),
      permissions: z._default(timedEntries("permission"), []),
    }),
    result: done,
  }),
  /** Memberships and permissions of it end; rules and grants that name it stay, and mean nobody until there is one again. */
  delete_group: action({ data: z.strictObject({ group_name: groupName }), result: done }),
  /** A new name, a new display name, or both; a display name of null clears it. */
  rename_group: action({
    data: z.strictObject({
      group_name: groupName,
      new_name: z.optional(name(64)),
      display_name: z.optional(displayName),
    }),
    aliases: { new_display_name: "display_name" },
    result: done,
  }),
  /** `permission_times` has all permissions with their times. */
  get_group_info: action({
    data: z.strictObject({ group_name: groupName }),
    result: z.extend(group, {
      created_time: z.optional(time),
      /** The permissions with their times. */
      permission_times: z.optional(
        z.array(z.object({ permission: z.string(), start_time: time, end_time: z.nullable(time) })),
      ),
    }),
  }),
  /** Replaces all permissions of the group. */
  change_group_permissions: action({
    data: z.strictObject({ group_name: groupName, permissions: timedEntries("permission") }),
    result: done,
  }),
};
