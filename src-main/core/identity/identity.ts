import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { AuditLog } from "../audit/auditLog.ts";
import { AccessTokens } from "./accessTokens.ts";
import { Authentication } from "./authentication.ts";
import { DocumentTokens } from "./documentTokens.ts";
import type { PasswordPolicy } from "./passwordPolicy.ts";
import { Permissions } from "./permissions.ts";
import { restoreSysop } from "./restoreSysop.ts";
import { SecretBox } from "./secretBox.ts";
import { Sessions } from "./sessions.ts";
import { SignInThrottle } from "./signInThrottle.ts";
import { TwoFactor } from "./twoFactor.ts";
import { UserGroups } from "./userGroups.ts";
import { Users } from "./users.ts";

export interface IdentityOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** The core's folder. */
  readonly folder: string;
  readonly signingKey: Uint8Array;
  readonly passwordPolicy: PasswordPolicy;
}

/** Who the people are, how they prove it, and what they may do with documents. */
export interface Identity {
  readonly passwordPolicy: PasswordPolicy;
  readonly users: Users;
  readonly userGroups: UserGroups;
  readonly permissions: Permissions;
  readonly twoFactor: TwoFactor;
  readonly sessions: Sessions;
  readonly documentTokens: DocumentTokens;
}

/** Builds the nouns of identity, and makes the groups that are always there at the first start. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { database, bus, clock, audit, signingKey, passwordPolicy } = options;
  const common = { database, bus, clock };
  const users = new Users({ ...common, policy: passwordPolicy });
  const userGroups = new UserGroups(common);
  const permissions = new Permissions(common);
  const twoFactor = new TwoFactor({ ...common, box: SecretBox.open(join(options.folder, "two-factor-key")) });
  const authentication = new Authentication({
    clock,
    users,
    twoFactor,
    throttle: new SignInThrottle(clock),
    audit,
    policy: passwordPolicy,
  });
  const accessTokens = new AccessTokens(signingKey, clock);
  const sessions = new Sessions({ ...common, users, authentication, accessTokens, audit });
  const documentTokens = new DocumentTokens({ ...common, users, permissions, authentication, sessions, signingKey });
  await userGroups.ensureDefaults();
  await restoreSysop({ users, userGroups, permissions, audit });
  return { passwordPolicy, users, userGroups, permissions, twoFactor, sessions, documentTokens };
}
