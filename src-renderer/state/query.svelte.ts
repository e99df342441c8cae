import type { Disposable } from "../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import type { MachinesClient } from "../../src-main/protocols/machines/client.ts";
import type { Link } from "./link.svelte.ts";

/**
 * Something that is asked of the core and shown: asked again when the link is back, kept while it is down. An answer to
 * an older question is dropped.
 */
export class Query<T> implements Disposable {
  readonly #link: Link;
  readonly #load: (client: MachinesClient) => Promise<T>;
  readonly #ready: Disposable;
  #generation = 0;
  #data = $state.raw<T | undefined>();
  #error = $state.raw<PicketError | undefined>();
  #loading = $state(true);

  constructor(link: Link, load: (client: MachinesClient) => Promise<T>) {
    this.#link = link;
    this.#load = load;
    this.#ready = link.onReady(() => void this.reload());
  }

  get data(): T | undefined {
    return this.#data;
  }

  /** Why there is no newer answer. A lost link is none: the banner tells it for all. */
  get error(): PicketError | undefined {
    return this.#error;
  }

  get loading(): boolean {
    return this.#loading;
  }

  /** Shows something else until the next answer. */
  set(data: T): void {
    this.#generation += 1;
    this.#data = data;
    this.#loading = false;
  }

  async reload(): Promise<void> {
    const { client } = this.#link;
    if (client === undefined) return;
    this.#generation += 1;
    const generation = this.#generation;
    this.#loading = true;
    try {
      const data = await this.#load(client);
      if (generation !== this.#generation) return;
      this.#data = data;
      this.#error = undefined;
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (generation !== this.#generation || error.code === "PEER_LOST") return;
      this.#error = error;
    }
    this.#loading = false;
  }

  dispose(): void {
    this.#generation += 1;
    this.#ready.dispose();
  }
}
