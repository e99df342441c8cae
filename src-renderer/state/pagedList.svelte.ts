import type { Disposable } from "../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import type { Link } from "./link.svelte.ts";

export interface PagedListOptions<T> {
  readonly link: Link;
  /** @param last the one before the page; undefined: the newest page */
  readonly ask: (last: T | undefined, limit: number) => Promise<readonly T[]>;
  /** Whether an error says that nothing fits. @default none does */
  readonly meansNothing?: (error: PicketError) => boolean;
}

const pageSize = 100;

/** What the core keeps, newest first, a page at a time. The answer to a question that was asked anew meanwhile is not shown. */
export class PagedList<T> implements Disposable {
  readonly #options: PagedListOptions<T>;
  readonly #ready: Disposable;
  #generation = 0;
  #items = $state.raw<readonly T[]>([]);
  #more = $state(false);
  #loaded = $state(false);
  #loading = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(options: PagedListOptions<T>) {
    this.#options = options;
    this.#ready = options.link.onReady(() => void this.reload());
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** There are older ones. */
  get more(): boolean {
    return this.#more;
  }

  /** An answer was there at least once. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get loading(): boolean {
    return this.#loading;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** More than the newest page is shown. */
  get isDeep(): boolean {
    return this.#items.length > pageSize;
  }

  /** From the newest on. */
  reload(): Promise<void> {
    return this.#load(undefined);
  }

  /** The next page of older ones. */
  async loadMore(): Promise<void> {
    const last = this.#items.at(-1);
    if (last !== undefined && !this.#loading) await this.#load(last);
  }

  dispose(): void {
    this.#generation += 1;
    this.#ready.dispose();
  }

  async #load(last: T | undefined): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#loading = true;
    try {
      const page = await this.#options.ask(last, pageSize);
      if (generation !== this.#generation) return;
      this.#items = last === undefined ? page : [...this.#items, ...page];
      this.#more = page.length === pageSize;
      this.#loaded = true;
      this.#error = undefined;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      this.#fail(toPicketError(thrown));
    }
    this.#loading = false;
  }

  #fail(error: PicketError): void {
    if (this.#options.meansNothing?.(error) === true) {
      this.#items = [];
      this.#more = false;
      this.#error = undefined;
    } else if (error.code !== "PEER_LOST") {
      // A lost link is no fault of the list: the banner tells it for all.
      this.#error = error;
    }
  }
}
