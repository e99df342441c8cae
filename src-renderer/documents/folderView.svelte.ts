import { type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import type { DocumentDesk } from "./documentDesk.svelte.ts";
import {
  type DocumentEntry,
  documentEntryOf,
  type Entry,
  type FolderEntry,
  folderEntryOf,
  type PathStep,
} from "./entry.ts";
import { ListSelection } from "./listSelection.svelte.ts";
import { type EntrySort, type EntrySortKey, sortEntries } from "./sortEntries.ts";

/** Something that a search found, with the folders that lead to it. */
export type FoundEntry = (FolderEntry | DocumentEntry) & { readonly path: readonly PathStep[] };

export interface Found {
  readonly query: string;
  readonly entries: readonly FoundEntry[];
  /** There is more than the server told. */
  readonly more: boolean;
}

/** The folder on the screen: what is in it, in which order, and what of it is chosen. */
export class FolderView {
  readonly #desk: DocumentDesk;
  #folderId = $state.raw<string | null>(null);
  #entries = $state.raw<readonly Entry[]>([]);
  #path = $state.raw<readonly PathStep[]>([]);
  #loaded = $state(false);
  #error = $state.raw<PicketError | undefined>();
  #found = $state.raw<Found | undefined>();
  #searching = $state(false);
  #generation = 0;
  sort = $state.raw<EntrySort>({ key: "name", descending: false });
  /** Only names with this in them are shown. */
  filter = $state("");

  constructor(desk: DocumentDesk) {
    this.#desk = desk;
  }

  /** The rows as they stand on the screen. */
  readonly rows: readonly Entry[] = $derived.by(() => {
    if (this.#found !== undefined) return sortEntries(this.#found.entries, this.sort);
    const wanted = this.filter.trim().toLowerCase();
    const fitting =
      wanted === "" ? this.#entries : this.#entries.filter(({ name }) => name.toLowerCase().includes(wanted));
    return sortEntries(fitting, this.sort);
  });
  readonly #ids = $derived.by(() => this.rows.map(({ id }) => id));
  readonly selection = new ListSelection(() => this.#ids);
  readonly chosen: readonly Entry[] = $derived.by(() => this.rows.filter(({ id }) => this.selection.has(id)));

  /** Null: the root. */
  get folderId(): string | null {
    return this.#folderId;
  }

  /** Everything in the folder, whatever is filtered. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** The way from the root to the folder, itself included. */
  get path(): readonly PathStep[] {
    return this.#path;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get error(): PicketError | undefined {
    return this.#error;
  }

  /** What a search of the whole server found; undefined: the folder itself is shown. */
  get found(): Found | undefined {
    return this.#found;
  }

  get searching(): boolean {
    return this.#searching;
  }

  sortBy(key: EntrySortKey): void {
    this.sort = { key, descending: this.sort.key === key ? !this.sort.descending : key !== "name" };
  }

  /** Goes to a folder; where it is already, it is read anew. */
  async open(folderId: string | null): Promise<void> {
    if (folderId !== this.#folderId) {
      this.#folderId = folderId;
      this.#entries = [];
      this.#path = [];
      this.#loaded = false;
      this.filter = "";
      this.selection.clear();
    }
    this.#found = undefined;
    await this.reload();
  }

  /** Reads the folder anew; what is on the screen stays until then. */
  async reload(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const folderId = this.#folderId;
    try {
      const entries = await this.#desk.folders.list(folderId);
      if (generation !== this.#generation) return;
      this.#entries = entries;
      this.#loaded = true;
      this.#error = undefined;
      this.selection.keepKnown();
      const path = await this.#desk.folders.pathTo(folderId);
      if (generation === this.#generation) this.#path = path;
    } catch (thrown) {
      const error = toPicketError(thrown);
      if (generation !== this.#generation || error.code === "PEER_LOST") return;
      this.#error = error;
    }
  }

  /** Looks for a name in everything that the server has. @throws {PicketError} */
  async search(query: string): Promise<void> {
    this.#searching = true;
    try {
      const { folders, documents, more } = await this.#desk.request("search", { query, limit: 500 });
      const entries = [
        ...folders.map((folder) => ({ ...folderEntryOf(folder), path: folder.path })),
        ...documents.map((document) => ({ ...documentEntryOf(document), path: document.path })),
      ];
      this.selection.clear();
      this.#found = { query, entries, more };
    } finally {
      this.#searching = false;
    }
  }

  /** Back to the folder. */
  endSearch(): void {
    this.#found = undefined;
    this.filter = "";
    this.selection.clear();
  }

  /** After something changed: what a search found may not be there any more. */
  async refresh(): Promise<void> {
    const again = this.#found?.query;
    await this.reload();
    if (again !== undefined) await this.search(again).catch(() => this.endSearch());
  }
}
