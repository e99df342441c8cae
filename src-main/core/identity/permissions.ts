import type { Clock } from "../../base/clock.ts";
import type { Database } from "../../store/database.ts";

/** What a user may do with documents at this moment. */
export interface EffectiveRights {
  readonly permissions: ReadonlySet<string>;
  /** The user groups whose membership is in force. */
  readonly groups: ReadonlySet<string>;
}

/** Works out what users may do: looked up every time, so that a right that was taken away is gone at once. */
export class Permissions {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /**
   * Everything that is given to the user or to one of the user's groups, less what is taken from either: taking away
   * wins. Memberships and grants count only inside their times,
   * both ends included. An unknown user has nothing.
   */
  async of(userId: string): Promise<EffectiveRights> {
    const { kysely } = this.#database;
    const now = this.#clock.wallTime();
    const memberships = kysely
      .selectFrom("user_group_members")
      .select("group_name")
      .where("user_id", "=", userId)
      .where("start_at", "<=", now)
      .where(({ eb, or }) => or([eb("end_at", "is", null), eb("end_at", ">=", now)]));
    const [groups, grants] = await Promise.all([
      memberships.execute(),
      kysely
        .selectFrom("permission_grants")
        .select(["permission", "granted"])
        .where("start_at", "<=", now)
        .where(({ eb, or }) => or([eb("end_at", "is", null), eb("end_at", ">=", now)]))
        .where(({ eb, or }) => or([eb("user_id", "=", userId), eb("group_name", "in", memberships)]))
        .execute(),
    ]);
    const permissions = new Set(grants.flatMap(({ permission, granted }) => (granted === 1 ? [permission] : [])));
    for (const { permission, granted } of grants) if (granted === 0) permissions.delete(permission);
    return { permissions, groups: new Set(groups.map(({ group_name }) => group_name)) };
  }

  /** The same for every user there is, in two reads; who holds nothing at all is missing. */
  async ofAll(): Promise<ReadonlyMap<string, EffectiveRights>> {
    const { kysely } = this.#database;
    const now = this.#clock.wallTime();
    const [memberships, grants] = await Promise.all([
      kysely
        .selectFrom("user_group_members")
        .select(["user_id", "group_name"])
        .where("start_at", "<=", now)
        .where(({ eb, or }) => or([eb("end_at", "is", null), eb("end_at", ">=", now)]))
        .execute(),
      kysely
        .selectFrom("permission_grants")
        .select(["user_id", "group_name", "permission", "granted"])
        .where("start_at", "<=", now)
        .where(({ eb, or }) => or([eb("end_at", "is", null), eb("end_at", ">=", now)]))
        .execute(),
    ]);
    const groupsOf = Map.groupBy(memberships, ({ user_id }) => user_id);
    const ofGroup = Map.groupBy(grants, ({ group_name }) => group_name);
    const ofUser = Map.groupBy(grants, ({ user_id }) => user_id);
    const holders = new Set([...groupsOf.keys(), ...ofUser.keys()].filter((id) => id !== null));
    return new Map(
      [...holders].map((userId) => {
        const groups = new Set((groupsOf.get(userId) ?? []).map(({ group_name }) => group_name));
        const own = [...(ofUser.get(userId) ?? []), ...[...groups].flatMap((group) => ofGroup.get(group) ?? [])];
        const permissions = new Set(own.flatMap(({ permission, granted }) => (granted === 1 ? [permission] : [])));
        for (const { permission, granted } of own) if (granted === 0) permissions.delete(permission);
        return [userId, { permissions, groups }];
      }),
    );
  }
}
