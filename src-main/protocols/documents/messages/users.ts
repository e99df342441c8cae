import * as z from "zod/mini";
import { action, done, id, name, nothing, text, time, timedEntries, username } from "./define.ts";

/** What user names are made of: they stand in logs, in the audit and in shells. */
const newUsername = z.string().check(z.regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u));
const nickname = z.nullable(text(128));

const user = z.object({
  username: z.string(),
  nickname: z.optional(z.nullable(z.string())),
  created_time: time,
  /** 0 or null: never. */
  last_login: z.nullable(time),
  permissions: z.array(z.string()),
  groups: z.array(z.string()),
});
export type DocumentsUser = z.infer<typeof user>;

const timedPermission = z.object({ permission: z.string(), start_time: time, end_time: z.nullable(time) });
const timedGroup = z.object({ group_name: z.string(), start_time: time, end_time: z.nullable(time) });

export const userActions = {
  /** Everybody, with the permissions and groups that are in force. */
  list_users: action({ data: nothing, result: z.object({ users: z.array(user) }) }),
  /** Somebody who may sign in at once. Without `groups` in the group `user`. Machines are not shown to whoever was made here. */
  create_user: action({
    data: z.strictObject({
      username: newUsername,
      password: name(1024),
      nickname: z.optional(nickname),
      permissions: z._default(timedEntries("permission"), []),
      /** Absent: what everybody gets. */
      groups: z.optional(timedEntries("group_name")),
    }),
    result: done,
  }),
  /** Sessions end at once. What the user made stays. */
  delete_user: action({ data: z.strictObject({ username }), result: done }),
  /** Changes the nickname; null or absent clears it. */
  rename_user: action({
    data: z.strictObject({ username, nickname: z._default(nickname, null) }),
    result: done,
  }),
  /** `permissions` and `groups` are in force at this moment; `own_permissions` and `memberships` have the times. */
  get_user_info: action({
    data: z.strictObject({ username }),
    result: z.extend(user, {
      passwd_last_modified: z.optional(z.nullable(time)),
      two_factor: z.optional(z.boolean()),
      /** What was given to the user directly, with its times. */
      own_permissions: z.optional(z.array(timedPermission)),
      memberships: z.optional(z.array(timedGroup)),
    }),
  }),
  /** Replaces all memberships. */
  change_user_groups: action({
    data: z.strictObject({ username, groups: z._default(timedEntries("group_name"), []) }),
    aliases: { target_username: "username" },
    result: done,
  }),
  /** Replaces the permissions that the user has besides those of its groups. */
  change_user_permissions: action({
    data: z.strictObject({ username, permissions: z._default(timedEntries("permission"), []) }),
    result: done,
  }),
  /** The picture, when the user has one and may read it; a large one is only named. */
  get_user_avatar: action({
    data: z.strictObject({ username }),
    result: z.object({
      avatar_id: z.optional(z.nullable(z.string())),
      avatar_data: z.optional(z.nullable(z.string())),
      mime_type: z.optional(z.nullable(z.string())),
    }),
  }),
  /** The picture is a document; null takes it away. */
  set_user_avatar: action({
    data: z.strictObject({ username, document_id: z.nullable(id) }),
    result: z.object({ avatar_id: z.optional(z.nullable(z.string())) }),
  }),
};
