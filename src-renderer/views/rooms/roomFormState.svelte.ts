import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { ResultOf } from "../../../src-main/protocols/machines/messages.ts";
import type { Link } from "../../state/link.svelte.ts";
import { type Lifetime, lifetimes } from "../enrolment/enrolmentForm.svelte.ts";

export type MadeRoom = ResultOf<"room-create">;

export const mostClients = 100_000;

/** The form that makes a room. */
export class RoomFormState {
  readonly #link: Link;
  name = $state("");
  /** Undefined: any number. */
  maxClients = $state<number | null | undefined>();
  lifetime = $state<Lifetime>("week");
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();
  #made = $state.raw<MadeRoom | undefined>();

  constructor(link: Link) {
    this.#link = link;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** The newest room; the text of its token is nowhere else. */
  get made(): MadeRoom | undefined {
    return this.#made;
  }

  async submit(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#error = undefined;
    const name = this.name.trim();
    try {
      this.#made = await this.#link.request("room-create", {
        ...(name === "" ? {} : { name }),
        maxClients: this.maxClients ?? null,
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
    this.maxClients = undefined;
  }
}
