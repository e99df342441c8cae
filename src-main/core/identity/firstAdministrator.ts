import { makePassword, type PasswordPolicy } from "./passwordPolicy.ts";
import { writePrivateFile } from "./signingKey.ts";
import type { Users } from "./users.ts";

export interface FirstAdministratorOptions {
  readonly users: Users;
  readonly policy: PasswordPolicy;
  /** `PICKET_ADMIN_PASSWORD`. */
  readonly password: string | undefined;
  /** Where a made-up password is kept, 0600. */
  readonly passwordFile: string;
}

export const administratorName = "admin";

/**
 * Makes the administrator when there is no user yet.
 *
 * @returns the made-up password, to be shown once; undefined when there was a user or a given password
 * @throws {PicketError} `PASSWORD_TOO_WEAK` for the given password
 */
export async function ensureAdministrator(options: FirstAdministratorOptions): Promise<string | undefined> {
  const { users, policy, password, passwordFile } = options;
  if ((await users.count()) > 0) return undefined;
  const made = password ?? makePassword(policy);
  // Before the user: a crash in between leaves a file that is written again, not a password that nobody knows.
  if (password === undefined) writePrivateFile(passwordFile, `${made}\n`);
  await users.create({ username: administratorName, password: made, role: "administrator" });
  return password === undefined ? made : undefined;
}
