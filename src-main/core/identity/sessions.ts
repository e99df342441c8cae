import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { AuditLog } from "../audit/auditLog.ts";
import { type AccessTokens, accessTokenLifetime } from "./accessTokens.ts";
import type { Authentication, Credentials, SignInOrigin } from "./authentication.ts";
import type { Principal } from "./principal.ts";
import { formatToken, newPublicId, newSecret, parseToken, secretMatches } from "./secrets.ts";
import { type SessionKind, SessionTable } from "./sessionTable.ts";
import type { User, Users } from "./users.ts";

export interface SessionsOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly users: Users;
  readonly authentication: Authentication;
  readonly accessTokens: AccessTokens;
  readonly audit: AuditLog;
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
  readonly kind: SessionKind;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly expiresAt: number;
  readonly address: string;
  readonly userAgent: string;
}

export interface OwnPasswordChange {
  readonly credentials: Credentials;
  readonly newPassword: string;
  readonly origin: SignInOrigin;
  /** Called once it is clear who asks, before anything is changed; it throws to refuse. */
  readonly permit?: ((user: User) => Promise<void>) | undefined;
}

export interface PasswordSetting {
  readonly userId: string;
  readonly password: string;
  /** Who sets it, for the audit log. */
  readonly actor: string;
  /** The session that may go on. */
  readonly except?: string | undefined;
  readonly mustChangePassword?: boolean | undefined;
  readonly bypassPolicy?: boolean | undefined;
}

/** A session that is not used for this long ends. Milliseconds. */
const refreshLifetime = 30 * 24 * 3_600_000;

/** Signed-in people: short access tokens, and refresh tokens that change at every use. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #table: SessionTable;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#table = new SessionTable(options);
  }

  /** @throws {PicketError} what `Authentication.signIn` throws */
  async signIn(credentials: Credentials, origin: SignInOrigin): Promise<Grant> {
    return this.#create(await this.#options.authentication.signIn(credentials, origin), origin);
  }

  /** Whether a signed-in user knows its password; guessing ends as at the sign-in. @throws {PicketError} `RATE_LIMITED` */
  confirmPassword(principal: Pick<Principal, "username" | "userId">, password: string): Promise<boolean> {
    return this.#options.authentication.confirmPassword(principal, password);
  }

  /** Whether a signed-in user has the second factor; a code is used up by that. @throws {PicketError} `RATE_LIMITED` */
  confirmCode(principal: Pick<Principal, "username" | "userId">, code: string): Promise<boolean> {
    return this.#options.authentication.confirmCode(principal, code);
  }

  /** Signs a user in who proved who they are otherwise: a ticket. */
  async signInAs(userId: string, origin: SignInOrigin): Promise<Grant> {
    const user = await this.#options.users.get(userId);
    if (user === undefined) throw new PicketError("UNAUTHORIZED");
    return this.#create(user, origin);
  }

  /**
   * Opens a session for a user who was just authenticated.
   *
   * @returns its id, and the secret of its refresh token, which not every kind gives out
   * @throws {PicketError} `INVALID_CREDENTIALS` when the password was changed since
   */
  async open(
    user: User,
    session: { readonly kind: SessionKind; readonly origin: SignInOrigin; readonly lifetime: number },
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const { kind, origin, lifetime } = session;
    const id = newPublicId() + newPublicId();
    const secret = newSecret();
    const expiresAt = this.#options.clock.wallTime() + lifetime;
    if (!(await this.#table.insert({ id, kind, user, origin, secret, expiresAt }))) {
      throw new PicketError("INVALID_CREDENTIALS");
    }
    await this.#options.audit.append({
      actor: user.username,
      action: "session-create",
      target: user.username,
      outcome: "done",
      details: kind === "console" ? { ...origin } : { ...origin, kind },
    });
    return { id, secret };
  }

  /**
   * Changes a password for whoever knows the one before, signed in or not: every session of the user ends.
   *
   * @returns the user, whose identity is proven by that
   * @throws {PicketError} what `Authentication.identify` and `Users.change` throw
   */
  async changePassword({ credentials, newPassword, origin, permit }: OwnPasswordChange): Promise<User> {
    const user = await this.#options.authentication.identify(credentials, origin);
    await permit?.(user);
    await this.setPassword({ userId: user.id, password: newPassword, actor: user.username });
    return user;
  }

  /** Sets a password, and ends every session of the user but one. @throws {PicketError} what `Users.change` throws */
  async setPassword({ userId, actor, except, ...change }: PasswordSetting): Promise<void> {
    await this.#options.users.change(userId, change);
    await this.revokeAll(userId, { actor, except });
  }

  /**
   * Exchanges a refresh token for a new pair. One that was used before is in the wrong hands, or the right ones were too
   * late: the whole session ends.
   *
   * @throws {PicketError} `UNAUTHORIZED`
   */
  async refresh(refreshToken: string): Promise<Grant> {
    const parsed = parseToken("refresh", refreshToken);
    const session = parsed === undefined ? undefined : await this.#findConsole(parsed.id);
    if (parsed === undefined || session === undefined) throw new PicketError("UNAUTHORIZED");
    if (!secretMatches(parsed.secret, session.refresh_hash)) {
      await this.#revoke(session.id, {
        actor: await this.#nameOf(session.user_id),
        reason: "refresh token used twice",
      });
      throw new PicketError("UNAUTHORIZED", { details: "this refresh token was used before" });
    }
    const { clock, users } = this.#options;
    const user = await users.get(session.user_id);
    if (user === undefined) throw new PicketError("UNAUTHORIZED");
    const secret = newSecret();
    const expiresAt = clock.wallTime() + refreshLifetime;
    // Two that come with the same token in the same moment: one of them is too late.
    if (!(await this.#table.replaceSecret(session, { secret, expiresAt }))) throw new PicketError("UNAUTHORIZED");
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

  /** Who a session of the console stands for now, with the role and groups that the user has now. */
  async principalOfSession(sessionId: string): Promise<Principal | undefined> {
    const session = await this.#findConsole(sessionId);
    const user = session === undefined ? undefined : await this.#options.users.get(session.user_id);
    if (user === undefined) return undefined;
    return { userId: user.id, username: user.username, role: user.role, groups: user.groups, sessionId };
  }

  async list(userId: string): Promise<SessionInfo[]> {
    return (await this.#table.list(userId)).map((row) => ({
      id: row.id,
      kind: row.kind === "documents" ? "documents" : "console",
      createdAt: row.created_at,
      usedAt: row.used_at,
      expiresAt: row.expires_at,
      address: row.address,
      userAgent: row.user_agent,
    }));
  }

  /** Ends one session of a user. @throws {PicketError} `SESSION_NOT_FOUND` also when it is somebody else's */
  async revoke(principal: Pick<Principal, "username" | "userId">, sessionId: string): Promise<void> {
    const session = await this.#table.find(sessionId);
    if (session === undefined || session.user_id !== principal.userId) throw new PicketError("SESSION_NOT_FOUND");
    await this.#revoke(sessionId, { actor: principal.username, reason: "revoked" });
  }

  /** Ends the session of a refresh token; one that is nobody's is nobody's loss. */
  async signOut(refreshToken: string): Promise<void> {
    const parsed = parseToken("refresh", refreshToken);
    const session = parsed === undefined ? undefined : await this.#findConsole(parsed.id);
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

  async #create(user: User, origin: SignInOrigin): Promise<Grant> {
    const { id, secret } = await this.open(user, { kind: "console", origin, lifetime: refreshLifetime });
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

  /** Sessions of other kinds have no refresh token and stand for nobody at the console. */
  async #findConsole(sessionId: string) {
    const session = await this.#table.find(sessionId);
    return session?.kind === "console" ? session : undefined;
  }

  async #revoke(sessionId: string, by: { readonly actor: string; readonly reason: string }): Promise<void> {
    const { bus, audit } = this.#options;
    await this.#table.revoke(sessionId);
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
