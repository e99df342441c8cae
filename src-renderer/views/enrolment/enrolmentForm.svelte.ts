import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { ResultOf } from "../../../src-main/protocols/machines/messages.ts";
import type { Link } from "../../state/link.svelte.ts";

const hour = 3_600_000;

export const lifetimes = {
  hour,
  day: 24 * hour,
  week: 7 * 24 * hour,
  month: 30 * 24 * hour,
  never: null,
} as const satisfies Record<string, number | null>;
export type Lifetime = keyof typeof lifetimes;

export const mostUses = 100_000;

export type MadeToken = ResultOf<"token-create">;

/** The form that makes an enrolment token. */
export class EnrolmentForm {
  readonly #link: Link;
  name = $state("");
  group = $state("");
  uses = $state<number | undefined>(1);
  lifetime = $state<Lifetime>("week");
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();
  #made = $state.raw<MadeToken | undefined>();

  /** @param group the one that is proposed */
  constructor(link: Link, group: string) {
    this.#link = link;
    this.group = group;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** The newest token; its text is nowhere else. */
  get made(): MadeToken | undefined {
    return this.#made;
  }

  async submit(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#error = undefined;
    const name = this.name.trim();
    try {
      this.#made = await this.#link.request("token-create", {
        ...(name === "" ? {} : { name }),
        group: this.group.trim(),
        uses: this.uses ?? 1,
        expiresIn: lifetimes[this.lifetime],
      });
    } catch (error) {
      this.#error = toPicketError(error);
    } finally {
      this.#busy = false;
    }
  }

  another(): void {
    this.#made = undefined;
    this.name = "";
  }
}
