import { SvelteSet } from "svelte/reactivity";
import type { DocumentDesk } from "./documentDesk.svelte.ts";

export interface TreeRow {
  /** Null: the root. */
  readonly id: string | null;
  /** Undefined: the root, which is called what the page calls it. */
  readonly name: string | undefined;
  /** The root is at 1. */
  readonly level: number;
  /** Undefined: nothing is inside, as far as is known. */
  readonly expanded: boolean | undefined;
  readonly parentId: string | null;
  /** Its place among its siblings, from 1. */
  readonly place: number;
  readonly siblings: number;
}

/** A tree of folders: which are open, and so which rows there are. */
export class FolderTree {
  readonly #desk: DocumentDesk;
  readonly #open = new SvelteSet<string | null>([null]);

  constructor(desk: DocumentDesk) {
    this.#desk = desk;
  }

  readonly rows: readonly TreeRow[] = $derived.by(() => {
    const rows: TreeRow[] = [
      { id: null, name: undefined, level: 1, expanded: this.#open.has(null), parentId: null, place: 1, siblings: 1 },
    ];
    if (this.#open.has(null)) this.#gather(rows, null, 2);
    return rows;
  });

  /** @throws {PicketError} */
  async expand(id: string | null): Promise<void> {
    this.#open.add(id);
    if (this.#desk.folders.childrenOf(id) === undefined) await this.#desk.folders.list(id);
  }

  collapse(id: string | null): void {
    this.#open.delete(id);
  }

  isOpen(id: string | null): boolean {
    return this.#open.has(id);
  }

  #gather(rows: TreeRow[], parentId: string | null, level: number): void {
    const children = this.#desk.folders.childrenOf(parentId) ?? [];
    for (const [index, { id, name }] of children.entries()) {
      const inside = this.#desk.folders.childrenOf(id);
      // One that was never looked into may have something inside; one that is empty has no arrow.
      const expanded = inside?.length === 0 ? undefined : this.#open.has(id);
      rows.push({ id, name, level, expanded, parentId, place: index + 1, siblings: children.length });
      if (expanded === true) this.#gather(rows, id, level + 1);
    }
  }
}
