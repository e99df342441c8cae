import { createHmac } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { sql } from "kysely";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Database } from "../../store/database.ts";
import type { Authentication, Credentials, SignInOrigin } from "./authentication.ts";
import type { EffectiveRights, Permissions } from "./permissions.ts";
import type { Principal } from "./principal.ts";
import { hashSecret } from "./secrets.ts";
import type { Sessions } from "./sessions.ts";
import { toUser } from "./userRow.ts";
import type { User, Users } from "./users.ts";

export interface DocumentTokensOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly users: Users;
  readonly permissions: Permissions;
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  /** The core's: each user's key is made of it. */
  readonly signingKey: Uint8Array;
}

/** Who asks about documents. */
export interface DocumentUser {
  readonly userId: string;
  readonly username: string;
  /** The role at the console. Only administrators may touch the account of one. */
  readonly isAdministrator: boolean;
  readonly rights: EffectiveRights;
  readonly sessionId: string;
}

export interface DocumentToken {
  readonly token: string;
  /** Milliseconds since 1970, with a fraction: a thousandth of it is the claim `exp`. */
  readonly expiresAt: number;
}

export type TokenFault = "missing" | "invalid" | "expired";
export type VerifyResult = { readonly user: DocumentUser } | { readonly fault: TokenFault };

/** Milliseconds. */
const lifetime = 3_600_000;
const algorithm = "HS256";
/** Of one session; more than anybody needs at a time, and few enough for the table. */
const maxTokens = 100;
const maxAttempts = 4;

/**
 * The tokens of the documents protocol: a name and a time, signed. They say nothing of what somebody may do, which is looked
 * up every time. A token ends with its hour, with its session and with the user's password.
 */
export class DocumentTokens {
  readonly #options: DocumentTokensOptions;

  constructor(options: DocumentTokensOptions) {
    this.#options = options;
  }

  /** Opens a session of its own for a client. @throws {PicketError} what `Authentication.signIn` throws */
  async signIn(
    credentials: Credentials,
    origin: SignInOrigin,
  ): Promise<DocumentToken & { readonly user: DocumentUser }> {
    const { authentication, sessions } = this.#options;
    const user = await authentication.signIn(credentials, origin);
    const { id } = await sessions.open(user, { kind: "documents", origin, lifetime });
    return { ...(await this.#issue(user, id)), user: await this.#toDocumentUser(user, id) };
  }

  /**
   * A token for somebody who is signed in at the console, bound to that session.
   *
   * @throws {PicketError} `UNAUTHORIZED` without a session, or when it ended
   */
  async issueFor({
    userId,
    sessionId,
  }: Pick<Principal, "userId" | "sessionId">): Promise<DocumentToken & { readonly username: string }> {
    const user = await this.#options.users.get(userId);
    if (user === undefined || sessionId === undefined) throw new PicketError("UNAUTHORIZED");
    return { ...(await this.#issue(user, sessionId)), username: user.username };
  }

  /** A token for a further hour; the one before stays good until its end. @throws {PicketError} `UNAUTHORIZED`, its details the fault */
  async refresh(username: string, token: string): Promise<DocumentToken> {
    const verified = await this.#verify(username, token);
    if ("fault" in verified) throw new PicketError("UNAUTHORIZED", { details: verified.fault });
    return this.#issue(verified.user, verified.sessionId);
  }

  /** Whose token this is now, with what they may do now. */
  async verify(username: string, token: string): Promise<VerifyResult> {
    const verified = await this.#verify(username, token);
    if ("fault" in verified) return verified;
    return { user: await this.#toDocumentUser(verified.user, verified.sessionId) };
  }

  async #verify(
    username: string,
    token: string,
  ): Promise<{ readonly user: User; readonly sessionId: string } | { readonly fault: TokenFault }> {
    if (username === "" || token === "") return { fault: "missing" };
    const { database, clock, users } = this.#options;
    const row = await database.kysely
      .selectFrom("document_tokens")
      .innerJoin("sessions", "sessions.id", "document_tokens.session_id")
      .innerJoin("users", "users.id", "sessions.user_id")
      .selectAll("users")
      .select("sessions.id as session_id")
      .where("token_hash", "=", hashSecret(token))
      .where("username", "=", username)
      .where("sessions.revoked_at", "is", null)
      .where("sessions.expires_at", ">", clock.wallTime())
      .executeTakeFirst();
    const user = row === undefined ? await users.find(username) : toUser(row);
    if (user === undefined) return { fault: "invalid" };
    const fault = await this.#faultOf(user, token);
    if (fault !== undefined || row === undefined) return { fault: fault ?? "invalid" };
    return { user, sessionId: row.session_id };
  }

  async #faultOf(user: User, token: string): Promise<TokenFault | undefined> {
    const now = this.#options.clock.wallTime();
    try {
      const { payload } = await jwtVerify(token, this.#keyOf(user), {
        algorithms: [algorithm],
        currentDate: new Date(now),
        requiredClaims: ["username", "exp"],
      });
      if (payload["username"] !== user.username) return "invalid";
      return payload.exp !== undefined && payload.exp * 1000 > now ? undefined : "expired";
    } catch (error) {
      return error instanceof errors.JWTExpired ? "expired" : "invalid";
    }
  }

  /** @throws {PicketError} `UNAUTHORIZED` when the session ended, or is somebody else's */
  async #issue(user: User, sessionId: string): Promise<DocumentToken> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const issued = await this.#tryToIssue(user, sessionId);
      if (issued !== undefined) return issued;
    }
    throw new PicketError("UNAUTHORIZED");
  }

  /** Undefined where there is no such session, or by chance the same token was made in the same moment. */
  async #tryToIssue(user: User, sessionId: string): Promise<DocumentToken | undefined> {
    const { database, clock } = this.#options;
    const { kysely } = database;
    const now = clock.wallTime();
    // The fraction of a millisecond tells two tokens of one moment apart.
    const expiresAt = now + lifetime + Math.random();
    const token = await new SignJWT({ username: user.username, exp: expiresAt / 1000 })
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .sign(this.#keyOf(user));
    const [inserted] = await database.transact([
      kysely
        .insertInto("document_tokens")
        .columns(["token_hash", "session_id", "expires_at"])
        .expression(
          kysely
            .selectFrom("sessions")
            .select(({ val }) => [
              val(hashSecret(token)).as("token_hash"),
              "sessions.id as session_id",
              val(Math.ceil(expiresAt)).as("expires_at"),
            ])
            .where("id", "=", sessionId)
            .where("user_id", "=", user.id)
            .where("revoked_at", "is", null),
        )
        .onConflict((conflict) => conflict.doNothing()),
      kysely
        .updateTable("sessions")
        .set({ used_at: now, expires_at: Math.ceil(expiresAt) })
        .where("id", "=", sessionId)
        .where("kind", "=", "documents")
        .where("revoked_at", "is", null),
      kysely.deleteFrom("document_tokens").where("expires_at", "<", now),
      kysely
        .deleteFrom("document_tokens")
        .where("session_id", "=", sessionId)
        .where("token_hash", "not in", (query) =>
          query
            .selectFrom("document_tokens as newest")
            .select("newest.token_hash")
            .where("newest.session_id", "=", sessionId)
            // The row last written, of those that end in the same moment.
            .orderBy(sql`newest.rowid`, "desc")
            .limit(maxTokens),
        ),
    ]);
    return inserted?.changes === 1 ? { token, expiresAt } : undefined;
  }

  async #toDocumentUser(user: User, sessionId: string): Promise<DocumentUser> {
    return {
      userId: user.id,
      username: user.username,
      isAdministrator: user.role === "administrator",
      rights: await this.#options.permissions.of(user.id),
      sessionId,
    };
  }

  /** Another key with another password: whatever was signed before is worth nothing. */
  #keyOf({ id, passwordChangedAt }: User): Uint8Array {
    return createHmac("sha256", this.#options.signingKey).update(`documents\n${id}\n${passwordChangedAt}`).digest();
  }
}
