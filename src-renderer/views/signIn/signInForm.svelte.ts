import { PicketError } from "../../../src-main/base/errors.ts";
import { CoreUnreachableError } from "../../platform/platform.ts";
import type { Session } from "../../state/session.svelte.ts";
import type { Ticker } from "../../state/ticker.svelte.ts";

export type SignInFault =
  | { readonly kind: "wrong" }
  | { readonly kind: "unreachable" }
  /** Until a moment on the ticker's clock nobody is let in. */
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "other"; readonly error: PicketError };

/** The form that lets somebody in. */
export class SignInForm {
  readonly #session: Session;
  readonly #ticker: Ticker;
  username = $state("");
  password = $state("");
  #busy = $state(false);
  #fault = $state.raw<SignInFault | undefined>();

  constructor(session: Session, ticker: Ticker) {
    this.#session = session;
    this.#ticker = ticker;
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

  /** Returns whether it let somebody in. */
  async submit(): Promise<boolean> {
    if (this.#busy || this.wait > 0) return false;
    this.#busy = true;
    this.#fault = undefined;
    try {
      await this.#session.signIn(this.username, this.password);
      return true;
    } catch (error) {
      this.#fault = this.#faultOf(error);
      this.password = "";
      return false;
    } finally {
      this.#busy = false;
    }
  }

  #faultOf(error: unknown): SignInFault {
    if (!(error instanceof PicketError)) {
      if (error instanceof CoreUnreachableError) return { kind: "unreachable" };
      return { kind: "other", error: new PicketError("INTERNAL_ERROR", { cause: error }) };
    }
    if (error.code === "INVALID_CREDENTIALS") return { kind: "wrong" };
    if (error.code !== "RATE_LIMITED") return { kind: "other", error };
    const seconds = Number(error.details);
    return { kind: "wait", until: this.#ticker.coreTime() + (Number.isFinite(seconds) ? seconds : 30) * 1000 };
  }
}
