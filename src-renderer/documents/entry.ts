import type { ListedDocument, ListedFolder } from "../../src-main/protocols/documents/messages/directories.ts";

export interface FolderEntry {
  readonly kind: "directory";
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface DocumentEntry {
  readonly kind: "document";
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When the newest complete revision was made. */
  readonly modifiedAt: number;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex; undefined where the server does not say. */
  readonly sha256: string | undefined;
}

/** What stands in a folder. */
export type Entry = FolderEntry | DocumentEntry;

/** A folder on the way from the root to somewhere. */
export interface PathStep {
  readonly id: string;
  readonly name: string;
}

export function folderEntryOf({ id, name, created_time }: ListedFolder): FolderEntry {
  return { kind: "directory", id, name, createdAt: created_time * 1000 };
}

export function documentEntryOf(listed: ListedDocument): DocumentEntry {
  const { id, title, created_time, last_modified, size, sha256 } = listed;
  return {
    kind: "document",
    id,
    name: title,
    createdAt: created_time * 1000,
    modifiedAt: last_modified * 1000,
    size,
    sha256: sha256 ?? undefined,
  };
}
