import { SvelteMap } from "svelte/reactivity";
import type { ActionName, DataInput, ResultOf } from "../../src-main/protocols/documents/messages.ts";
import { documentEntryOf, type Entry, type FolderEntry, folderEntryOf, type PathStep } from "./entry.ts";
import { sortEntries } from "./sortEntries.ts";

interface Asked {
  request<A extends ActionName>(action: A, data: DataInput<A>): Promise<ResultOf<A>>;
}

interface KnownFolder {
  readonly name: string;
  /** Null: the root. */
  readonly parentId: string | null;
}

/** Deeper than anybody files; a server that answers in circles ends here. */
const deepest = 100;

/** Which folders a server has, as far as they were looked at. Null is the root. */
export class FolderBook {
  readonly #desk: Asked;
  readonly #known = new Map<string, KnownFolder>();
  readonly #children = new SvelteMap<string | null, readonly FolderEntry[]>();

  constructor(desk: Asked) {
    this.#desk = desk;
  }

  /** The folders in a folder, by name; undefined: not asked for yet. */
  childrenOf(folderId: string | null): readonly FolderEntry[] | undefined {
    return this.#children.get(folderId);
  }

  /** Everything in a folder, as it is now. @throws {PicketError} */
  async list(folderId: string | null): Promise<Entry[]> {
    const { folders, documents } = await this.#desk.request("list_directory", { folder_id: folderId });
    const inside = folders.map(folderEntryOf);
    for (const { id, name } of inside) this.#known.set(id, { name, parentId: folderId });
    this.#children.set(folderId, sortEntries(inside, { key: "name", descending: false }));
    return [...inside, ...documents.map(documentEntryOf)];
  }

  /** The way to a folder, itself included. What may not be looked at on the way is left out. */
  async pathTo(folderId: string | null): Promise<PathStep[]> {
    const steps: PathStep[] = [];
    for (let id = folderId; id !== null && steps.length < deepest; ) {
      const folder = this.#known.get(id) ?? (await this.#ask(id));
      if (folder === undefined) break;
      steps.unshift({ id, name: folder.name });
      id = folder.parentId;
    }
    return steps;
  }

  /** Names and places are asked for anew. */
  forget(folderId: string): void {
    this.#known.delete(folderId);
  }

  /** Everything that was looked at is looked at again; what cannot be any more is forgotten. */
  async refreshKnown(): Promise<void> {
    for (const id of [...this.#children.keys()]) {
      try {
        await this.list(id);
      } catch {
        this.#children.delete(id);
      }
    }
  }

  clear(): void {
    this.#known.clear();
    this.#children.clear();
  }

  async #ask(id: string): Promise<KnownFolder | undefined> {
    try {
      const { name, parent_id } = await this.#desk.request("get_directory_info", { directory_id: id });
      const folder = { name, parentId: parent_id === "/" ? null : parent_id };
      this.#known.set(id, folder);
      return folder;
    } catch {
      return undefined;
    }
  }
}
