import { randomBytes } from "node:crypto";
import { type Compilable, sql } from "kysely";
import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { DocumentUser } from "../../identity/documentTokens.ts";
import type { AccessRules } from "../access/accessRules.ts";
import { checkName } from "../names.ts";
import { liveSubtree } from "./subtree.ts";
import { type DocumentEntry, type FolderEntry, isDocument } from "./treeEntry.ts";
import type { TreeLock } from "./treeLock.ts";
import type { TreePlaces } from "./treePlaces.ts";
import type { FolderContent, NamedChild, TreeQueries } from "./treeQueries.ts";

export interface NewFolder {
  /** Undefined: the root. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly by: DocumentUser;
  /** The map of access rules as it came, checked here: see `AccessRules.set`. */
  readonly rules?: unknown;
}

export interface NewDocument extends Omit<NewFolder, "name"> {
  readonly title: string;
}

export interface DocumentTreeOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly queries: TreeQueries;
  readonly places: TreePlaces;
  readonly rules: AccessRules;
  readonly lock: TreeLock;
  /** Documents whose bytes somebody reads at this moment. */
  readonly downloading: () => ReadonlySet<string>;
}

const mostResults = 500;

/**
 * Folders and documents. Both share the names of a folder, compared exactly after composing their characters. Who may do
 * something is asked elsewhere, before. What is in the bin is not there.
 */
export class DocumentTree {
  readonly #options: DocumentTreeOptions;

  constructor(options: DocumentTreeOptions) {
    this.#options = options;
  }

  async folder(id: string): Promise<FolderEntry | undefined> {
    const entry = await this.#options.queries.entry(id);
    return entry === undefined || isDocument(entry) ? undefined : entry;
  }

  /** The document, also one without a revision. */
  async document(id: string): Promise<DocumentEntry | undefined> {
    const entry = await this.#options.queries.entry(id);
    return entry !== undefined && isDocument(entry) ? entry : undefined;
  }

  /** What is directly in a folder; undefined: the root. Empty for an unknown folder. */
  list(folderId: string | undefined): Promise<FolderContent> {
    return this.#options.queries.list(folderId);
  }

  /** How many folders and shown documents are directly in a folder. */
  childCount(folderId: string | undefined): Promise<number> {
    return this.#options.queries.childCount(folderId);
  }

  /** What has this name in a folder, also a document that does not show. */
  childNamed(parentId: string | undefined, name: string): Promise<NamedChild | undefined> {
    return this.#options.queries.childNamed(parentId, name.normalize("NFC"));
  }

  /** The folders above an entry, the outermost first; without the entry itself. */
  pathOf(id: string): Promise<readonly FolderEntry[]> {
    return this.#options.queries.pathOf(id);
  }

  /** Folders and documents with this text in their names, by name; at most 500. Nobody's rights are looked at. */
  async search(text: string, limit: number): Promise<readonly (FolderEntry | DocumentEntry)[]> {
    const wanted = text.normalize("NFC").toWellFormed();
    if (wanted === "" || wanted.length > 255) return [];
    return this.#options.queries.search(wanted, Math.max(1, Math.min(mostResults, Math.floor(limit))));
  }

  /** @throws {PicketError} `NAME_INVALID`, `NAME_TAKEN`, `FOLDER_NOT_FOUND`, `CONFLICT` too deep or too many, and as `AccessRules.set` */
  async createFolder({ parentId, name, by, rules }: NewFolder): Promise<FolderEntry> {
    const folder = { id: newId(), parentId, name: checkName(name), createdAt: this.#now(), createdBy: by.username };
    await this.#options.lock(async () => {
      await this.#options.places.checkRoom({ parentId, name: folder.name, height: 1 });
      const own = await this.#options.rules.forNew(by, { ...folder, kind: "folder" }, rules);
      await this.#transact([this.#insertEntry(folder, "folder"), ...own]);
    });
    return folder;
  }

  /**
   * A document that does not show, with a first revision to be uploaded.
   *
   * @throws {PicketError} as `createFolder`
   */
  async createDocument(
    document: NewDocument,
  ): Promise<{ readonly document: DocumentEntry; readonly revisionId: string }> {
    const { parentId, title, by, rules } = document;
    const entry = { id: newId(), parentId, name: checkName(title), createdAt: this.#now(), createdBy: by.username };
    const revisionId = newId();
    await this.#options.lock(async () => {
      await this.#options.places.checkRoom({ parentId, name: entry.name, height: 0 });
      const own = await this.#options.rules.forNew(by, { ...entry, kind: "document" }, rules);
      const revision = this.#options.database.kysely.insertInto("revisions").values({
        id: revisionId,
        document_id: entry.id,
        file_id: newId(),
        blob_hash: null,
        created_at: entry.createdAt,
        created_by: by.username,
        activated_at: null,
      });
      await this.#transact([this.#insertEntry(entry, "document"), revision, ...own]);
    });
    const { name, ...rest } = entry;
    return { document: { ...rest, ...nothingYet, title: name, modifiedAt: entry.createdAt }, revisionId };
  }

  /** @throws {PicketError} `NAME_INVALID`, `NAME_TAKEN`, `DOCUMENT_NOT_FOUND` */
  async rename(id: string, name: string): Promise<void> {
    const stored = checkName(name);
    await this.#options.lock(async () => {
      const { parentId } = await this.#options.places.get(id);
      await this.#options.places.checkName({ parentId, name: stored, except: id });
      await this.#update(id, { name: stored });
    });
  }

  /**
   * Takes an entry and all that is in it to another folder; undefined: the root.
   *
   * @throws {PicketError} `DOCUMENT_NOT_FOUND` it is not there, `FOLDER_NOT_FOUND` the target is not, `NAME_TAKEN`, `CONFLICT`
   * into itself, too deep or too many
   */
  async move(id: string, parentId: string | undefined): Promise<void> {
    await this.#options.lock(async () => {
      const { queries, places } = this.#options;
      const entry = await places.get(id);
      if (parentId === entry.parentId) return;
      if (parentId !== undefined) {
        const above = await queries.pathOf(parentId);
        if (parentId === id || above.some((folder) => folder.id === id)) {
          throw new PicketError("CONFLICT", { message: "A folder cannot be moved into itself." });
        }
      }
      await places.checkRoom({ parentId, name: entry.name, height: await queries.heightOf(id) });
      await this.#update(id, { parent_id: parentId ?? null });
    });
  }

  /**
   * Puts an entry with everything in it into the bin, at once. Transfers that wait or run there end; documents that were
   * never uploaded are gone.
   *
   * @param by a user name
   * @throws {PicketError} `DOCUMENT_NOT_FOUND`, `TRANSFER_RUNNING` somebody downloads something of it
   */
  async remove(id: string, by: string): Promise<void> {
    await this.#options.lock(async () => {
      const { places, queries, downloading, database } = this.#options;
      await places.get(id);
      const busy = await queries.within(id, [...downloading()]);
      if (busy.length > 0) throw new PicketError("TRANSFER_RUNNING");
      const { kysely } = database;
      const inside = liveSubtree(id);
      await database.transact([
        kysely
          .updateTable("file_tasks")
          .set({ status: "cancelled" })
          .where("status", "=", "waiting")
          .where("revision_id", "in", sql<string>`(select id from revisions where document_id in ${inside})`),
        kysely
          .deleteFrom("tree_entries")
          .where("id", "in", inside)
          .where("kind", "=", "document")
          .where("current_revision_id", "is", null),
        kysely
          .updateTable("tree_entries")
          .set({ trashed_at: this.#now(), trashed_by: by, trash_id: id })
          .where("id", "in", inside),
      ]);
    });
  }

  /**
   * Deletes a document that was never uploaded, at once and for good.
   *
   * @throws {PicketError} `DOCUMENT_NOT_FOUND`, `CONFLICT` it has a revision
   */
  async discard(id: string): Promise<void> {
    await this.#options.lock(async () => {
      const [result] = await this.#options.database.transact([
        this.#options.database.kysely
          .deleteFrom("tree_entries")
          .where("id", "=", id)
          .where("kind", "=", "document")
          .where("current_revision_id", "is", null)
          .where("trashed_at", "is", null),
      ]);
      if (result?.changes === 1) return;
      throw new PicketError((await this.document(id)) === undefined ? "DOCUMENT_NOT_FOUND" : "CONFLICT");
    });
  }

  #now(): number {
    return this.#options.clock.wallTime();
  }

  #insertEntry(entry: FolderEntry, kind: "folder" | "document"): Compilable {
    return this.#options.database.kysely.insertInto("tree_entries").values({
      id: entry.id,
      parent_id: entry.parentId ?? null,
      kind,
      name: entry.name,
      created_at: entry.createdAt,
      created_by: entry.createdBy,
      current_revision_id: null,
      trashed_at: null,
      trashed_by: null,
      trash_id: null,
    });
  }

  async #update(id: string, values: { readonly name: string } | { readonly parent_id: string | null }): Promise<void> {
    const { kysely } = this.#options.database;
    await this.#transact([
      kysely.updateTable("tree_entries").set(values).where("id", "=", id).where("trashed_at", "is", null),
    ]);
  }

  /** Names were looked at before: what still collides came in from outside the lock. */
  async #transact(statements: readonly Compilable[]): Promise<void> {
    try {
      await this.#options.database.transact(statements);
    } catch (error) {
      if (error instanceof PicketError && error.code === "CONFLICT") throw new PicketError("NAME_TAKEN");
      throw error;
    }
  }
}

/** A document before its first upload is complete. */
const nothingYet = { size: 0, sha256: undefined, currentRevisionId: undefined } as const;

function newId(): string {
  return randomBytes(32).toString("hex");
}
