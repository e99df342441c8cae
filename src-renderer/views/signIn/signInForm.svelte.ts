import { PicketError } from "../../../src-main/base/errors.ts";
import { CoreUnreachableError, type SignInCredentials } from "../../platform/platform.ts";
import type { Session } from "../../state/session.svelte.ts";
import type { Ticker } from "../../state/ticker.svelte.ts";

export type SignInFault =
  | { readonly kind: "wrong" | "wrong-code" | "differs" | "same" | "unreachable" }
  /** Until a moment on the ticker's clock nobody is let in. */
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "other"; readonly error: PicketError };

/** What is asked for: name and password, then perhaps the code of the second factor, or a new password. */
export type SignInStep = "password" | "code" | "new-password";
/** Why there must be a new password. */
export type RenewReason = "asked" | "policy" | "expired";

/** The form that lets somebody in. */
export class SignInForm {
  readonly #session: Session;
  readonly #ticker: Ticker;
  username = $state("");
  password = $state("");
  code = $state("");
  newPassword = $state("");
  newPasswordAgain = $state("");
  #step = $state<SignInStep>("password");
  /** With the new password the code is asked for as well. */
  #codeNeeded = $state(false);
  #reason = $state<RenewReason>("asked");
  #busy = $state(false);
  #fault = $state.raw<SignInFault | undefined>();

  constructor(session: Session, ticker: Ticker) {
    this.#session = session;
    this.#ticker = ticker;
  }

  get step(): SignInStep {
    return this.#step;
  }

  get codeNeeded(): boolean {
    return this.#codeNeeded;
  }

  get reason(): RenewReason {
    return this.#reason;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get fault(): SignInFault | undefined {
    return this.#fault;
  }

  /** Seconds that are left to wait. */
  get wait(): number {
    if (this.#fault?.kind !== "wait") return 0;
    return Math.max(0, Math.ceil((this.#fault.until - this.#ticker.now) / 1000));
  }

  /** To name and password, as if nothing had been asked. */
  back(): void {
    this.#fault = undefined;
    this.#toStart();
  }

  /** Returns whether it let somebody in. */
  async submit(): Promise<boolean> {
    if (this.#busy || this.wait > 0) return false;
    this.#busy = true;
    this.#fault = undefined;
    try {
      await this.#send();
      return true;
    } catch (error) {
      this.#take(error);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  async #send(): Promise<void> {
    const credentials: SignInCredentials = {
      username: this.username,
      password: this.password,
      code: this.#codeNeeded ? this.code.trim() : undefined,
    };
    if (this.#step !== "new-password") return this.#session.signIn(credentials);
    if (this.newPassword !== this.newPasswordAgain) throw new DifferentPasswords();
    return this.#session.signInWithNewPassword(credentials, this.newPassword);
  }

  #take(error: unknown): void {
    if (error instanceof PicketError && error.code === "TWO_FACTOR_REQUIRED") {
      this.#codeNeeded = true;
      if (this.#step === "password") this.#step = "code";
      return;
    }
    if (error instanceof PicketError && error.code === "PASSWORD_CHANGE_REQUIRED") {
      this.#reason = error.details === "policy" || error.details === "expired" ? error.details : "asked";
      this.#step = "new-password";
      return;
    }
    this.#fault = this.#faultOf(error);
    this.code = "";
    if (this.#fault.kind === "wrong" || this.#step === "password") this.#toStart();
  }

  #toStart(): void {
    this.#step = "password";
    this.#codeNeeded = false;
    this.password = "";
    this.code = "";
    this.newPassword = "";
    this.newPasswordAgain = "";
  }

  #faultOf(error: unknown): SignInFault {
    if (error instanceof DifferentPasswords) return { kind: "differs" };
    if (!(error instanceof PicketError)) {
      if (error instanceof CoreUnreachableError) return { kind: "unreachable" };
      return { kind: "other", error: new PicketError("INTERNAL_ERROR", { cause: error }) };
    }
    if (error.code === "INVALID_CREDENTIALS") return { kind: error.details === "code" ? "wrong-code" : "wrong" };
    if (error.code === "CONFLICT" && this.#step === "new-password") return { kind: "same" };
    if (error.code !== "RATE_LIMITED") return { kind: "other", error };
    const seconds = Number(error.details);
    return { kind: "wait", until: this.#ticker.coreTime() + (Number.isFinite(seconds) ? seconds : 30) * 1000 };
  }
}

class DifferentPasswords extends Error {}
