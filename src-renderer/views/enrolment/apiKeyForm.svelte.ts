import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { ResultOf } from "../../../src-main/protocols/machines/messages.ts";
import type { Link } from "../../state/link.svelte.ts";

export type MadeApiKey = ResultOf<"api-key-create">;

/** The form that makes the API key of a server. */
export class ApiKeyForm {
  readonly #link: Link;
  server = $state("");
  group = $state("");
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();
  #made = $state.raw<MadeApiKey | undefined>();

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

  /** Its text is nowhere else. */
  get made(): MadeApiKey | undefined {
    return this.#made;
  }

  async submit(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#error = undefined;
    try {
      const server = this.server.trim();
      this.#made = await this.#link.request("api-key-create", { server, group: this.group.trim() });
    } catch (error) {
      this.#error = toPicketError(error);
    } finally {
      this.#busy = false;
    }
  }
}
