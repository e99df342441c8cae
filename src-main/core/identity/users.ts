import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import { KeyedTurns } from "../../base/keyedTurns.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import { checkPassword, hashPassword, passwordMatches } from "./passwords.ts";
import type { Role } from "./principal.ts";
import { newPublicId } from "./secrets.ts";

export interface User {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  /** Undefined is every group; an empty list is none. */
  readonly groups: readonly string[] | undefined;
  readonly createdAt: number;
}

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly role: Role;
  readonly groups?: readonly string[] | undefined;
}

export interface UserChange {
  readonly role?: Role | undefined;
  /** Null: every group. Undefined: unchanged. */
  readonly groups?: readonly string[] | null | undefined;
  readonly password?: string | undefined;
}

/** The people who may sign in. Names are unique without regard to case. */
export class Users {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #clock: Clock;
  /** Checked against when the user is unknown, so that the answer takes as long. */
  #decoyHash: Promise<string> | undefined;
  /** Whoever may take away an administrator does it alone: two at once would each count on the other one's. */
  readonly #turns = new KeyedTurns();

  constructor(options: { readonly database: Database; readonly bus: Bus; readonly clock: Clock }) {
    this.#database = options.database;
    this.#bus = options.bus;
    this.#clock = options.clock;
  }

  /** @throws {PicketError} `PASSWORD_TOO_WEAK`, `CONFLICT` when the name is taken */
  async create(user: NewUser): Promise<User> {
    checkPassword(user.password);
    const row = {
      id: newPublicId(),
      username: user.username,
      password_hash: await hashPassword(user.password),
      role: user.role,
      groups_json: user.groups === undefined ? null : JSON.stringify(user.groups),
      created_at: this.#clock.wallTime(),
    };
    try {
      await this.#database.transact([this.#database.kysely.insertInto("users").values(row)]);
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

  /** The user with this name and password, or undefined; as slow for an unknown name as for a wrong password. */
  async authenticate(username: string, password: string): Promise<User | undefined> {
    const row = await this.#database.kysely
      .selectFrom("users")
      .selectAll()
      .where("username", "=", username)
      .executeTakeFirst();
    this.#decoyHash ??= hashPassword("no user has this password");
    const matches = await passwordMatches(password, row?.password_hash ?? (await this.#decoyHash));
    return row !== undefined && matches ? toUser(row) : undefined;
  }

  /** @throws {PicketError} `USER_NOT_FOUND`, `PASSWORD_TOO_WEAK`, `CONFLICT` for the last administrator */
  async change(id: string, change: UserChange): Promise<void> {
    if (change.password !== undefined) checkPassword(change.password);
    const values = {
      ...(change.role === undefined ? {} : { role: change.role }),
      ...(change.groups === undefined
        ? {}
        : { groups_json: change.groups === null ? null : JSON.stringify(change.groups) }),
      ...(change.password === undefined ? {} : { password_hash: await hashPassword(change.password) }),
    };
    if (Object.keys(values).length === 0) return;
    await this.#turns.run("administrators", async () => {
      if (change.role !== undefined && change.role !== "administrator") await this.#keepAdministrator(id);
      const [result] = await this.#database.transact([
        this.#database.kysely.updateTable("users").set(values).where("id", "=", id),
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

interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly role: string;
  readonly groups_json: string | null;
  readonly created_at: number;
}

function toUser(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    role: row.role as Role,
    groups: row.groups_json === null ? undefined : (JSON.parse(row.groups_json) as string[]),
    createdAt: row.created_at,
  };
}
