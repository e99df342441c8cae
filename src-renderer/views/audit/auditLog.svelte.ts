import { type Disposable, DisposableStore } from "../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../src-main/base/errors.ts";
import type { AuditRecord } from "../../../src-main/protocols/machines/messages/audit.ts";
import type { Link } from "../../state/link.svelte.ts";
import type { AuditQuery } from "./auditFilter.ts";

const pageSize = 100;
const exportPageSize = 500;

/** The records that fit a filter, newest first, a page at a time. */
export class AuditLog implements Disposable {
  readonly #link: Link;
  readonly #owned = new DisposableStore();
  #query: AuditQuery = {};
  #generation = 0;
  #records = $state.raw<readonly AuditRecord[]>([]);
  #more = $state(false);
  #loaded = $state(false);
  #loading = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(link: Link) {
    this.#link = link;
    this.#owned.add(link.onReady(() => void this.reload()));
  }

  get records(): readonly AuditRecord[] {
    return this.#records;
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

  /** Shows what fits another filter. */
  show(query: AuditQuery): void {
    this.#query = query;
    void this.reload();
  }

  /** From the newest on. */
  reload(): Promise<void> {
    return this.#load(undefined);
  }

  /** The next page of older ones. */
  async loadMore(): Promise<void> {
    const last = this.#records.at(-1);
    if (last !== undefined && !this.#loading) await this.#load(last.sequence);
  }

  /**
   * Everything that fits, page by page, not only what is shown.
   *
   * @throws {PicketError}
   */
  async readAll(onProgress: (count: number) => void): Promise<AuditRecord[]> {
    const query = this.#query;
    const all: AuditRecord[] = [];
    for (;;) {
      const before = all.at(-1)?.sequence;
      const page = await this.#ask(query, before, exportPageSize);
      all.push(...page);
      onProgress(all.length);
      if (page.length < exportPageSize) return all;
    }
  }

  dispose(): void {
    this.#generation += 1;
    this.#owned.dispose();
  }

  async #load(before: number | undefined): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#loading = true;
    try {
      const page = await this.#ask(this.#query, before, pageSize);
      if (generation !== this.#generation) return;
      this.#records = before === undefined ? page : [...this.#records, ...page];
      this.#more = page.length === pageSize;
      this.#loaded = true;
      this.#error = undefined;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      const error = toPicketError(thrown);
      // A lost link is no fault of the log: the banner tells it for all.
      if (error.code !== "PEER_LOST") this.#error = error;
    }
    this.#loading = false;
  }

  async #ask(query: AuditQuery, before: number | undefined, limit: number): Promise<AuditRecord[]> {
    const { records } = await this.#link.request("audit-list", {
      ...query,
      limit,
      ...(before === undefined ? {} : { before }),
    });
    return records;
  }
}
