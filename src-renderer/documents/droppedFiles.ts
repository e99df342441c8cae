/** A file to be sent, with the folders in which it stood. */
export interface PickedFile {
  readonly file: File;
  /** Names of folders from the outermost on; empty for a file that was picked by itself. */
  readonly folders: readonly string[];
}

export interface Picked {
  readonly files: readonly PickedFile[];
  /** Folders with nothing in them, which would be lost otherwise. */
  readonly emptyFolders: readonly (readonly string[])[];
  /** What could not be read, by name. */
  readonly unreadable: readonly string[];
}

/** Files of `<input type="file">`, also of one that takes a folder. */
export function pickedFiles(files: Iterable<File>): Picked {
  return {
    files: Array.from(files, (file) => ({ file, folders: file.webkitRelativePath.split("/").slice(0, -1) })),
    emptyFolders: [],
    unreadable: [],
  };
}

/** What is being dropped. To be called inside the event: afterwards the browser has forgotten it. */
export function droppedEntries(items: Iterable<DataTransferItem>): FileSystemEntry[] {
  return Array.from(items, (item) => (item.kind === "file" ? item.webkitGetAsEntry() : null)).filter(
    (entry) => entry !== null,
  );
}

/** Everything in what was dropped, folders with all that is inside. */
export async function droppedFiles(entries: readonly FileSystemEntry[]): Promise<Picked> {
  const files: PickedFile[] = [];
  const emptyFolders: (readonly string[])[] = [];
  const unreadable: string[] = [];
  // A stack, not recursion: folders may be deep.
  const open = entries.map((entry) => ({ entry, folders: [] as readonly string[] })).toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { entry, folders } = next;
    try {
      if (isFile(entry)) {
        files.push({ file: await fileOf(entry), folders });
      } else if (isFolder(entry)) {
        const inside = await childrenOf(entry);
        const path = [...folders, entry.name];
        if (inside.length === 0) emptyFolders.push(path);
        for (const child of inside.toReversed()) open.push({ entry: child, folders: path });
      }
    } catch {
      unreadable.push(entry.name);
    }
  }
  return { files, emptyFolders, unreadable };
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // Browsers hand over at most a hundred at a time, and none when there are no more.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
