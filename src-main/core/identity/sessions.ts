import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import { TokenBucket } from "../../base/tokenBucket.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { AuditLog } from "../audit/auditLog.ts";
import { type AccessTokens, accessTokenLifetime } from "./accessTokens.ts";
import type { Principal } from "./principal.ts";
import { formatToken, hashSecret, newPublicId, newSecret, parseToken, secretMatches } from "./secrets.ts";
import type { SignInThrottle } from "./signInThrottle.ts";
import type { User, Users } from "./users.ts";

export interface SessionsOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly users: Users;
  readonly accessTokens: AccessTokens;
  readonly throttle: SignInThrottle;
  readonly audit: AuditLog;
}

/** Where a sign-in comes from; shown in the list of sessions. */
export interface SignInOrigin {
  readonly address: string;
  readonly userAgent: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly sessionId: string;
}

export interface SessionInfo {
  readonly id: string;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly expiresAt: number;
  readonly address: string;
  readonly userAgent: string;
}

/** A session that is not used for this long ends. Milliseconds. */
const refreshLifetime = 30 * 24 * 3_600_000;

/** Passwords are checked on purpose slowly: so many at a time, and the rest is asked to come back. */
const maxVerifying = 8;
/** Refused sign-ins that are written to the audit log, per second. */
const auditedRefusals = { rate: 1 / 6, burst: 20 };

/** Signed-in people: short access tokens, and refresh tokens that change at every use. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #refusals: TokenBucket;
  #verifying = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#refusals = new TokenBucket(options.clock, auditedRefusals);
  }

  /** @throws {PicketError} `INVALID_CREDENTIALS`, `RATE_LIMITED` with the seconds to wait in its details */
  async signIn(credentials: Credentials, origin: SignInOrigin): Promise<Grant> {
    const { audit } = this.#options;
    const user = await this.#authenticate(credentials, origin.address);
    if (user === undefined) {
      const target = credentials.username.slice(0, 64);
      // Guessing must not fill the log: what is left out is more of the same.
      if (!this.#refusals.take()) throw new PicketError("INVALID_CREDENTIALS");
      await audit.append({
        actor: target,
        action: "session-create",
        target,
        outcome: "refused",
        details: { ...origin },
      });
      throw new PicketError("INVALID_CREDENTIALS");
    }
    return this.#create(user, origin);
  }

  /**
   * Whether a signed-in user knows its password; guessing is as slow as at the sign-in.
   *
   * @throws {PicketError} `RATE_LIMITED`
   */
  async confirmPassword({ username, userId }: Principal, password: string): Promise<boolean> {
    return (await this.#authenticate({ username, password }, "signed in"))?.id === userId;
  }

  /** Signs a user in who proved who they are otherwise: a ticket. */
  async signInAs(userId: string, origin: SignInOrigin): Promise<Grant> {
    const user = await this.#options.users.get(userId);
    if (user === undefined) throw new PicketError("UNAUTHORIZED");
    return this.#create(user, origin);
  }

  /**
   * Exchanges a refresh token for a new pair. One that was used before is in the wrong hands, or the right ones were too
   * late: the whole session ends.
   *
   * @throws {PicketError} `UNAUTHORIZED`
   */
  async refresh(refreshToken: string): Promise<Grant> {
    const parsed = parseToken("refresh", refreshToken);
    const session = parsed === undefined ? undefined : await this.#find(parsed.id);
    if (parsed === undefined || session === undefined) throw new PicketError("UNAUTHORIZED");
    if (!secretMatches(parsed.secret, session.refresh_hash)) {
      await this.#revoke(session.id, {
        actor: await this.#nameOf(session.user_id),
        reason: "refresh token used twice",
      });
      throw new PicketError("UNAUTHORIZED", { details: "this refresh token was used before" });
    }
    const { database, clock, users } = this.#options;
    const user = await users.get(session.user_id);
    if (user === undefined) throw new PicketError("UNAUTHORIZED");
    const secret = newSecret();
    const now = clock.wallTime();
    const [result] = await database.transact([
      database.kysely
        .updateTable("sessions")
        .set({ refresh_hash: hashSecret(secret), used_at: now, expires_at: now + refreshLifetime })
        .where("id", "=", session.id)
        .where("revoked_at", "is", null)
        // Two that come with the same token in the same moment: one of them is too late.
        .where("refresh_hash", "=", session.refresh_hash),
    ]);
    if (result?.changes !== 1) throw new PicketError("UNAUTHORIZED");
    return this.#grant(user.id, session.id, secret);
  }

  /** Who an access token stands for now: a revoked session or a removed user is nobody. */
  async principalOf(
    accessToken: string,
  ): Promise<{ readonly principal: Principal; readonly expiresAt: number } | undefined> {
    const claims = await this.#options.accessTokens.verify(accessToken);
    if (claims === undefined) return undefined;
    const principal = await this.principalOfSession(claims.sessionId);
    return principal?.userId === claims.userId ? { principal, expiresAt: claims.expiresAt } : undefined;
  }

  /** Who a session stands for now, with the role and groups that the user has now. */
  async principalOfSession(sessionId: string): Promise<Principal | undefined> {
    const session = await this.#find(sessionId);
    const user = session === undefined ? undefined : await this.#options.users.get(session.user_id);
    if (user === undefined) return undefined;
    return { userId: user.id, username: user.username, role: user.role, groups: user.groups, sessionId };
  }

  async list(userId: string): Promise<SessionInfo[]> {
    const rows = await this.#options.database.kysely
      .selectFrom("sessions")
      .selectAll()
      .where("user_id", "=", userId)
      .where("revoked_at", "is", null)
      .where("expires_at", ">", this.#options.clock.wallTime())
      .orderBy("used_at", "desc")
      .execute();
    return rows.map((row) => ({
      id: row.id,
      createdAt: row.created_at,
      usedAt: row.used_at,
      expiresAt: row.expires_at,
      address: row.address,
      userAgent: row.user_agent,
    }));
  }

  /** Ends one session of a user. @throws {PicketError} `SESSION_NOT_FOUND` also when it is somebody else's */
  async revoke(principal: Principal, sessionId: string): Promise<void> {
    const session = await this.#find(sessionId);
    if (session === undefined || session.user_id !== principal.userId) throw new PicketError("SESSION_NOT_FOUND");
    await this.#revoke(sessionId, { actor: principal.username, reason: "revoked" });
  }

  /** Ends the session of a refresh token; one that is nobody's is nobody's loss. */
  async signOut(refreshToken: string): Promise<void> {
    const parsed = parseToken("refresh", refreshToken);
    const session = parsed === undefined ? undefined : await this.#find(parsed.id);
    if (parsed === undefined || session === undefined || !secretMatches(parsed.secret, session.refresh_hash)) return;
    await this.#revoke(session.id, { actor: await this.#nameOf(session.user_id), reason: "signed out" });
  }

  /** Ends every session of a user but, when given, one: after a password change. */
  async revokeAll(
    userId: string,
    options: { readonly actor: string; readonly except?: string | undefined },
  ): Promise<void> {
    for (const session of await this.list(userId)) {
      if (session.id !== options.except) await this.#revoke(session.id, { actor: options.actor, reason: "revoked" });
    }
  }

  /** @throws {PicketError} `RATE_LIMITED` with the seconds to wait in its details */
  async #authenticate({ username, password }: Credentials, address: string): Promise<User | undefined> {
    const { users, throttle } = this.#options;
    const wait = throttle.waitTime(username, address);
    if (wait > 0) throw new PicketError("RATE_LIMITED", { details: `${Math.ceil(wait / 1000)}` });
    if (this.#verifying >= maxVerifying) throw new PicketError("RATE_LIMITED", { details: "1" });
    this.#verifying += 1;
    try {
      const user = await users.authenticate(username, password);
      if (user === undefined) throttle.failed(username, address);
      else throttle.succeeded(username, address);
      return user;
    } finally {
      this.#verifying -= 1;
    }
  }

  async #create(user: User, origin: SignInOrigin): Promise<Grant> {
    const { database, clock, audit } = this.#options;
    const id = newPublicId() + newPublicId();
    const secret = newSecret();
    const now = clock.wallTime();
    await database.transact([
      database.kysely.insertInto("sessions").values({
        id,
        user_id: user.id,
        refresh_hash: hashSecret(secret),
        created_at: now,
        used_at: now,
        expires_at: now + refreshLifetime,
        revoked_at: null,
        address: origin.address,
        user_agent: origin.userAgent.slice(0, 256),
      }),
      // What ended long ago is of no use to anybody.
      database.kysely.deleteFrom("sessions").where("expires_at", "<", now),
    ]);
    await audit.append({
      actor: user.username,
      action: "session-create",
      target: user.username,
      outcome: "done",
      details: { ...origin },
    });
    return this.#grant(user.id, id, secret);
  }

  async #grant(userId: string, sessionId: string, secret: string): Promise<Grant> {
    return {
      accessToken: await this.#options.accessTokens.sign(userId, sessionId),
      refreshToken: formatToken("refresh", sessionId, secret),
      expiresIn: accessTokenLifetime,
      sessionId,
    };
  }

  async #nameOf(userId: string): Promise<string> {
    return (await this.#options.users.get(userId))?.username ?? userId;
  }

  async #find(sessionId: string) {
    return this.#options.database.kysely
      .selectFrom("sessions")
      .selectAll()
      .where("id", "=", sessionId)
      .where("revoked_at", "is", null)
      .where("expires_at", ">", this.#options.clock.wallTime())
      .executeTakeFirst();
  }

  async #revoke(sessionId: string, by: { readonly actor: string; readonly reason: string }): Promise<void> {
    const { database, clock, bus, audit } = this.#options;
    await database.transact([
      database.kysely.updateTable("sessions").set({ revoked_at: clock.wallTime() }).where("id", "=", sessionId),
    ]);
    bus.publish("session-revoked", { sessionId });
    await audit.append({
      actor: by.actor,
      action: "session-revoke",
      target: sessionId,
      outcome: "done",
      details: { reason: by.reason },
    });
  }
}
