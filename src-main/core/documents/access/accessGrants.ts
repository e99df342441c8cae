import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import { type AccessType, isAccessType } from "../accessType.ts";
import type { TreeLock } from "../tree/treeLock.ts";
import { storableTime } from "./storableTime.ts";

/** Leave for one user or one group to do one thing with one entry, whatever the rules say. It does not reach inside. */
export interface AccessGrant {
  readonly id: number;
  /** One of the two. */
  readonly userId: string | undefined;
  readonly group: string | undefined;
  /** Undefined for a grant to a group. */
  readonly username: string | undefined;
  readonly entryId: string;
  readonly entryKind: "folder" | "document";
  readonly accessType: AccessType;
  /** Milliseconds since 1970. */
  readonly startAt: number;
  /** Undefined: for ever. */
  readonly endAt: number | undefined;
}

export interface NewAccessGrant {
  /** Exactly one of `userId` and `group`. */
  readonly userId?: string | undefined;
  readonly group?: string | undefined;
  readonly entryId: string;
  readonly types: readonly string[];
  /** Milliseconds since 1970. */
  readonly startAt: number;
  /** Undefined: for ever. */
  readonly endAt: number | undefined;
}

/** Whose grants: a user's (user id), a group's (name), an entry's (id). */
export interface GrantQuery {
  readonly by: "user" | "group" | "folder" | "document";
  readonly identifier: string;
}

const mostOnEntry = 1_000;

export interface AccessGrantsOptions {
  readonly database: Database;
  readonly lock: TreeLock;
}

export class AccessGrants {
  readonly #database: Database;
  readonly #lock: TreeLock;

  constructor(options: AccessGrantsOptions) {
    this.#database = options.database;
    this.#lock = options.lock;
  }

  /**
   * One grant a type, all or none.
   *
   * @returns their ids, in the order of `types`
   * @throws {PicketError} `INVALID_PARAMS`, `USER_NOT_FOUND`, `USER_GROUP_NOT_FOUND`, `DOCUMENT_NOT_FOUND`, `CONFLICT` too many
   */
  async create(grant: NewAccessGrant): Promise<readonly number[]> {
    const types = checkTypes(grant.types);
    checkTimes(grant);
    await this.#checkSubject(grant);
    const { kysely } = this.#database;
    return this.#lock(async () => {
      await this.#checkEntry(grant.entryId, types.length);
      const results = await this.#database.transact(
        types.map((type) =>
          kysely.insertInto("access_grants").values({
            user_id: grant.userId ?? null,
            group_name: grant.group ?? null,
            entry_id: grant.entryId,
            access_type: type,
            start_at: storableTime(grant.startAt),
            end_at: grant.endAt === undefined ? null : storableTime(grant.endAt),
          }),
        ),
      );
      return results.map(({ lastInsertRowid }) => lastInsertRowid);
    });
  }

  /** By number, also those whose time is over or has not come. No check that the subject exists. */
  async list({ by, identifier }: GrantQuery): Promise<readonly AccessGrant[]> {
    const grants = this.#select();
    if (by === "user") return rowsOf(grants.where("access_grants.user_id", "=", identifier));
    if (by === "group") return rowsOf(grants.where("access_grants.group_name", "=", identifier));
    return rowsOf(grants.where("access_grants.entry_id", "=", identifier).where("tree_entries.kind", "=", by));
  }

  async get(grantId: number): Promise<AccessGrant | undefined> {
    const [grant] = await rowsOf(this.#select().where("access_grants.id", "=", grantId));
    return grant;
  }

  /** @returns whether there was one */
  async revoke(grantId: number): Promise<boolean> {
    const [result] = await this.#database.transact([
      this.#database.kysely.deleteFrom("access_grants").where("id", "=", grantId),
    ]);
    return result?.changes === 1;
  }

  #select(): ReturnType<typeof selectGrants> {
    return selectGrants(this.#database);
  }

  async #checkSubject({ userId, group }: NewAccessGrant): Promise<void> {
    if ((userId === undefined) === (group === undefined)) {
      throw new PicketError("INVALID_PARAMS", { details: "a grant is for one user or one group" });
    }
    const { kysely } = this.#database;
    if (userId !== undefined) {
      const users = await kysely.selectFrom("users").select("id").where("id", "=", userId).execute();
      if (users.length === 0) throw new PicketError("USER_NOT_FOUND");
    } else if (group !== undefined) {
      const groups = await kysely.selectFrom("user_groups").select("name").where("name", "=", group).execute();
      if (groups.length === 0) throw new PicketError("USER_GROUP_NOT_FOUND");
    }
  }

  async #checkEntry(id: string, more: number): Promise<void> {
    const { kysely } = this.#database;
    const entry = await kysely
      .selectFrom("tree_entries")
      .select(({ selectFrom }) =>
        selectFrom("access_grants")
          .select(({ fn }) => fn.countAll<number>().as("grants"))
          .where("entry_id", "=", id)
          .as("grants"),
      )
      .where("id", "=", id)
      .where("trashed_at", "is", null)
      .executeTakeFirst();
    if (entry === undefined) throw new PicketError("DOCUMENT_NOT_FOUND");
    if ((entry.grants ?? 0) + more <= mostOnEntry) return;
    throw new PicketError("CONFLICT", { message: `There can be ${mostOnEntry} grants on one entry.` });
  }
}

function selectGrants({ kysely }: Database) {
  return kysely
    .selectFrom("access_grants")
    .innerJoin("tree_entries", "tree_entries.id", "access_grants.entry_id")
    .leftJoin("users", "users.id", "access_grants.user_id")
    .select(["access_grants.id", "access_grants.user_id", "access_grants.group_name", "access_grants.entry_id"])
    .select(["access_grants.access_type", "access_grants.start_at", "access_grants.end_at"])
    .select(["tree_entries.kind", "users.username"])
    .orderBy("access_grants.id");
}

async function rowsOf(query: ReturnType<typeof selectGrants>): Promise<readonly AccessGrant[]> {
  return (await query.execute()).map((row) => ({
    id: row.id,
    userId: row.user_id ?? undefined,
    group: row.group_name ?? undefined,
    username: row.username ?? undefined,
    entryId: row.entry_id,
    entryKind: row.kind === "folder" ? "folder" : "document",
    accessType: row.access_type as AccessType,
    startAt: row.start_at,
    endAt: row.end_at ?? undefined,
  }));
}

function checkTypes(types: readonly string[]): readonly AccessType[] {
  const checked = [...new Set(types)].map((type) => {
    if (!isAccessType(type)) {
      throw new PicketError("INVALID_PARAMS", { message: `Invalid access type: ${type.slice(0, 64)}` });
    }
    return type;
  });
  if (checked.length === 0) throw new PicketError("INVALID_PARAMS", { message: "No access type is named." });
  return checked;
}

function checkTimes({ startAt, endAt }: NewAccessGrant): void {
  const ends = endAt === undefined || (Number.isFinite(endAt) && endAt > startAt);
  if (Number.isFinite(startAt) && ends) return;
  throw new PicketError("INVALID_PARAMS", { message: "The start time should be before the end time" });
}
