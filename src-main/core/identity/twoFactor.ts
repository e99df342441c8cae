import { randomBytes } from "node:crypto";
import type { Compilable } from "kysely";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { SecretBox } from "./secretBox.ts";
import { matchingStep, newTotpSecret, stepAt, totpUri } from "./totp.ts";

export interface TwoFactorOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly box: SecretBox;
}

export interface TwoFactorSetUp {
  /** Base32, 32 characters. */
  readonly secret: string;
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string;
  /** Ten codes of eight hex digits: shown now and never again. */
  readonly backupCodes: readonly string[];
}

export interface TwoFactorStatus {
  readonly enabled: boolean;
  /** A secret was shown, and no code of it was seen yet. */
  readonly pending: boolean;
  readonly backupCodesLeft: number;
}

const backupCodeCount = 10;

/**
 * The second factor: codes of an authenticator app (TOTP), and backup codes for when it is lost. The secret is sealed, the
 * backup codes are only recognised; a code works once, whoever comes with it in the same moment.
 */
export class TwoFactor {
  readonly #options: TwoFactorOptions;

  constructor(options: TwoFactorOptions) {
    this.#options = options;
  }

  /**
   * Makes a secret, in the place of one that was not confirmed. Signing in does not ask for it before `confirm`.
   *
   * @param issuer what the authenticator shows beside the name
   * @throws {PicketError} `USER_NOT_FOUND`, `CONFLICT` when it is on
   */
  async setUp(userId: string, issuer = "Picket"): Promise<TwoFactorSetUp> {
    const { database, box } = this.#options;
    const { kysely } = database;
    const user = await this.#read(userId);
    const secret = newTotpSecret();
    const backupCodes = Array.from({ length: backupCodeCount }, () => randomBytes(4).toString("hex"));
    const [changed] = await database.transact([
      kysely
        .updateTable("users")
        .set({ totp_secret: box.seal(sealedFor(userId), secret), totp_last_step: null })
        .where("id", "=", userId)
        .where("totp_confirmed_at", "is", null),
      // Only where the statement before this one did something: a factor that is on keeps its codes.
      kysely.deleteFrom("user_backup_codes").where("user_id", "in", this.#pending(userId)),
      ...[...new Set(backupCodes)].map((code) => this.#insertBackupCode(userId, code)),
    ]);
    if (changed?.changes !== 1) throw new PicketError("CONFLICT", { message: "The second factor is on." });
    return { secret, uri: totpUri({ secret, issuer, username: user.username }), backupCodes };
  }

  /**
   * Turns the second factor on, once a code shows that the authenticator has the secret.
   *
   * @throws {PicketError} `USER_NOT_FOUND`, `CONFLICT` when none is being set up (details `not set up`) or it is on
   *   (`enabled`), `INVALID_CREDENTIALS` for a wrong code
   */
  async confirm(userId: string, code: string): Promise<void> {
    const { database, bus, clock } = this.#options;
    const user = await this.#read(userId);
    if (user.totp_confirmed_at !== null) {
      throw new PicketError("CONFLICT", { message: "The second factor is on.", details: "enabled" });
    }
    if (user.totp_secret === null) {
      throw new PicketError("CONFLICT", { message: "The second factor was not set up.", details: "not set up" });
    }
    const step = this.#stepOf(userId, user.totp_secret, code);
    if (step === undefined) throw new PicketError("INVALID_CREDENTIALS", { message: "The code is wrong." });
    const [changed] = await database.transact([
      database.kysely
        .updateTable("users")
        .set({ totp_confirmed_at: clock.wallTime(), totp_last_step: step })
        .where("id", "=", userId)
        .where("totp_confirmed_at", "is", null)
        // Set up anew meanwhile, it has another secret, of which nobody has shown a code.
        .where("totp_secret", "=", user.totp_secret),
    ]);
    if (changed?.changes !== 1) throw new PicketError("CONFLICT", { message: "The second factor was set up anew." });
    bus.publish("user-changed", { userId });
  }

  /** Turns it off and forgets its secret. @throws {PicketError} `USER_NOT_FOUND`, `CONFLICT` when it is not on */
  async disable(userId: string): Promise<void> {
    const user = await this.#read(userId);
    if (user.totp_confirmed_at === null) throw new PicketError("CONFLICT", { message: "The second factor is off." });
    await this.#forget(userId);
    this.#options.bus.publish("user-changed", { userId });
  }

  /** @throws {PicketError} `USER_NOT_FOUND`, `CONFLICT` when none is being set up */
  async cancelSetUp(userId: string): Promise<void> {
    const user = await this.#read(userId);
    if (user.totp_secret === null || user.totp_confirmed_at !== null) {
      throw new PicketError("CONFLICT", { message: "No second factor is being set up." });
    }
    await this.#forget(userId);
  }

  /** @throws {PicketError} `USER_NOT_FOUND` */
  async status(userId: string): Promise<TwoFactorStatus> {
    const user = await this.#read(userId);
    const { count } = await this.#options.database.kysely
      .selectFrom("user_backup_codes")
      .select((expression) => expression.fn.countAll<number>().as("count"))
      .where("user_id", "=", userId)
      .where("used_at", "is", null)
      .executeTakeFirstOrThrow();
    const enabled = user.totp_confirmed_at !== null;
    return { enabled, pending: !enabled && user.totp_secret !== null, backupCodesLeft: count };
  }

  /** Whether this is a code, or a backup code, of the user's second factor; it is used up by that. */
  async verify(userId: string, code: string): Promise<boolean> {
    const user = await this.#read(userId);
    if (user.totp_secret === null || user.totp_confirmed_at === null) return false;
    const text = code.replaceAll(/[\s-]/g, "");
    const step = this.#stepOf(userId, user.totp_secret, text);
    const [used] = await this.#options.database.transact([
      step === undefined ? this.#useBackupCode(userId, text.toLowerCase()) : this.#useStep(userId, step),
    ]);
    return used?.changes === 1;
  }

  #stepOf(userId: string, sealed: Uint8Array, code: string): number | undefined {
    const { box, clock } = this.#options;
    return matchingStep(box.unseal(sealedFor(userId), sealed), code, clock.wallTime());
  }

  #useStep(userId: string, step: number): Compilable {
    const { database, clock } = this.#options;
    return (
      database.kysely
        .updateTable("users")
        .set({ totp_last_step: step })
        .where("id", "=", userId)
        .where("totp_confirmed_at", "is not", null)
        // A step far ahead was taken while the clock was wrong: it must not keep the user out until that time comes.
        .where(({ eb, or }) =>
          or([
            eb("totp_last_step", "is", null),
            eb("totp_last_step", "<", step),
            eb("totp_last_step", ">", stepAt(clock.wallTime()) + 1),
          ]),
        )
    );
  }

  #useBackupCode(userId: string, code: string): Compilable {
    const { database, clock, box } = this.#options;
    return database.kysely
      .updateTable("user_backup_codes")
      .set({ used_at: clock.wallTime() })
      .where("user_id", "=", userId)
      .where("code_hash", "=", box.digest(sealedFor(userId), code))
      .where("used_at", "is", null);
  }

  #insertBackupCode(userId: string, code: string): Compilable {
    const { database, box } = this.#options;
    const hash = box.digest(sealedFor(userId), code);
    return database.kysely
      .insertInto("user_backup_codes")
      .columns(["user_id", "code_hash", "used_at"])
      .expression(
        this.#pending(userId).select((expression) => [
          expression.val(hash).as("code_hash"),
          expression.val(null).as("used_at"),
        ]),
      );
  }

  #pending(userId: string) {
    return this.#options.database.kysely
      .selectFrom("users")
      .select("id as user_id")
      .where("id", "=", userId)
      .where("totp_confirmed_at", "is", null);
  }

  async #forget(userId: string): Promise<void> {
    const { database } = this.#options;
    await database.transact([
      database.kysely
        .updateTable("users")
        .set({ totp_secret: null, totp_confirmed_at: null, totp_last_step: null })
        .where("id", "=", userId),
      database.kysely.deleteFrom("user_backup_codes").where("user_id", "=", userId),
    ]);
  }

  async #read(userId: string) {
    const row = await this.#options.database.kysely
      .selectFrom("users")
      .select(["username", "totp_secret", "totp_confirmed_at"])
      .where("id", "=", userId)
      .executeTakeFirst();
    if (row === undefined) throw new PicketError("USER_NOT_FOUND");
    return row;
  }
}

function sealedFor(userId: string): string {
  return `two-factor:${userId}`;
}
