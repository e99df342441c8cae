import type { AuditLog } from "../audit/auditLog.ts";
import { sysopGroup } from "./defaultUserGroups.ts";
import { sysopPermissions } from "./permissionNames.ts";
import type { Permissions } from "./permissions.ts";
import type { TimedName, UserGroups } from "./userGroups.ts";
import type { Users } from "./users.ts";

export interface RestoreSysopOptions {
  readonly users: Users;
  readonly userGroups: UserGroups;
  readonly permissions: Permissions;
  readonly audit: AuditLog;
}

/** With these somebody can give everything else. */
const needed = ["set_group_permissions", "change_user_groups"] as const;

/**
 * Puts the administrators back in their place when none of them is left who can put documents in order: somebody took the
 * permissions from the group, or everybody out of it. Nothing else could be done about that from any console.
 */
export async function restoreSysop({ users, userGroups, permissions, audit }: RestoreSysopOptions): Promise<void> {
  const administrators = (await users.list()).filter(({ role }) => role === "administrator");
  if (administrators.length === 0) return;
  for (const { id } of administrators) {
    const held = (await permissions.of(id)).permissions;
    if (needed.every((name) => held.has(name))) return;
  }
  await userGroups.setPermissions(sysopGroup, sysopPermissions.map(always));
  for (const { id } of administrators) {
    const others = (await userGroups.groupsOf(id)).filter(({ name }) => name !== sysopGroup);
    await userGroups.setGroupsOf(id, [...others, always(sysopGroup)]);
  }
  await audit.append({
    actor: "core",
    action: "user-group-restore",
    target: sysopGroup,
    outcome: "done",
    details: { administrators: administrators.length },
  });
}

function always(name: string): TimedName {
  return { name, startAt: 0, endAt: undefined };
}
