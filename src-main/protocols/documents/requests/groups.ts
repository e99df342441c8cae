import type { Core } from "../../../core/core.ts";
import { sysopGroup } from "../../../core/identity/defaultUserGroups.ts";
import type { DocumentUser } from "../../../core/identity/documentTokens.ts";
import type { UserGroup } from "../../../core/identity/userGroups.ts";
import type { groupActions } from "../messages/groups.ts";
import { Refusal } from "../refusal.ts";
import type { Handlers } from "./handler.ts";
import { refuseWhen, timesOf, toTimedNames } from "./people.ts";

const deniedRename = "You do not have permission to rename groups";
const deniedPermissions = "You do not have permission to set group permissions";

export const groupHandlers: Handlers<keyof typeof groupActions> = {
  list_groups: {
    access: "user",
    permission: "list_groups",
    denied: "You do not have permission to list groups",
    async handle(_, { core }) {
      const groups = await core.userGroups.list();
      return { message: "List of groups", data: { groups: groups.map((group) => viewGroup(core, group)) } };
    },
  },
  create_group: {
    access: "user",
    permission: "create_group",
    denied: "You do not have permission to create groups",
    target: ({ group_name: name }) => name,
    async handle({ group_name: name, display_name: displayName, permissions }, { core }) {
      await core.userGroups
        .create({ name, displayName: displayName ?? undefined, permissions: toTimedNames(permissions) })
        .catch(refuseWhen("CONFLICT", groupTaken));
      return { message: "Group created successfully", data: {} };
    },
  },
  delete_group: {
    access: "user",
    permission: "delete_group",
    denied: "You do not have permission to delete groups",
    target: ({ group_name: name }) => name,
    async handle({ group_name: name }, { core }) {
      await core.userGroups.remove(name);
      return { message: "Group deleted successfully", data: {} };
    },
  },
  rename_group: {
    access: "user",
    permission: "rename_group",
    denied: deniedRename,
    target: ({ group_name: name }) => name,
    async handle({ group_name: name, new_name: newName, display_name: displayName }, { core, user }) {
      if (newName === undefined && displayName === undefined) {
        throw new Refusal(400, "Missing required field: new_name", {
          validator: "required",
          validator_value: ["new_name"],
        });
      }
      const group = await requireGroup(core, name);
      requireMayChange(user, group, deniedRename);
      const taken = newName !== undefined && newName !== name && (await core.userGroups.get(newName)) !== undefined;
      if (taken) throw groupTaken();
      await core.userGroups.change(name, { newName, displayName: displayName === "" ? null : displayName });
      return { message: "Group renamed successfully", data: {} };
    },
  },
  get_group_info: {
    access: "user",
    permission: "get_group_info",
    denied: "You do not have permission to view group info",
    target: ({ group_name: name }) => name,
    async handle({ group_name: name }, { core }) {
      const group = await requireGroup(core, name);
      return {
        message: "Group info retrieved successfully",
        data: {
          ...viewGroup(core, group),
          created_time: group.createdAt / 1000,
          permission_times: group.permissions.map((entry) => ({ permission: entry.name, ...timesOf(entry) })),
        },
      };
    },
  },
  change_group_permissions: {
    access: "user",
    permission: "set_group_permissions",
    denied: deniedPermissions,
    target: ({ group_name: name }) => name,
    async handle({ group_name: name, permissions }, { core, user }) {
      requireMayChange(user, await requireGroup(core, name), deniedPermissions);
      await core.userGroups.setPermissions(name, toTimedNames(permissions));
      return { message: "Group permissions set successfully", data: {} };
    },
  },
};

/** @throws {Refusal} 404 */
async function requireGroup(core: Core, name: string): Promise<UserGroup> {
  const group = await core.userGroups.get(name);
  if (group === undefined) throw new Refusal(404, "Group does not exist");
  return group;
}

/** The group of those who administer the core is theirs: what it may do is not for others to take from them. */
function requireMayChange(by: DocumentUser, { name }: UserGroup, denied: string): void {
  if (name === sysopGroup && !by.isAdministrator) throw new Refusal(403, denied);
}

function viewGroup(core: Core, group: UserGroup) {
  const now = core.clock.wallTime();
  // What is not in force is not shown as if it were: `get_group_info` has the times.
  const held = group.permissions.filter(({ startAt, endAt = now }) => startAt <= now && endAt >= now);
  return {
    name: group.name,
    display_name: group.displayName ?? null,
    permissions: [...new Set(held.map(({ name }) => name))].sort(),
    members: [...group.members],
  };
}

function groupTaken(): Refusal {
  return new Refusal(409, "Group already exists");
}
