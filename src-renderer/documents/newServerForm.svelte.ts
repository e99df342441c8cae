import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import type { ResultOf } from "../../src-main/protocols/machines/messages.ts";
import type { Link } from "../state/link.svelte.ts";

/** The form that adds somebody else's documents server: it is looked at first, and taken then. */
export class NewServerForm {
  readonly #link: Link;
  name = $state("");
  /** Only this very certificate is accepted from then on. */
  pin = $state(true);
  #url = $state("");
  #found = $state.raw<ResultOf<"document-server-check"> | undefined>();
  #busy = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(link: Link) {
    this.#link = link;
  }

  get url(): string {
    return this.#url;
  }

  /** What the core saw there; undefined until it has looked at this address. */
  get found(): ResultOf<"document-server-check"> | undefined {
    return this.#found;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  get isReady(): boolean {
    return this.#url.trim() !== "" && (this.#found === undefined || this.name.trim() !== "");
  }

  /** Another address is another server: it has to be looked at anew. */
  setUrl(url: string): void {
    this.#url = url;
    this.#found = undefined;
    this.#error = undefined;
  }

  async check(): Promise<void> {
    await this.#run(async () => {
      const url = this.#url.trim();
      const found = await this.#link.request("document-server-check", { url });
      if (url !== this.#url.trim()) return;
      this.#found = found;
      // A certificate that nobody vouches for can only be known by its fingerprint.
      this.pin = !found.trusted && found.fingerprint !== null;
      if (this.name.trim() === "") this.name = found.serverName.slice(0, 64);
    });
  }

  /** Returns whether it is done. */
  async add(): Promise<boolean> {
    const found = this.#found;
    if (found === undefined) return false;
    return this.#run(async () => {
      await this.#link.request("document-server-add", {
        name: this.name.trim(),
        url: this.#url.trim(),
        fingerprint: this.pin ? found.fingerprint : null,
      });
    });
  }

  async #run(work: () => Promise<void>): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    this.#error = undefined;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.#error = toPicketError(thrown);
      return false;
    } finally {
      this.#busy = false;
    }
  }
}
