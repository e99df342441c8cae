/** A folder. Ids are 64 lower-case hex characters; the root is no entry, its id is undefined. */
export interface FolderEntry {
  readonly id: string;
  /** Undefined: it is at the root. */
  readonly parentId: string | undefined;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** A user name. */
  readonly createdBy: string;
}

export interface DocumentEntry {
  readonly id: string;
  /** Undefined: it is at the root. */
  readonly parentId: string | undefined;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** A user name. */
  readonly createdBy: string;
  /** Bytes of the current revision; 0 without one. */
  readonly size: number;
  /** Hex, of the current revision. */
  readonly sha256: string | undefined;
  /** When the current revision was made, in milliseconds since 1970; without one, when the document was. */
  readonly modifiedAt: number;
  /** Undefined: nothing was uploaded yet, and the document shows nowhere. */
  readonly currentRevisionId: string | undefined;
}

/** Which of the two an entry is; a document has a `title`, a folder a `name`. */
export function isDocument(entry: FolderEntry | DocumentEntry): entry is DocumentEntry {
  return "title" in entry;
}
