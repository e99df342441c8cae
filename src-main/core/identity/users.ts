import type { Compilable } from "kysely";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import { KeyedTurns } from "../../base/keyedTurns.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import { defaultUserGroups, sysopGroup } from "./defaultUserGroups.ts";
import { membershipRows, permissionRows } from "./grantRows.ts";
import { requireUsername } from "./identityNames.ts";
import { anyPassword, type PasswordPolicy, requireGoodPassword } from "./passwordPolicy.ts";
import { hashPassword, passwordMatches } from "./passwords.ts";
import type { Role } from "./principal.ts";
import { requireUserGroups } from "./requireUserGroups.ts";
import { newPublicId } from "./secrets.ts";
import type { TimedName } from "./userGroups.ts";
import { toUser } from "./userRow.ts";

export interface UsersOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly policy: PasswordPolicy;
}

export interface User {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  /** The groups of nodes that the user sees. Undefined is every group; an empty list is none. */
  readonly groups: readonly string[] | undefined;
  /** Times are milliseconds since 1970. */
  readonly createdAt: number;
  readonly nickname: string | undefined;
  readonly lastLoginAt: number | undefined;
  readonly passwordChangedAt: number;
  /** An administrator wants a new password before the next sign-in. */
  readonly mustChangePassword: boolean;
  readonly avatarDocumentId: string | undefined;
  /** Whether signing in asks for a second factor. */
  readonly twoFactor: boolean;
}

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly role: Role;
  /** Groups of nodes. */
  readonly groups?: readonly string[] | undefined;
  readonly nickname?: string | undefined;
  /** Groups of people. @default those of the role: see `defaultUserGroups` */
  readonly userGroups?: readonly TimedName[] | undefined;
  /** Given to the user alone. */
  readonly permissions?: readonly TimedName[] | undefined;
  readonly mustChangePassword?: boolean | undefined;
}

export interface UserChange {
  readonly role?: Role | undefined;
  /** Groups of nodes. Null: every group. Undefined: unchanged. */
  readonly groups?: readonly string[] | null | undefined;
  /** Whoever sets one ends the user's sessions, too: `Sessions.setPassword`. */
  readonly password?: string | undefined;
  /** For a password that need not be a good one. */
  readonly bypassPolicy?: boolean | undefined;
  readonly mustChangePassword?: boolean | undefined;
  readonly nickname?: string | null | undefined;
  readonly avatarDocumentId?: string | null | undefined;
}

/** The people who may sign in. Names are unique without regard to case. */
export class Users {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #policy: PasswordPolicy;
  /** Checked against when the user is unknown, so that the answer takes as long. */
  #decoyHash: Promise<string> | undefined;
  /** Whoever may take away an administrator does it alone: two at once would each count on the other one's. */
  readonly #turns = new KeyedTurns();

  constructor(options: UsersOptions) {
    this.#database = options.database;
    this.#bus = options.bus;
    this.#clock = options.clock;
    this.#policy = options.policy;
  }

  /**
   * Makes a user with everything that is given to it, or nothing at all.
   *
   * @throws {PicketError} `NAME_INVALID`, `PASSWORD_TOO_WEAK`, `USER_GROUP_NOT_FOUND`, `CONFLICT` when the name is taken
   */
  async create(user: NewUser): Promise<User> {
    requireUsername(user.username);
    requireGoodPassword(this.#policy, user.password);
    const now = this.#clock.wallTime();
    const row = {
      id: newPublicId(),
      username: user.username,
      password_hash: await hashPassword(user.password),
      role: user.role,
      groups_json: user.groups === undefined ? null : JSON.stringify(user.groups),
      created_at: now,
      nickname: user.nickname ?? null,
      last_login_at: null,
      password_changed_at: now,
      must_change_password: user.mustChangePassword === true ? 1 : 0,
      avatar_document_id: null,
      totp_secret: null,
      totp_confirmed_at: null,
      totp_last_step: null,
    };
    const rights = await this.#rightsOf(row.id, user);
    try {
      await this.#database.transact([this.#database.kysely.insertInto("users").values(row), ...rights]);
    } catch (error) {
      if (!(error instanceof PicketError) || error.code !== "CONFLICT") throw error;
      throw new PicketError("CONFLICT", { details: `there is a user named ${user.username}` });
    }
    return toUser(row);
  }

  async count(): Promise<number> {
    const row = await this.#database.kysely
      .selectFrom("users")
      .select((expression) => expression.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    return row.count;
  }

  async list(): Promise<User[]> {
    const rows = await this.#database.kysely.selectFrom("users").selectAll().orderBy("username").execute();
    return rows.map(toUser);
  }

  async get(id: string): Promise<User | undefined> {
    const row = await this.#database.kysely.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : toUser(row);
  }

  /** The user of this name, in any case. */
  async find(username: string): Promise<User | undefined> {
    const row = await this.#rowNamed(username);
    return row === undefined ? undefined : toUser(row);
  }

  /** The user with this name and password, or undefined; as slow for an unknown name as for a wrong password. */
  async authenticate(username: string, password: string): Promise<User | undefined> {
    const row = await this.#rowNamed(username);
    this.#decoyHash ??= hashPassword("no user has this password");
    const matches = await passwordMatches(password, row?.password_hash ?? (await this.#decoyHash));
    return row !== undefined && matches ? toUser(row) : undefined;
  }

  /**
   * @throws {PicketError} `USER_NOT_FOUND`, `PASSWORD_TOO_WEAK`, `CONFLICT` for the last administrator, or with the
   *   details `same password` when the new password is the old one
   */
  async change(id: string, change: UserChange): Promise<void> {
    const values = { ...plainValues(change), ...(await this.#passwordValues(id, change)) };
    if (Object.keys(values).length === 0) return;
    await this.#turns.run("administrators", async () => {
      if (change.role !== undefined && change.role !== "administrator") await this.#keepAdministrator(id);
      const [result] = await this.#database.transact([
        this.#database.kysely.updateTable("users").set(values).where("id", "=", id),
        ...(await this.#membershipOfRole(id, change.role)),
      ]);
      if (result?.changes !== 1) throw new PicketError("USER_NOT_FOUND");
    });
    this.#bus.publish("user-changed", { userId: id });
  }

  /** @throws {PicketError} `USER_NOT_FOUND`, `CONFLICT` for the last administrator */
  async remove(id: string): Promise<void> {
    await this.#turns.run("administrators", async () => {
      await this.#keepAdministrator(id);
      const [result] = await this.#database.transact([this.#database.kysely.deleteFrom("users").where("id", "=", id)]);
      if (result?.changes !== 1) throw new PicketError("USER_NOT_FOUND");
    });
    this.#bus.publish("user-changed", { userId: id });
  }

  #rowNamed(username: string) {
    return this.#database.kysely.selectFrom("users").selectAll().where("username", "=", username).executeTakeFirst();
  }

  async #passwordValues(id: string, change: UserChange) {
    const { password, bypassPolicy, mustChangePassword } = change;
    if (password === undefined) return {};
    // Also whoever may set a bad one sets one that can be used.
    requireGoodPassword(bypassPolicy === true ? anyPassword : this.#policy, password);
    const row = await this.#database.kysely
      .selectFrom("users")
      .select("password_hash")
      .where("id", "=", id)
      .executeTakeFirst();
    if (row === undefined) throw new PicketError("USER_NOT_FOUND");
    if (await passwordMatches(password, row.password_hash)) {
      throw new PicketError("CONFLICT", {
        message: "The new password is the one that it replaces.",
        details: "same password",
      });
    }
    return {
      password_hash: await hashPassword(password),
      password_changed_at: this.#clock.wallTime(),
      must_change_password: mustChangePassword === true ? 1 : 0,
    };
  }

  /** What a new user is given, as statements. */
  async #rightsOf(userId: string, user: NewUser): Promise<Compilable[]> {
    const { kysely } = this.#database;
    const permissions = permissionRows({ userId }, user.permissions ?? []);
    const given = permissions.length === 0 ? [] : [kysely.insertInto("permission_grants").values(permissions)];
    if (user.userGroups === undefined) {
      return [...given, ...defaultUserGroups(user.role).map((name) => this.#join(userId, name))];
    }
    if (user.userGroups.length === 0) return given;
    await requireUserGroups(this.#database, user.userGroups);
    return [...given, kysely.insertInto("user_group_members").values(membershipRows(userId, user.userGroups))];
  }

  /** Whoever becomes an administrator puts documents in order as well, and whoever stops being one does not. */
  async #membershipOfRole(userId: string, role: Role | undefined): Promise<Compilable[]> {
    const before = role === undefined ? undefined : await this.get(userId);
    const { kysely } = this.#database;
    // Only then: in and out of the group otherwise is how somebody arranged it.
    if ((before?.role === "administrator") === (role === "administrator")) return [];
    if (role === "administrator") return [this.#join(userId, sysopGroup)];
    return [kysely.deleteFrom("user_group_members").where("user_id", "=", userId).where("group_name", "=", sysopGroup)];
  }

  /** For ever, in one statement that does nothing where there is no such group or no such user. */
  #join(userId: string, name: string): Compilable {
    const { kysely } = this.#database;
    return kysely
      .insertInto("user_group_members")
      .columns(["user_id", "group_name", "start_at", "end_at"])
      .expression(
        kysely
          .selectFrom(["user_groups", "users"])
          .select((expression) => [
            "users.id as user_id",
            "user_groups.name as group_name",
            expression.val(0).as("start_at"),
            expression.val(null).as("end_at"),
          ])
          .where("users.id", "=", userId)
          .where("user_groups.name", "=", name),
      )
      .onConflict((conflict) => conflict.columns(["user_id", "group_name"]).doUpdateSet({ start_at: 0, end_at: null }));
  }

  async #keepAdministrator(id: string): Promise<void> {
    const others = await this.#database.kysely
      .selectFrom("users")
      .select("id")
      .where("role", "=", "administrator")
      .where("id", "!=", id)
      .limit(1)
      .execute();
    if (others.length === 0) throw new PicketError("CONFLICT", { message: "The last administrator must stay one." });
  }
}

function plainValues({ role, groups, nickname, avatarDocumentId, mustChangePassword }: UserChange) {
  return {
    ...(role === undefined ? {} : { role }),
    ...(groups === undefined ? {} : { groups_json: groups === null ? null : JSON.stringify(groups) }),
    ...(nickname === undefined ? {} : { nickname }),
    ...(avatarDocumentId === undefined ? {} : { avatar_document_id: avatarDocumentId }),
    ...(mustChangePassword === undefined ? {} : { must_change_password: mustChangePassword ? 1 : 0 }),
  };
}
