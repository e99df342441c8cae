import { fullJitter } from "../../src-main/base/backoff.ts";
import type { Clock } from "../../src-main/base/clock.ts";
import type { Disposable } from "../../src-main/base/disposable.ts";
import { Emitter } from "../../src-main/base/emitter.ts";
import { PicketError } from "../../src-main/base/errors.ts";
import { CoreUnreachableError, type Grant, type SignInCredentials, type SignInGate } from "../platform/platform.ts";

export type SessionStatus = "starting" | "signed-out" | "signed-in";
/** Why somebody stands before the sign-in page who did not expect to. */
export type SessionNotice = "ended" | "link-used";

export interface SessionOptions {
  readonly gate: SignInGate;
  readonly clock: Clock;
  readonly onCoreTime: (time: number) => void;
}

/** A token is renewed this long before it ends. */
const renewBefore = 5 * 60_000;

/** Whether somebody is signed in here, with the token that proves it. The token is in memory and nowhere else. */
export class Session implements Disposable {
  readonly #options: SessionOptions;
  readonly #tokens = new Emitter<string>();
  #grant: { readonly token: string; readonly endsAt: number } | undefined;
  #renewing: Promise<string | undefined> | undefined;
  #timer: Disposable | undefined;
  #status = $state<SessionStatus>("starting");
  #unreachable = $state(false);
  #notice = $state.raw<SessionNotice | undefined>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** While starting: the core does not answer. */
  get unreachable(): boolean {
    return this.#unreachable;
  }

  get notice(): SessionNotice | undefined {
    return this.#notice;
  }

  /** Calls `listener` with every new token. */
  onToken(listener: (token: string) => void): Disposable {
    return this.#tokens.subscribe(listener);
  }

  /** Finds out who is here: by the ticket of a link, else by what an earlier visit left. */
  async start(ticket: string | undefined): Promise<void> {
    for (let attempt = 0; this.#status === "starting"; attempt += 1) {
      try {
        await this.#find(ticket);
      } catch (error) {
        if (!(error instanceof CoreUnreachableError)) {
          this.#signedOut(undefined);
          return;
        }
        this.#unreachable = true;
        await new Promise<void>((resolve) => {
          this.#timer = this.#options.clock.schedule(1_000 + fullJitter(attempt, { cap: 10_000 }), resolve);
        });
      }
    }
  }

  /** @throws {PicketError | CoreUnreachableError} */
  async signIn(credentials: SignInCredentials): Promise<void> {
    this.#take(await this.#options.gate.withPassword(credentials));
  }

  /** @throws {PicketError | CoreUnreachableError} */
  async signInWithNewPassword(credentials: SignInCredentials, newPassword: string): Promise<void> {
    this.#take(await this.#options.gate.withNewPassword(credentials, newPassword));
  }

  /** @throws {PicketError | CoreUnreachableError} the session lives on then, and so does what is on the screen */
  async signOut(): Promise<void> {
    await this.#options.gate.signOut();
    this.#signedOut(undefined);
  }

  /**
   * A token that is good now; undefined when nobody is signed in any more.
   *
   * @throws {PicketError | CoreUnreachableError}
   */
  async token(): Promise<string | undefined> {
    if (this.#grant !== undefined && this.#options.clock.monotonicTime() < this.#grant.endsAt) return this.#grant.token;
    return this.#renew();
  }

  /** The core did not take the token: the next one is a new one. */
  refused(): void {
    this.#grant = undefined;
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  async #find(ticket: string | undefined): Promise<void> {
    const { gate } = this.#options;
    let notice: SessionNotice | undefined;
    if (ticket !== undefined) {
      try {
        this.#take(await gate.withTicket(ticket));
        return;
      } catch (error) {
        if (!(error instanceof PicketError)) throw error;
        notice = "link-used";
      }
    }
    const grant = await gate.renew();
    if (grant === undefined) this.#signedOut(notice);
    else this.#take(grant);
  }

  #renew(): Promise<string | undefined> {
    this.#renewing ??= this.#options.gate
      .renew()
      .then((grant) => {
        if (grant === undefined) this.#signedOut(this.#status === "signed-in" ? "ended" : undefined);
        else this.#take(grant);
        return grant?.accessToken;
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  #take({ accessToken, validFor, coreTime }: Grant): void {
    const { clock, onCoreTime } = this.#options;
    this.#grant = { token: accessToken, endsAt: clock.monotonicTime() + validFor };
    this.#timer?.dispose();
    this.#timer = clock.schedule(Math.max(validFor - renewBefore, validFor / 2), () => {
      // When it fails, the link asks again as soon as it needs a token.
      this.#renew().catch(() => {});
    });
    if (coreTime !== undefined) onCoreTime(coreTime);
    this.#unreachable = false;
    this.#notice = undefined;
    this.#status = "signed-in";
    this.#tokens.emit(accessToken);
  }

  #signedOut(notice: SessionNotice | undefined): void {
    this.#grant = undefined;
    this.#timer?.dispose();
    this.#notice = notice;
    this.#unreachable = false;
    this.#status = "signed-out";
  }
}
