import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { ResultOf } from "../../../src-main/protocols/machines/messages.ts";
import type { Link } from "../../state/link.svelte.ts";

/** The core recomputes every record: up to this many are no work worth asking for. */
const verifiedUnasked = 20_000;
/** A log of many years. */
const timeout = 10 * 60_000;

/** Whether the chain of the audit log is whole. */
export class ChainCheck {
  readonly #link: Link;
  #result = $state.raw<ResultOf<"audit-verify"> | undefined>();
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();
  #begun = false;

  constructor(link: Link) {
    this.#link = link;
  }

  get result(): ResultOf<"audit-verify"> | undefined {
    return this.#result;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** Verifies a short log without being asked, once. */
  records(count: number): void {
    if (this.#begun || count > verifiedUnasked) return;
    void this.verify();
  }

  async verify(): Promise<void> {
    const { client } = this.#link;
    if (this.#busy || client === undefined) return;
    this.#begun = true;
    this.#busy = true;
    this.#error = undefined;
    try {
      this.#result = await client.request("audit-verify", {}, { timeout });
    } catch (error) {
      this.#error = toPicketError(error);
    } finally {
      this.#busy = false;
    }
  }
}
