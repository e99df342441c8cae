import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { ResultOf } from "../../../src-main/protocols/machines/messages.ts";
import type { Link } from "../../state/link.svelte.ts";

export type TwoFactorSetUp = ResultOf<"two-factor-set-up">;

/** The own second factor: whether it is on, and the way there and back. */
export class TwoFactorDesk {
  readonly #link: Link;
  /** What is being set up: it came once and is nowhere else. */
  #setUp = $state.raw<TwoFactorSetUp | undefined>();
  #wrongCode = $state(false);
  #error = $state.raw<PicketError | undefined>();
  #busy = $state(false);
  code = $state("");

  constructor(link: Link) {
    this.#link = link;
  }

  get setUp(): TwoFactorSetUp | undefined {
    return this.#setUp;
  }

  get wrongCode(): boolean {
    return this.#wrongCode;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  get busy(): boolean {
    return this.#busy;
  }

  begin(): Promise<boolean> {
    return this.#run(async () => {
      this.#setUp = await this.#link.request("two-factor-set-up", {});
      this.code = "";
    });
  }

  /** Returns whether it is on now. */
  confirm(): Promise<boolean> {
    return this.#run(async () => {
      await this.#link.request("two-factor-confirm", { code: this.code.replaceAll(/\s/g, "") });
      this.#setUp = undefined;
    });
  }

  cancel(): Promise<boolean> {
    return this.#run(async () => {
      await this.#link.request("two-factor-cancel", {});
      this.#setUp = undefined;
    });
  }

  async #run(task: () => Promise<void>): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error = undefined;
    this.#wrongCode = false;
    try {
      await task();
      return true;
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (error.code === "INVALID_CREDENTIALS") this.#wrongCode = true;
      else this.#error = error;
      return false;
    } finally {
      this.#busy = false;
    }
  }
}
