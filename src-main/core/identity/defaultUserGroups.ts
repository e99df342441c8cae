import type { Role } from "./principal.ts";

/** The groups that are always there: without them nobody could put things in order. */
export const userGroup = "user";
export const sysopGroup = "sysop";

/** The groups that somebody of this role joins when nobody says otherwise. */
export function defaultUserGroups(role: Role): readonly string[] {
  return role === "administrator" ? [userGroup, sysopGroup] : [userGroup];
}
