import { PicketError } from "../../../base/errors.ts";
import type { User } from "../../../core/identity/users.ts";
import type { userActions } from "../messages/users.ts";
import { Refusal } from "../refusal.ts";
import { readAvatar, requireImage } from "./avatars.ts";
import type { Handlers } from "./handler.ts";
import { isSelf, refuseWhen, requireMayTouch, requireUser, timesOf, toTimedNames } from "./people.ts";

const deniedDelete = "You do not have permission to delete users";
const deniedGroups = "You do not have permission to change user groups";
const deniedAvatar = "You do not have permission to set other user's avatar";

export const userHandlers: Handlers<keyof typeof userActions> = {
  list_users: {
    access: "user",
    permission: "list_users",
    denied: "You do not have permission to list users",
    async handle(_, { core }) {
      const [users, rightsOf] = await Promise.all([core.users.list(), core.permissions.ofAll()]);
      const views = users.map((user) => viewUser(user, rightsOf.get(user.id) ?? { permissions: [], groups: [] }));
      return { message: "List of users", data: { users: views } };
    },
  },
  create_user: {
    access: "user",
    permission: "create_user",
    denied: "You do not have permission to create users",
    target: ({ username }) => username,
    async handle({ username, password, nickname, permissions, groups }, { core }) {
      if ((await core.users.find(username)) !== undefined) throw usernameTaken();
      await core.users
        .create({
          username,
          password,
          nickname: nickname ?? undefined,
          // Nothing but documents: no machine is shown to whoever was made here.
          role: "viewer",
          groups: [],
          permissions: toTimedNames(permissions),
          userGroups: groups === undefined ? undefined : toTimedNames(groups),
        })
        .catch(refuseWhen("CONFLICT", usernameTaken))
        .catch(refuseUnknownGroup);
      return { message: "User created successfully", data: {} };
    },
  },
  delete_user: {
    access: "user",
    permission: "delete_user",
    denied: deniedDelete,
    target: ({ username }) => username,
    async handle({ username }, { core, user }) {
      const target = await requireUser(core, username);
      if (target.id === user.userId) throw new Refusal(400, "Cannot delete yourself");
      requireMayTouch(user, target, deniedDelete);
      await core.sessions.revokeAll(target.id, { actor: user.username });
      await core.users.remove(target.id);
      return { message: "User deleted successfully", data: {} };
    },
  },
  rename_user: {
    access: "user",
    permission: ({ username }, user) => (isSelf(username, user) ? undefined : "rename_user"),
    denied: "You do not have permission to rename users",
    target: ({ username }) => username,
    async handle({ username, nickname }, { core }) {
      const target = await core.users.find(username);
      if (target === undefined) throw new Refusal(400, "User does not exist");
      await core.users.change(target.id, { nickname: nickname === "" ? null : nickname });
      return { message: "User renamed successfully", data: {} };
    },
  },
  get_user_info: {
    access: "user",
    permission: ({ username }, user) => (isSelf(username, user) ? undefined : "get_user_info"),
    denied: "You do not have permission to get user information",
    target: ({ username }) => username,
    async handle({ username }, { core }) {
      const user = await requireUser(core, username);
      const [held, memberships, permissions] = await Promise.all([
        core.permissions.of(user.id),
        core.userGroups.groupsOf(user.id),
        core.userGroups.permissionsOf(user.id),
      ]);
      return {
        message: "User info retrieved successfully",
        data: {
          ...viewUser(user, held),
          passwd_last_modified: user.passwordChangedAt / 1000,
          two_factor: user.twoFactor,
          memberships: memberships.map((membership) => ({ group_name: membership.name, ...timesOf(membership) })),
          own_permissions: permissions.map((permission) => ({ permission: permission.name, ...timesOf(permission) })),
        },
      };
    },
  },
  change_user_groups: {
    access: "user",
    permission: "change_user_groups",
    denied: deniedGroups,
    target: ({ username }) => username,
    async handle({ username, groups }, { core, user }) {
      const target = await requireUser(core, username);
      requireMayTouch(user, target, deniedGroups);
      await core.userGroups.setGroupsOf(target.id, toTimedNames(groups)).catch(refuseUnknownGroup);
      return { message: "User groups changed successfully", data: {} };
    },
  },
  change_user_permissions: {
    access: "user",
    permission: "change_user_groups",
    denied: "You do not have permission to change user permissions",
    target: ({ username }) => username,
    async handle({ username, permissions }, { core, user }) {
      const target = await requireUser(core, username);
      requireMayTouch(user, target, "You do not have permission to change user permissions");
      await core.userGroups.setPermissionsOf(target.id, toTimedNames(permissions));
      return { message: "User permissions changed successfully", data: {} };
    },
  },
  get_user_avatar: {
    access: "user",
    permission: ({ username }, user) => (isSelf(username, user) ? undefined : "get_user_info"),
    denied: "You do not have permission to get user information",
    target: ({ username }) => username,
    async handle({ username }, { core }) {
      const avatar = await readAvatar(core, await requireUser(core, username));
      return { message: "Avatar retrieved successfully", data: avatar };
    },
  },
  set_user_avatar: {
    access: "user",
    permission: ({ username }, user) => {
      const { permissions } = user.rights;
      return isSelf(username, user) || permissions.has("set_user_avatar") ? undefined : "super_set_user_avatar";
    },
    denied: deniedAvatar,
    target: ({ username }) => username,
    async handle({ username, document_id: documentId }, { core }) {
      const target = await requireUser(core, username);
      if (documentId !== null) await requireImage(core, target, documentId);
      await core.users.change(target.id, { avatarDocumentId: documentId });
      return { message: "User avatar updated successfully", data: { avatar_id: documentId } };
    },
  },
};

interface HeldNames {
  readonly permissions: Iterable<string>;
  readonly groups: Iterable<string>;
}

function viewUser(user: User, { permissions, groups }: HeldNames) {
  return {
    username: user.username,
    nickname: user.nickname ?? null,
    created_time: user.createdAt / 1000,
    last_login: (user.lastLoginAt ?? 0) / 1000,
    permissions: [...permissions].sort(),
    groups: [...groups].sort(),
  };
}

function usernameTaken(): Refusal {
  return new Refusal(409, "Username already exists");
}

function refuseUnknownGroup(thrown: unknown): never {
  if (!(thrown instanceof PicketError) || thrown.code !== "USER_GROUP_NOT_FOUND") throw thrown;
  throw new Refusal(400, `Group '${thrown.details ?? ""}' does not exist`);
}
