import { PicketError } from "../../base/errors.ts";
import type { Database } from "../../store/database.ts";
import type { TimedName } from "./userGroups.ts";

/** @throws {PicketError} `USER_GROUP_NOT_FOUND`; its details are the first name that no group has */
export async function requireUserGroups(database: Database, groups: readonly TimedName[]): Promise<void> {
  const names = groups.map(({ name }) => name);
  const rows = await database.kysely.selectFrom("user_groups").select("name").where("name", "in", names).execute();
  const known = new Set(rows.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw new PicketError("USER_GROUP_NOT_FOUND", { details: unknown });
}
