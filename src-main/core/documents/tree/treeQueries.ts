import { sql } from "kysely";
import type { Database } from "../../../store/database.ts";
import type { DocumentEntry, FolderEntry } from "./treeEntry.ts";

export interface FolderContent {
  /** By name. */
  readonly folders: readonly FolderEntry[];
  /** By title; only those with a current revision. */
  readonly documents: readonly DocumentEntry[];
}

export interface NamedChild {
  readonly kind: "folder" | "document";
  readonly id: string;
  /** Whether it shows: a folder does, a document when it has a current revision. */
  readonly active: boolean;
}

/** An entry as the statements below give it: a list in JSON takes a third of the time of rows with names. */
type EntryItem = readonly [
  id: string,
  parent: string | null,
  kind: string,
  name: string,
  createdAt: number,
  createdBy: string,
  revision: string | null,
  size: number | null,
  hash: string | null,
  modifiedAt: number | null,
];

const entryItem = sql`json_array(id, parent_id, kind, name, created_at, created_by, current_revision_id, size, blob_hash,
  modified_at)`;
const entryColumns = sql`entry.id, entry.parent_id, entry.kind, entry.name, entry.created_at, entry.created_by,
  entry.current_revision_id, current.size, current.blob_hash, current.created_at as modified_at`;
const entries = sql`tree_entries as entry left join revisions as current on current.id = entry.current_revision_id`;
const shows = sql`entry.trashed_at is null and (entry.kind = 'folder' or entry.current_revision_id is not null)`;
const parentKey = (id: string | undefined): string => id ?? "";

/** Reads the part of the tree that is not in the bin. */
export class TreeQueries {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async entry(id: string): Promise<FolderEntry | DocumentEntry | undefined> {
    const [entry] = await this.#read(sql`select ${entryColumns} from ${entries}
      where entry.id = ${id} and entry.trashed_at is null`);
    return entry;
  }

  /** What is directly in a folder, by name. */
  async list(folderId: string | undefined): Promise<FolderContent> {
    // The columns of the index that keeps names apart: it gives them in their order.
    const all = await this.#read(sql`select ${entryColumns} from ${entries}
      where coalesce(entry.parent_id, '') = ${parentKey(folderId)} and ${shows} order by entry.name`);
    const folders: FolderEntry[] = [];
    const documents: DocumentEntry[] = [];
    for (const entry of all) {
      if ("title" in entry) documents.push(entry);
      else folders.push(entry);
    }
    return { folders, documents };
  }

  async childCount(folderId: string | undefined, also?: "hidden"): Promise<number> {
    const { rows } = await sql<{ count: number }>`select count(*) as count from tree_entries as entry
      where coalesce(entry.parent_id, '') = ${parentKey(folderId)}
      and ${also === "hidden" ? sql`entry.trashed_at is null` : shows}`.execute(this.#database.kysely);
    return rows[0]?.count ?? 0;
  }

  /** @param name as it is stored */
  async childNamed(folderId: string | undefined, name: string): Promise<NamedChild | undefined> {
    const { rows } = await sql<{ id: string; kind: string; active: number }>`
      select id, kind, (kind = 'folder' or current_revision_id is not null) as active from tree_entries
      where coalesce(parent_id, '') = ${parentKey(folderId)} and name = ${name} and trashed_at is null
    `.execute(this.#database.kysely);
    const [row] = rows;
    return row === undefined ? undefined : { id: row.id, kind: kindOf(row.kind), active: row.active === 1 };
  }

  /** The folders above an entry, the outermost first; also of one in the bin. */
  async pathOf(id: string): Promise<readonly FolderEntry[]> {
    const path = await this.#read(sql`
      with recursive above (id, parent_id, height) as (
        select id, parent_id, 0 from tree_entries where id = ${id}
        union all
        select folder.id, folder.parent_id, above.height + 1 from above join tree_entries as folder
          on folder.id = above.parent_id where above.height < 1000
      )
      select ${entryColumns} from above join tree_entries as entry on entry.id = above.id
        left join revisions as current on false where above.height > 0 order by above.height desc`);
    return path as readonly FolderEntry[];
  }

  /** How many folders are inside each other in the deepest place of an entry; 0 for a document, 1 for a flat folder. */
  async heightOf(id: string): Promise<number> {
    const { rows } = await sql<{ height: number | null }>`
      with recursive inside (id, height) as (
        select id, 1 from tree_entries where id = ${id} and kind = 'folder'
        union
        select folder.id, inside.height + 1 from inside join tree_entries as folder
          on folder.parent_id = inside.id and folder.kind = 'folder' where inside.height < 1000
      )
      select max(height) as height from inside`.execute(this.#database.kysely);
    return rows[0]?.height ?? 0;
  }

  /** Folders and documents whose name has this text in it, by name. Case counts only beyond ASCII. */
  async search(text: string, limit: number): Promise<readonly (FolderEntry | DocumentEntry)[]> {
    const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
    return this.#read(sql`select ${entryColumns} from ${entries}
      where entry.name like ${pattern} escape '\\' and ${shows} order by entry.name, entry.id limit ${limit}`);
  }

  /** Which of these documents are this entry or inside it. */
  async within(id: string, documentIds: readonly string[]): Promise<readonly string[]> {
    if (documentIds.length === 0) return [];
    const { rows } = await sql<{ target: string }>`
      with recursive above (target, id, parent_id, height) as (
        select id, id, parent_id, 0 from tree_entries where id in (select value from json_each(${JSON.stringify(documentIds)}))
        union all
        select above.target, folder.id, folder.parent_id, above.height + 1 from above join tree_entries as folder
          on folder.id = above.parent_id where above.height < 1000
      )
      select distinct target from above where id = ${id}`.execute(this.#database.kysely);
    return rows.map(({ target }) => target);
  }

  /** @param rows a statement that gives `entryColumns`; its order is kept */
  async #read(rows: ReturnType<typeof sql>): Promise<(FolderEntry | DocumentEntry)[]> {
    const result = await sql<{ json: string }>`select json_group_array(${entryItem}) as json from (${rows})`.execute(
      this.#database.kysely,
    );
    return (JSON.parse(result.rows[0]?.json ?? "[]") as EntryItem[]).map(toEntry);
  }
}

function toEntry(item: EntryItem): FolderEntry | DocumentEntry {
  const [id, parent, kind, name, createdAt, createdBy, revision, size, hash, modifiedAt] = item;
  const parentId = parent ?? undefined;
  if (kind === "folder") return { id, parentId, name, createdAt, createdBy };
  return {
    id,
    parentId,
    title: name,
    createdAt,
    createdBy,
    size: size ?? 0,
    sha256: hash ?? undefined,
    modifiedAt: modifiedAt ?? createdAt,
    currentRevisionId: revision ?? undefined,
  };
}

function kindOf(kind: string): "folder" | "document" {
  return kind === "folder" ? "folder" : "document";
}
