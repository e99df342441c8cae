import { PicketError } from "../../../base/errors.ts";
import type { Core } from "../../../core/core.ts";
import type { DocumentUser } from "../../../core/identity/documentTokens.ts";
import type { TimedName } from "../../../core/identity/userGroups.ts";
import type { User } from "../../../core/identity/users.ts";
import type { TimedEntry } from "../messages/define.ts";
import { Refusal } from "../refusal.ts";

/** @throws {Refusal} 404 */
export async function requireUser(core: Core, username: string): Promise<User> {
  const user = await core.users.find(username);
  if (user === undefined) throw new Refusal(404, "User does not exist");
  return user;
}

/** Whether a name in a request is the one who asks. Names are the same without regard to case, as the database sees it. */
export function isSelf(username: string, user: DocumentUser): boolean {
  return folded(username) === folded(user.username);
}

/**
 * Rights over documents reach no further than documents: whoever administers the whole core is touched only by
 * somebody who does, too.
 *
 * @throws {Refusal} 403
 */
export function requireMayTouch(by: DocumentUser, target: User, denied: string): void {
  if (target.role === "administrator" && !by.isAdministrator) throw new Refusal(403, denied);
}

/** Entries of the wire as the core keeps them. */
export function toTimedNames(entries: readonly TimedEntry[]): TimedName[] {
  return entries.map(({ name, start_time, end_time }) => ({
    name,
    startAt: Math.round(start_time * 1000),
    endAt: end_time === null ? undefined : Math.round(end_time * 1000),
  }));
}

/** The same times on the wire. */
export function timesOf({ startAt, endAt }: TimedName): { start_time: number; end_time: number | null } {
  return { start_time: startAt / 1000, end_time: endAt === undefined ? null : endAt / 1000 };
}

/** Passes an error of the core on as the answer that the wire has for it. */
export function refuseWhen(code: PicketError["code"], refusal: (error: PicketError) => Refusal): (e: unknown) => never {
  return (thrown) => {
    if (thrown instanceof PicketError && thrown.code === code) throw refusal(thrown);
    throw thrown;
  };
}

function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
