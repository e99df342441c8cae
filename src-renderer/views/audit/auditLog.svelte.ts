import type { Disposable } from "../../../src-main/base/disposable.ts";
import type { AuditRecord } from "../../../src-main/protocols/machines/messages/audit.ts";
import type { Link } from "../../state/link.svelte.ts";
import { PagedList } from "../../state/pagedList.svelte.ts";
import type { AuditQuery } from "./auditFilter.ts";

const exportPageSize = 500;

/** The records that fit a filter. */
export class AuditLog implements Disposable {
  readonly list: PagedList<AuditRecord>;
  readonly #link: Link;
  #query: AuditQuery = {};

  constructor(link: Link) {
    this.#link = link;
    this.list = new PagedList({ link, ask: (last, limit) => this.#read(this.#query, last, limit) });
  }

  /** Shows what fits another filter. */
  show(query: AuditQuery): void {
    this.#query = query;
    void this.list.reload();
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
      const page = await this.#read(query, all.at(-1), exportPageSize);
      all.push(...page);
      onProgress(all.length);
      if (page.length < exportPageSize) return all;
    }
  }

  dispose(): void {
    this.list.dispose();
  }

  async #read(query: AuditQuery, last: AuditRecord | undefined, limit: number): Promise<AuditRecord[]> {
    const { records } = await this.#link.request("audit-list", {
      ...query,
      limit,
      ...(last === undefined ? {} : { before: last.sequence }),
    });
    return records;
  }
}
