import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import type { DocumentsAuditEntry } from "../../src-main/protocols/documents/messages/audit.ts";
import type { AdministrationDesk } from "./administrationDesk.ts";

const pageSize = 100;

/**
 * The audit of a documents server, newest first. Every look into it is written down as well: while pages are read, the
 * older ones move on by one each time, so what was seen before is passed over.
 */
export class AuditTrail {
  readonly #desk: AdministrationDesk;
  #filter: readonly string[] = [];
  #generation = 0;
  #entries = $state.raw<readonly DocumentsAuditEntry[]>([]);
  #total = $state<number | undefined>();
  #offset = 0;
  #ended = $state(false);
  #loading = $state(false);
  #error = $state.raw<PicketError | undefined>();

  constructor(desk: AdministrationDesk) {
    this.#desk = desk;
  }

  get entries(): readonly DocumentsAuditEntry[] {
    return this.#entries;
  }

  /** How many there are that fit, by the server's last word; undefined until it is known. */
  get total(): number | undefined {
    return this.#total;
  }

  get more(): boolean {
    return !this.#ended;
  }

  get loading(): boolean {
    return this.#loading;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** @param actions only these; none: all */
  async show(actions: readonly string[]): Promise<void> {
    this.#filter = actions;
    await this.#load(true);
  }

  async loadMore(): Promise<void> {
    if (!this.#loading && !this.#ended) await this.#load(false);
  }

  /**
   * Everything that fits, page by page, not only what is shown.
   *
   * @throws {PicketError}
   */
  async readAll(onProgress: (count: number) => void): Promise<readonly DocumentsAuditEntry[]> {
    const filters = [...this.#filter];
    let all: readonly DocumentsAuditEntry[] = [];
    for (let offset = 0; ; offset += pageSize) {
      const { total, entries } = await this.#desk.request("view_audit_logs", { offset, count: pageSize, filters });
      all = joined(all, entries);
      onProgress(all.length);
      if (entries.length === 0 || offset + entries.length >= total) return all;
    }
  }

  async #load(anew: boolean): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const offset = anew ? 0 : this.#offset;
    this.#loading = true;
    try {
      const page = { offset, count: pageSize, filters: [...this.#filter] };
      const { total, entries } = await this.#desk.request("view_audit_logs", page);
      if (generation !== this.#generation) return;
      this.#entries = joined(anew ? [] : this.#entries, entries);
      this.#total = total;
      this.#offset = offset + entries.length;
      this.#ended = entries.length === 0 || this.#offset >= total;
      this.#error = undefined;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      this.#error = toPicketError(thrown);
    }
    this.#loading = false;
  }
}

function joined(
  known: readonly DocumentsAuditEntry[],
  page: readonly DocumentsAuditEntry[],
): readonly DocumentsAuditEntry[] {
  const seen = new Set(known.map(({ id }) => id));
  return [...known, ...page.filter(({ id }) => !seen.has(id))];
}
