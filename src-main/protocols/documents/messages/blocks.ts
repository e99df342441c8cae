import * as z from "zod/mini";
import { action, done, name, time, username } from "./define.ts";

/** `all` has no id; a directory or document has one. */
const target = z.strictObject({
  type: z.enum(["all", "directory", "document"]),
  id: z.optional(z.nullable(name(128))),
});
const blockTypes = z.array(name(32)).check(z.minLength(1), z.maxLength(16));

const block = z.object({
  block_id: z.int(),
  username: z.string(),
  target: z.object({ type: z.enum(["all", "directory", "document"]), id: z.nullable(z.string()) }),
  block_types: z.array(z.string()),
  created_by: z.string(),
  start_time: time,
  /** Null: never. */
  end_time: z.nullable(time),
});
export type UserBlockEntry = z.infer<typeof block>;

export const blockActions = {
  /** `duration` is in seconds; null is for ever. */
  block_user: action({
    data: z.strictObject({
      username,
      target,
      block_types: blockTypes,
      duration: z.nullable(z.number().check(z.gte(0), z.lte(10_000_000_000))),
    }),
    aliases: { target_username: "username" },
    result: z.object({ block_id: z.optional(z.int()) }),
  }),
  /** Either the block's id, or who, where and what: then those types are free again there. */
  unblock_user: action({
    data: z.strictObject({
      block_id: z.optional(z.union([z.int(), z.string().check(z.regex(/^\d{1,15}$/))])),
      username: z.optional(username),
      target: z.optional(target),
      block_types: z.optional(blockTypes),
    }),
    aliases: { target_username: "username" },
    result: done,
  }),
  /** The blocks of a user that are in force. */
  list_blocks: action({ data: z.strictObject({ username }), result: z.object({ blocks: z.array(block) }) }),
};
