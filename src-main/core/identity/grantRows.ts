import type { Insertable } from "kysely";
import { PicketError } from "../../base/errors.ts";
import type { PermissionGrantsTable, UserGroupMembersTable } from "../../store/tables.ts";
import type { TimedName } from "./userGroups.ts";

/** Longer than any name that means something. */
const longestName = 64;

/** The rows of a user's memberships; of a group that is named twice the last one counts. */
export function membershipRows(userId: string, groups: readonly TimedName[]): Insertable<UserGroupMembersTable>[] {
  const byName = new Map(groups.map((group) => [group.name, group]));
  return [...byName.values()].map((group) => ({
    user_id: userId,
    group_name: group.name,
    start_at: group.startAt,
    end_at: group.endAt ?? null,
  }));
}

/**
 * The rows of what is given to, or taken from, one user or one group.
 *
 * @throws {PicketError} `NAME_INVALID` for a permission without a name or with an endless one
 */
export function permissionRows(
  owner: { readonly userId: string } | { readonly groupName: string },
  permissions: readonly TimedName[],
): Insertable<PermissionGrantsTable>[] {
  return permissions.map(({ name, granted, startAt, endAt }) => {
    if (name === "" || name.length > longestName) throw new PicketError("NAME_INVALID", { details: "permission" });
    return {
      user_id: "userId" in owner ? owner.userId : null,
      group_name: "groupName" in owner ? owner.groupName : null,
      permission: name,
      granted: granted === false ? 0 : 1,
      start_at: startAt,
      end_at: endAt ?? null,
    };
  });
}
