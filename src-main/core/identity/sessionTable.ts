import type { Selectable } from "kysely";
import type { Clock } from "../../base/clock.ts";
import type { Database } from "../../store/database.ts";
import type { SessionsTable } from "../../store/tables.ts";
import type { SignInOrigin } from "./authentication.ts";
import { hashSecret } from "./secrets.ts";
import type { User } from "./users.ts";

export type SessionKind = "console" | "documents";

export interface NewSession {
  readonly id: string;
  readonly kind: SessionKind;
  readonly user: User;
  readonly origin: SignInOrigin;
  /** Of the refresh token. */
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The sessions in the database. */
export class SessionTable {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /**
   * Writes a new session down, and that its user signed in.
   *
   * @returns false when the user's password was changed since it was looked at, or the user is gone: in one statement, so
   *   that whoever came with the old password while it was changed does not stay
   */
  async insert({ id, kind, user, origin, secret, expiresAt }: NewSession): Promise<boolean> {
    const { kysely } = this.#database;
    const now = this.#clock.wallTime();
    const [inserted] = await this.#database.transact([
      kysely
        .insertInto("sessions")
        .columns([
          "id",
          "kind",
          "user_id",
          "refresh_hash",
          "created_at",
          "used_at",
          "expires_at",
          "revoked_at",
          "address",
          "user_agent",
        ])
        .expression(
          kysely
            .selectFrom("users")
            .select(({ val, ref }) => [
              val(id).as("id"),
              val(kind).as("kind"),
              ref("users.id").as("user_id"),
              val(hashSecret(secret)).as("refresh_hash"),
              val(now).as("created_at"),
              val(now).as("used_at"),
              val(expiresAt).as("expires_at"),
              val(null).as("revoked_at"),
              val(origin.address).as("address"),
              val(origin.userAgent.slice(0, 256)).as("user_agent"),
            ])
            .where("users.id", "=", user.id)
            .where(({ eb, fn, ref, val }) =>
              eb(fn.coalesce(ref("password_changed_at"), ref("users.created_at")), "=", val(user.passwordChangedAt)),
            ),
        ),
      kysely.updateTable("users").set({ last_login_at: now }).where("id", "=", user.id),
      // What ended long ago is of no use to anybody.
      kysely.deleteFrom("sessions").where("expires_at", "<", now),
    ]);
    return inserted?.changes === 1;
  }

  /** A session in force. */
  async find(id: string): Promise<Selectable<SessionsTable> | undefined> {
    return this.#inForce().where("id", "=", id).executeTakeFirst();
  }

  /** A user's sessions in force, the one used last first. */
  async list(userId: string): Promise<readonly Selectable<SessionsTable>[]> {
    return this.#inForce().where("user_id", "=", userId).orderBy("used_at", "desc").execute();
  }

  /** Gives a session its next refresh token. False when another one came with the same token, or it ended. */
  async replaceSecret(
    session: Selectable<SessionsTable>,
    next: { readonly secret: string; readonly expiresAt: number },
  ): Promise<boolean> {
    const [result] = await this.#database.transact([
      this.#database.kysely
        .updateTable("sessions")
        .set({ refresh_hash: hashSecret(next.secret), used_at: this.#clock.wallTime(), expires_at: next.expiresAt })
        .where("id", "=", session.id)
        .where("revoked_at", "is", null)
        .where("refresh_hash", "=", session.refresh_hash),
    ]);
    return result?.changes === 1;
  }

  /** False when it had ended. */
  async revoke(id: string): Promise<boolean> {
    const [result] = await this.#database.transact([
      this.#database.kysely
        .updateTable("sessions")
        .set({ revoked_at: this.#clock.wallTime() })
        .where("id", "=", id)
        .where("revoked_at", "is", null),
    ]);
    return result?.changes === 1;
  }

  #inForce() {
    return this.#database.kysely
      .selectFrom("sessions")
      .selectAll()
      .where("revoked_at", "is", null)
      .where("expires_at", ">", this.#clock.wallTime());
  }
}
