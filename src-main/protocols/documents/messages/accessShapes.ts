import * as z from "zod/mini";
import { shallowRecord } from "../../shallowRecord.ts";

/** What can be done with a document or a folder. `write` is also deleting, renaming and a new revision; `manage` is setting rules. */
export const accessType = z.enum(["read", "write", "move", "manage"]);

export const objectType = z.enum(["document", "directory"]);

/**
 * Access type → its rules, all of which must hold. What a rule looks like is checked by the core, which says what is
 * wrong with it; so is the type, because peers expect a sentence of its own for one that does not exist.
 */
export const ruleMap = z.record(z.string(), z.array(shallowRecord).check(z.maxLength(100)));

/** The same rules as the information about an object lists them. */
export const listedRules = z.array(
  z.object({
    rule_id: z.union([z.int(), z.string()]),
    access_type: z.string(),
    rule_data: z.record(z.string(), z.unknown()),
  }),
);
