import * as z from "zod/mini";
import { accessType, objectType } from "./accessShapes.ts";
import { action, done, endTime, name, requestTime, time } from "./define.ts";

const grant = z.object({
  id: z.int(),
  entity_type: z.enum(["user", "group"]),
  /** A user name or a group's name. */
  entity_identifier: z.string(),
  target_type: objectType,
  target_identifier: z.string(),
  access_type: z.string(),
  start_time: time,
  /** Null: never. */
  end_time: z.nullable(time),
});
export type AccessGrant = z.infer<typeof grant>;

function isInOrder({
  start_time,
  end_time,
}: {
  readonly start_time: number;
  readonly end_time: number | null;
}): boolean {
  return end_time === null || start_time < end_time;
}

export const grantActions = {
  /** One entry for every access type. A grant passes over rules, for its target only. */
  grant_access: action({
    data: z
      .strictObject({
        entity_type: z.enum(["user", "group"]),
        entity_identifier: name(128),
        target_type: objectType,
        target_identifier: name(128),
        access_types: z.array(accessType).check(z.minLength(1), z.maxLength(16)),
        start_time: requestTime,
        end_time: endTime,
      })
      .check(z.refine(isInOrder, { error: "The start time should be before the end time" })),
    result: done,
  }),
  /**
   * A user's, a group's or an object's, also those whose time is over or has not come. Of something that is not
   * there: none.
   */
  view_access_entries: action({
    data: z.strictObject({
      object_type: z.enum(["user", "group", "document", "directory"]),
      object_identifier: name(128),
    }),
    result: z.object({ result: z.array(grant) }),
  }),
  /** Takes one entry back. */
  revoke_access: action({
    data: z.strictObject({ entry_id: z.int().check(z.gte(1)) }),
    result: done,
  }),
};
