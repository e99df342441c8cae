import { PicketError } from "../../../base/errors.ts";
import { type DocumentEntry, type FolderEntry, isDocument } from "./treeEntry.ts";
import type { TreeQueries } from "./treeQueries.ts";

/** How many folders may be inside each other. */
export const mostDepth = 64;
/** How many entries one folder may have. */
export const mostChildren = 100_000;

export interface WantedPlace {
  /** Undefined: the root. */
  readonly parentId: string | undefined;
  /** As it is stored. */
  readonly name: string;
  /** How many folders are inside each other in what is to come there; a document is 0. */
  readonly height: number;
}

/** Says whether something may be at a place of the tree. To be asked with the tree locked. */
export class TreePlaces {
  readonly #queries: TreeQueries;

  constructor(queries: TreeQueries) {
    this.#queries = queries;
  }

  /** @throws {PicketError} `DOCUMENT_NOT_FOUND` */
  async get(id: string): Promise<{ readonly name: string; readonly parentId: string | undefined }> {
    const entry: FolderEntry | DocumentEntry | undefined = await this.#queries.entry(id);
    if (entry === undefined) throw new PicketError("DOCUMENT_NOT_FOUND");
    return { name: isDocument(entry) ? entry.title : entry.name, parentId: entry.parentId };
  }

  /**
   * That the folder is there and has room, that the name is free, that it does not get too deep.
   *
   * @throws {PicketError} `FOLDER_NOT_FOUND`, `NAME_TAKEN`, `CONFLICT`
   */
  async checkRoom({ parentId, name, height }: WantedPlace): Promise<void> {
    if (parentId !== undefined) {
      const folder = await this.#queries.entry(parentId);
      if (folder === undefined || isDocument(folder)) throw new PicketError("FOLDER_NOT_FOUND");
    }
    await this.checkName({ parentId, name });
    const above = parentId === undefined ? 0 : (await this.#queries.pathOf(parentId)).length + 1;
    if (height > 0 && above + height > mostDepth) {
      throw new PicketError("CONFLICT", { message: `Folders can be ${mostDepth} deep inside each other.` });
    }
    if ((await this.#queries.childCount(parentId, "hidden")) >= mostChildren) {
      throw new PicketError("CONFLICT", { message: `A folder can have ${mostChildren} entries.` });
    }
  }

  /**
   * @param place `except`: an entry that may have the name already
   * @throws {PicketError} `NAME_TAKEN`, its details say by what
   */
  async checkName(place: {
    readonly parentId: string | undefined;
    readonly name: string;
    readonly except?: string;
  }): Promise<void> {
    const taken = await this.#queries.childNamed(place.parentId, place.name);
    if (taken === undefined || taken.id === place.except) return;
    throw new PicketError("NAME_TAKEN", { details: `by the ${taken.kind} ${taken.id}` });
  }
}
