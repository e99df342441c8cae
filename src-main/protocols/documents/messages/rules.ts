import * as z from "zod/mini";
import { accessType, objectType, ruleMap } from "./accessShapes.ts";
import { action, done, id, time } from "./define.ts";

/** The map as it was set: a type without rules is absent. */
const currentRules = z.record(z.string(), z.array(z.record(z.string(), z.unknown())));

const place = {
  object_type: objectType,
  object_id: z.string(),
  /** Null: the caller may not read it. */
  object_name: z.nullable(z.string()),
};

const decidingRule = {
  ...place,
  /** The rule stands on a folder above the object that was asked about. */
  inherited: z.boolean(),
  rule_id: z.int(),
  access_type: accessType,
  /** Null: the caller may not read the object that it stands on. */
  rule_data: z.nullable(z.record(z.string(), z.unknown())),
};

/** Why somebody may or may not: one of these says it all, or all of them together. */
const reason = z.discriminatedUnion("reason", [
  z.object({
    reason: z.literal("blocked"),
    block_id: z.int(),
    /** Null: everywhere. */
    object_type: z.nullable(objectType),
    object_id: z.nullable(z.string()),
    object_name: z.nullable(z.string()),
    /** Null: for ever. */
    end_time: z.nullable(time),
  }),
  z.object({
    reason: z.literal("granted"),
    entry_id: z.int(),
    /** The group that it was given to; null: to the user. */
    group: z.nullable(z.string()),
    end_time: z.nullable(time),
  }),
  z.object({ reason: z.literal("no-rules") }),
  z.object({ reason: z.literal("rule-met"), ...decidingRule }),
  z.object({ reason: z.literal("rule-failed"), ...decidingRule }),
]);
export type WireAccessReason = z.infer<typeof reason>;

const userAccess = z.object({
  username: z.string(),
  allowed: z.boolean(),
  /** When refused, only what refused it. */
  because: z.array(reason),
});
export type ExplainedAccess = z.infer<typeof userAccess>;

export const ruleActions = {
  /** The rules that stand on the folder itself, not those that reach it from above. Types without rules are absent. */
  get_directory_access_rules: action({
    data: z.strictObject({ directory_id: id }),
    aliases: { folder_id: "directory_id" },
    result: currentRules,
  }),
  /**
   * The rules that stand on the document itself, not those that reach it from above. Types without rules are
   * absent.
   */
  get_document_access_rules: action({ data: z.strictObject({ document_id: id }), result: currentRules }),
  /** Replaces the rules of the types that are named; an empty list clears a type, an empty map clears all. */
  set_directory_rules: action({
    data: z.strictObject({ directory_id: id, access_rules: ruleMap }),
    aliases: { folder_id: "directory_id" },
    result: done,
  }),
  /** Replaces the rules of the types that are named; an empty list clears a type, an empty map clears all. */
  set_document_rules: action({ data: z.strictObject({ document_id: id, access_rules: ruleMap }), result: done }),
  /** What every user may do with an object, and why. */
  explain_access: action({
    data: z.strictObject({ object_type: objectType, object_identifier: id, access_type: accessType }),
    result: z.object({ users: z.array(userAccess) }),
  }),
};
