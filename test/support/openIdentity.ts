import type { TestContext } from "node:test";
import { silentLogger } from "../../src-main/base/logger.ts";
import { LocalBus } from "../../src-main/bus/localBus.ts";
import type { Topic, Topics } from "../../src-main/bus/topics.ts";
import { AuditLog } from "../../src-main/core/audit/auditLog.ts";
import { AccessTokens } from "../../src-main/core/identity/accessTokens.ts";
import type { DocumentTokens } from "../../src-main/core/identity/documentTokens.ts";
import { EnrolmentTokens } from "../../src-main/core/identity/enrolmentTokens.ts";
import { openIdentity as openNouns } from "../../src-main/core/identity/identity.ts";
import { defaultPasswordPolicy, type PasswordPolicy } from "../../src-main/core/identity/passwordPolicy.ts";
import type { Permissions } from "../../src-main/core/identity/permissions.ts";
import type { Sessions } from "../../src-main/core/identity/sessions.ts";
import type { TwoFactor } from "../../src-main/core/identity/twoFactor.ts";
import type { UserGroups } from "../../src-main/core/identity/userGroups.ts";
import type { User, Users } from "../../src-main/core/identity/users.ts";
import type { Database } from "../../src-main/store/database.ts";
import { ManualClock } from "./manualClock.ts";
import { openDatabase } from "./openDatabase.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export const password = "correct horse battery";
export const origin = { address: "192.0.2.7", userAgent: "test" } as const;

export interface TestIdentity {
  readonly database: Database;
  readonly clock: ManualClock;
  readonly bus: LocalBus;
  readonly audit: AuditLog;
  readonly users: Users;
  readonly userGroups: UserGroups;
  readonly permissions: Permissions;
  readonly twoFactor: TwoFactor;
  readonly documentTokens: DocumentTokens;
  readonly sessions: Sessions;
  readonly accessTokens: AccessTokens;
  readonly tokens: EnrolmentTokens;
  /** A user named `kim`. */
  readonly kim: User;
  /** What was published on a topic, from now on. */
  heard<T extends Topic>(topic: T): readonly Topics[T][];
}

/** The nouns of identity over a real database, with one user and a clock that stands still. */
export async function openIdentity(
  context: Pick<TestContext, "after">,
  options: { readonly policy?: Partial<PasswordPolicy> } = {},
): Promise<TestIdentity> {
  const database = await openDatabase(context);
  const clock = new ManualClock();
  const bus = new LocalBus(silentLogger);
  const common = { database, clock, bus };
  const audit = await AuditLog.open(common);
  const signingKey = new Uint8Array(32).fill(7);
  const identity = await openNouns({
    ...common,
    audit,
    folder: temporaryFolder(context),
    signingKey,
    passwordPolicy: { ...defaultPasswordPolicy, ...options.policy },
  });
  return {
    ...common,
    ...identity,
    audit,
    accessTokens: new AccessTokens(signingKey, clock),
    tokens: new EnrolmentTokens({ ...common, allowDefaultToken: false }),
    kim: await identity.users.create({ username: "kim", password, role: "operator" }),
    heard(topic) {
      const payloads: Topics[typeof topic][] = [];
      bus.subscribe(topic, (payload) => payloads.push(payload));
      return payloads;
    },
  };
}
