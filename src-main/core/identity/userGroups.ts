import type { Compilable } from "kysely";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Database } from "../../store/database.ts";
import { renameGroupInRules } from "../documents/access/renameGroupInRules.ts";
import { defaultUserGroups, sysopGroup, userGroup } from "./defaultUserGroups.ts";
import { membershipRows, permissionRows } from "./grantRows.ts";
import { requireGroupName } from "./identityNames.ts";
import { sysopPermissions, userPermissions } from "./permissionNames.ts";
import type { Role } from "./principal.ts";
import { requireUserGroups } from "./requireUserGroups.ts";

/** A membership or a permission with the time in which it counts. Milliseconds since 1970, both ends included. */
export interface TimedName {
  readonly name: string;
  /** False takes a permission away. @default true */
  readonly granted?: boolean | undefined;
  readonly startAt: number;
  /** Undefined: for ever. */
  readonly endAt: number | undefined;
}

/** A group of people, for documents; groups of nodes are another thing. */
export interface UserGroup {
  readonly name: string;
  readonly displayName: string | undefined;
  readonly createdAt: number;
  readonly permissions: readonly TimedName[];
  /** User names, of those whose membership is not over. */
  readonly members: readonly string[];
}

export interface NewUserGroup {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly permissions?: readonly TimedName[] | undefined;
}

export interface UserGroupChange {
  readonly newName?: string | undefined;
  /** Null: none. Undefined: unchanged. */
  readonly displayName?: string | null | undefined;
}

/** In the table of settings, once the groups that are always there were made. */
const madeMark = "user-groups-made";

/** Groups of people, who is in them, and what is given to groups and to users. Every change is one transaction. */
export class UserGroups {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /** By name. */
  list(): Promise<UserGroup[]> {
    return this.#read(undefined);
  }

  async get(name: string): Promise<UserGroup | undefined> {
    return (await this.#read(name))[0];
  }

  /** @throws {PicketError} `NAME_INVALID`, `CONFLICT` when the name is taken */
  async create({ name, displayName, permissions }: NewUserGroup): Promise<void> {
    requireGroupName(name);
    const { kysely } = this.#database;
    const row = { name, display_name: displayName ?? null, created_at: this.#clock.wallTime() };
    await this.#transactNaming(name, [
      kysely.insertInto("user_groups").values(row),
      ...this.#give({ groupName: name }, permissions ?? []),
    ]);
  }

  /**
   * Its memberships and what was given to it go with it.
   *
   * @throws {PicketError} `USER_GROUP_NOT_FOUND`, `CONFLICT` for a group that is always there
   */
  async remove(name: string): Promise<void> {
    requireOrdinary(name);
    const [result] = await this.#database.transact([
      this.#database.kysely.deleteFrom("user_groups").where("name", "=", name),
    ]);
    if (result?.changes !== 1) throw new PicketError("USER_GROUP_NOT_FOUND", { details: name });
  }

  /**
   * With a new name its members, permissions and grants go along; access rules that ask for the old name do not.
   *
   * @throws {PicketError} `USER_GROUP_NOT_FOUND`, `NAME_INVALID`, `CONFLICT` when the name is taken, or for a new name of
   *   a group that is always there
   */
  async change(name: string, { newName, displayName }: UserGroupChange): Promise<void> {
    const group = await this.#database.kysely
      .selectFrom("user_groups")
      .selectAll()
      .where("name", "=", name)
      .executeTakeFirst();
    if (group === undefined) throw new PicketError("USER_GROUP_NOT_FOUND", { details: name });
    const shown = displayName === undefined ? group.display_name : displayName;
    const { kysely } = this.#database;
    if (newName === undefined || newName === name) {
      await this.#database.transact([
        kysely.updateTable("user_groups").set({ display_name: shown }).where("name", "=", name),
      ]);
      return;
    }
    requireOrdinary(name);
    requireGroupName(newName);
    const renamed = { group_name: newName };
    await this.#transactNaming(newName, [
      kysely.insertInto("user_groups").values({ ...group, name: newName, display_name: shown }),
      kysely.updateTable("user_group_members").set(renamed).where("group_name", "=", name),
      kysely.updateTable("permission_grants").set(renamed).where("group_name", "=", name),
      kysely.updateTable("access_grants").set(renamed).where("group_name", "=", name),
      ...(await renameGroupInRules(this.#database, name, newName)),
      kysely.deleteFrom("user_groups").where("name", "=", name),
    ]);
  }

  /** Replaces everything that is given to a group. @throws {PicketError} `USER_GROUP_NOT_FOUND`, `NAME_INVALID` */
  async setPermissions(name: string, permissions: readonly TimedName[]): Promise<void> {
    await requireUserGroups(this.#database, [{ name, startAt: 0, endAt: undefined }]);
    await this.#database.transact([
      this.#database.kysely.deleteFrom("permission_grants").where("group_name", "=", name),
      ...this.#give({ groupName: name }, permissions),
    ]);
  }

  /** Also memberships that are over or to come. */
  async groupsOf(userId: string): Promise<TimedName[]> {
    const rows = await this.#database.kysely
      .selectFrom("user_group_members")
      .selectAll()
      .where("user_id", "=", userId)
      .orderBy("group_name")
      .execute();
    return rows.map((row) => ({ name: row.group_name, startAt: row.start_at, endAt: row.end_at ?? undefined }));
  }

  /** Replaces all memberships of a user. @throws {PicketError} `USER_NOT_FOUND`, `USER_GROUP_NOT_FOUND` */
  async setGroupsOf(userId: string, groups: readonly TimedName[]): Promise<void> {
    await this.#requireUser(userId);
    if (groups.length > 0) await requireUserGroups(this.#database, groups);
    const { kysely } = this.#database;
    const rows = membershipRows(userId, groups);
    await this.#database.transact([
      kysely.deleteFrom("user_group_members").where("user_id", "=", userId),
      ...(rows.length === 0 ? [] : [kysely.insertInto("user_group_members").values(rows)]),
    ]);
  }

  /** What is given to the user alone; also what is over or to come. */
  async permissionsOf(userId: string): Promise<TimedName[]> {
    const rows = await this.#database.kysely
      .selectFrom("permission_grants")
      .selectAll()
      .where("user_id", "=", userId)
      .orderBy("id")
      .execute();
    return rows.map(toTimedName);
  }

  /** Replaces everything that is given to the user alone. @throws {PicketError} `USER_NOT_FOUND`, `NAME_INVALID` */
  async setPermissionsOf(userId: string, permissions: readonly TimedName[]): Promise<void> {
    await this.#requireUser(userId);
    await this.#database.transact([
      this.#database.kysely.deleteFrom("permission_grants").where("user_id", "=", userId),
      ...this.#give({ userId }, permissions),
    ]);
  }

  /** Makes the groups that are always there, once, and puts the users that there are into them. */
  async ensureDefaults(): Promise<void> {
    const { kysely } = this.#database;
    const made = await kysely.selectFrom("settings").select("name").where("name", "=", madeMark).executeTakeFirst();
    if (made !== undefined) return;
    const now = this.#clock.wallTime();
    const always = (names: readonly string[]): TimedName[] =>
      names.map((name) => ({ name, startAt: 0, endAt: undefined }));
    const users = await kysely.selectFrom("users").select(["id", "role"]).execute();
    const memberships = users.flatMap(({ id, role }) => membershipRows(id, always(defaultUserGroups(role as Role))));
    await this.#database.transact([
      kysely.insertInto("settings").values({ name: madeMark, value_json: "true" }),
      kysely.insertInto("user_groups").values([
        { name: userGroup, display_name: null, created_at: now },
        { name: sysopGroup, display_name: null, created_at: now },
      ]),
      ...this.#give({ groupName: userGroup }, always(userPermissions)),
      ...this.#give({ groupName: sysopGroup }, always(sysopPermissions)),
      ...(memberships.length === 0 ? [] : [kysely.insertInto("user_group_members").values(memberships)]),
    ]);
  }

  async #read(name: string | undefined): Promise<UserGroup[]> {
    const { kysely } = this.#database;
    const now = this.#clock.wallTime();
    const [groups, grants, members] = await Promise.all([
      kysely
        .selectFrom("user_groups")
        .selectAll()
        .$if(name !== undefined, (query) => query.where("name", "=", name ?? ""))
        .orderBy("name")
        .execute(),
      kysely
        .selectFrom("permission_grants")
        .selectAll()
        .where("group_name", "is not", null)
        .$if(name !== undefined, (query) => query.where("group_name", "=", name ?? ""))
        .orderBy("id")
        .execute(),
      kysely
        .selectFrom("user_group_members")
        .innerJoin("users", "users.id", "user_group_members.user_id")
        .select(["group_name", "username"])
        .where(({ eb, or }) => or([eb("end_at", "is", null), eb("end_at", ">=", now)]))
        .$if(name !== undefined, (query) => query.where("group_name", "=", name ?? ""))
        .orderBy("username")
        .execute(),
    ]);
    const permissionsOf = Map.groupBy(grants, ({ group_name }) => group_name);
    const membersOf = Map.groupBy(members, ({ group_name }) => group_name);
    return groups.map((group) => ({
      name: group.name,
      displayName: group.display_name ?? undefined,
      createdAt: group.created_at,
      permissions: (permissionsOf.get(group.name) ?? []).map(toTimedName),
      members: (membersOf.get(group.name) ?? []).map(({ username }) => username),
    }));
  }

  /** @throws {PicketError} `NAME_INVALID` */
  #give(owner: Parameters<typeof permissionRows>[0], permissions: readonly TimedName[]): Compilable[] {
    const rows = permissionRows(owner, permissions);
    return rows.length === 0 ? [] : [this.#database.kysely.insertInto("permission_grants").values(rows)];
  }

  async #transactNaming(name: string, statements: readonly Compilable[]): Promise<void> {
    try {
      await this.#database.transact(statements);
    } catch (error) {
      if (!(error instanceof PicketError) || error.code !== "CONFLICT") throw error;
      throw new PicketError("CONFLICT", { details: `there is a group named ${name}` });
    }
  }

  async #requireUser(userId: string): Promise<void> {
    const row = await this.#database.kysely
      .selectFrom("users")
      .select("id")
      .where("id", "=", userId)
      .executeTakeFirst();
    if (row === undefined) throw new PicketError("USER_NOT_FOUND");
  }
}

function requireOrdinary(name: string): void {
  if (name !== userGroup && name !== sysopGroup) return;
  throw new PicketError("CONFLICT", { message: "This group is always there and keeps its name.", details: name });
}

function toTimedName(row: {
  readonly permission: string;
  readonly granted: number;
  readonly start_at: number;
  readonly end_at: number | null;
}): TimedName {
  return {
    name: row.permission,
    granted: row.granted === 1,
    startAt: row.start_at,
    endAt: row.end_at ?? undefined,
  };
}
