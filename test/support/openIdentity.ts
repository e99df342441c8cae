import type { TestContext } from "node:test";
import { silentLogger } from "../../src-main/base/logger.ts";
import { LocalBus } from "../../src-main/bus/localBus.ts";
import type { Topic, Topics } from "../../src-main/bus/topics.ts";
import { AuditLog } from "../../src-main/core/audit/auditLog.ts";
import { AccessTokens } from "../../src-main/core/identity/accessTokens.ts";
import { EnrolmentTokens } from "../../src-main/core/identity/enrolmentTokens.ts";
import { Sessions } from "../../src-main/core/identity/sessions.ts";
import { SignInThrottle } from "../../src-main/core/identity/signInThrottle.ts";
import { type User, Users } from "../../src-main/core/identity/users.ts";
import type { Database } from "../../src-main/store/database.ts";
import { ManualClock } from "./manualClock.ts";
import { openDatabase } from "./openDatabase.ts";

export const password = "correct horse battery";
export const origin = { address: "192.0.2.7", userAgent: "test" } as const;

export interface TestIdentity {
  readonly database: Database;
  readonly clock: ManualClock;
  readonly bus: LocalBus;
  readonly audit: AuditLog;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly accessTokens: AccessTokens;
  readonly tokens: EnrolmentTokens;
  /** A user named `kim`. */
  readonly kim: User;
  /** What was published on a topic, from now on. */
  heard<T extends Topic>(topic: T): readonly Topics[T][];
}

/** The nouns of identity over a real database, with one user and a clock that stands still. */
export async function openIdentity(context: Pick<TestContext, "after">): Promise<TestIdentity> {
  const database = await openDatabase(context);
  const clock = new ManualClock();
  const bus = new LocalBus(silentLogger);
  const common = { database, clock, bus };
  const audit = await AuditLog.open(common);
  const users = new Users(common);
  const accessTokens = new AccessTokens(new Uint8Array(32).fill(7), clock);
  const throttle = new SignInThrottle(clock);
  return {
    ...common,
    audit,
    users,
    accessTokens,
    sessions: new Sessions({ ...common, users, accessTokens, throttle, audit }),
    tokens: new EnrolmentTokens({ ...common, allowDefaultToken: false }),
    kim: await users.create({ username: "kim", password, role: "operator" }),
    heard(topic) {
      const payloads: Topics[typeof topic][] = [];
      bus.subscribe(topic, (payload) => payloads.push(payload));
      return payloads;
    },
  };
}
