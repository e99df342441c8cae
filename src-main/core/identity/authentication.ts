import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import { TokenBucket } from "../../base/tokenBucket.ts";
import type { AuditLog } from "../audit/auditLog.ts";
import { isPasswordExpired, type PasswordPolicy, passwordFaults } from "./passwordPolicy.ts";
import type { Principal } from "./principal.ts";
import type { SignInThrottle } from "./signInThrottle.ts";
import type { TwoFactor } from "./twoFactor.ts";
import type { User, Users } from "./users.ts";

export interface AuthenticationOptions {
  readonly clock: Clock;
  readonly users: Users;
  readonly twoFactor: TwoFactor;
  readonly throttle: SignInThrottle;
  readonly audit: AuditLog;
  readonly policy: PasswordPolicy;
}

/** Where a sign-in comes from; shown in the list of sessions. */
export interface SignInOrigin {
  readonly address: string;
  readonly userAgent: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A code of the second factor, or a backup code. */
  readonly code?: string | undefined;
}

/**
 * Whoever tells a refused stranger so over a connection waits this long first, in milliseconds and only on that connection:
 * `await sleep(core.clock, refusalDelay)` before the answer to `INVALID_CREDENTIALS`. Nothing in the core waits: a timer
 * holds no worker, and the lock after too many failures is kept by the throttle, whoever waits or not.
 */
export const refusalDelay = 3000;

/** Passwords are checked on purpose slowly: so many at a time, and the rest is asked to come back. */
const maxVerifying = 8;
/** Refused sign-ins that are written to the audit log, per second. */
const auditedRefusals = { rate: 1 / 6, burst: 20 };

/** Finds out whether people are who they say, by password and second factor, and ends guessing. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #refusals: TokenBucket;
  #verifying = 0;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#refusals = new TokenBucket(options.clock, auditedRefusals);
  }

  /**
   * The user with these credentials, who may come in now. In this order, as long for an unknown name as for a wrong
   * password:
   *
   * @throws {PicketError} `RATE_LIMITED` with the seconds to wait in its details; `INVALID_CREDENTIALS`;
   *   `PASSWORD_CHANGE_REQUIRED`, its details `asked`, `policy` (not as asked for today) or `expired`;
   *   `TWO_FACTOR_REQUIRED` when the code is missing; `INVALID_CREDENTIALS` with the details `code` when it is wrong
   */
  signIn(credentials: Credentials, origin: SignInOrigin): Promise<User> {
    return this.#check(credentials, origin, (user) => this.#requireLastingPassword(user, credentials.password));
  }

  /**
   * The same for somebody who comes to change the password, so that it may be one that has to be changed.
   *
   * @throws {PicketError} as `signIn`, but for `PASSWORD_CHANGE_REQUIRED`
   */
  identify(credentials: Credentials, origin: SignInOrigin): Promise<User> {
    return this.#check(credentials, origin, () => {});
  }

  /** Whether a signed-in user knows its password; guessing ends as at the sign-in. @throws {PicketError} `RATE_LIMITED` */
  confirmPassword({ username, userId }: Pick<Principal, "username" | "userId">, password: string): Promise<boolean> {
    return this.#confirm(userId, username, async () => {
      const user = await this.#slowly(() => this.#options.users.authenticate(username, password));
      return user?.id === userId;
    });
  }

  /** Whether a signed-in user has the second factor; a code is used up by that. @throws {PicketError} `RATE_LIMITED` */
  confirmCode({ username, userId }: Pick<Principal, "username" | "userId">, code: string): Promise<boolean> {
    return this.#confirm(userId, username, () => this.#options.twoFactor.verify(userId, code));
  }

  async #check(
    { username, password, code }: Credentials,
    origin: SignInOrigin,
    requirePassword: (user: User) => void,
  ): Promise<User> {
    const { users, twoFactor } = this.#options;
    const attempt = this.#begin(username, origin.address);
    try {
      const user = await this.#slowly(() => users.authenticate(username, password));
      if (user === undefined) throw new PicketError("INVALID_CREDENTIALS");
      requirePassword(user);
      if (user.twoFactor) {
        if (code === undefined) throw new PicketError("TWO_FACTOR_REQUIRED");
        if (!(await twoFactor.verify(user.id, code))) {
          throw new PicketError("INVALID_CREDENTIALS", { message: "The code is wrong.", details: "code" });
        }
      }
      attempt.succeeded();
      return user;
    } catch (error) {
      if (error instanceof PicketError && error.code === "INVALID_CREDENTIALS") {
        attempt.failed();
        await this.#recordRefusal(username, origin);
      } else attempt.withdraw();
      throw error;
    }
  }

  async #confirm(userId: string, username: string, check: () => Promise<boolean>): Promise<boolean> {
    // An address of its own: guessing at the sign-in from elsewhere keeps nobody from this, nor the other way round.
    const attempt = this.#begin(username, `signed in ${userId}`);
    try {
      const confirmed = await check();
      if (confirmed) attempt.succeeded();
      else attempt.failed();
      return confirmed;
    } catch (error) {
      attempt.withdraw();
      throw error;
    }
  }

  #begin(username: string, address: string) {
    const { throttle } = this.#options;
    const wait = throttle.waitTime(username, address);
    if (wait > 0) throw new PicketError("RATE_LIMITED", { details: `${Math.ceil(wait / 1000)}` });
    return throttle.begin(username, address);
  }

  async #slowly<T>(check: () => Promise<T>): Promise<T> {
    if (this.#verifying >= maxVerifying) throw new PicketError("RATE_LIMITED", { details: "1" });
    this.#verifying += 1;
    try {
      return await check();
    } finally {
      this.#verifying -= 1;
    }
  }

  #requireLastingPassword(user: User, password: string): void {
    const { policy, clock } = this.#options;
    const refuse = (why: string): never => {
      throw new PicketError("PASSWORD_CHANGE_REQUIRED", { details: why });
    };
    if (user.mustChangePassword) refuse("asked");
    if (passwordFaults(policy, password) !== undefined) refuse("policy");
    if (isPasswordExpired(policy, user.passwordChangedAt, clock.wallTime())) refuse("expired");
  }

  async #recordRefusal(username: string, origin: SignInOrigin): Promise<void> {
    // Guessing must not fill the log: what is left out is more of the same.
    if (!this.#refusals.take()) return;
    const target = username.slice(0, 64);
    await this.#options.audit.append({
      actor: target,
      action: "session-create",
      target,
      outcome: "refused",
      details: { ...origin },
    });
  }
}
