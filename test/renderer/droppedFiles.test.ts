import assert from "node:assert/strict";
import { test } from "node:test";
import { droppedFiles, pickedFiles } from "../../src-renderer/documents/droppedFiles.ts";

/** A file as a browser hands it over in a drop. */
function fileEntry(name: string, readable = true): FileSystemEntry {
  const entry = {
    name,
    isFile: true,
    isDirectory: false,
    file: (take: (file: File) => void, fail: (error: Error) => void) =>
      readable ? take(new File([name], name)) : fail(new Error("gone")),
  };
  return entry as unknown as FileSystemEntry;
}

/** A folder that hands over two of its children at a time, as browsers do with a hundred. */
function folderEntry(name: string, children: readonly FileSystemEntry[]): FileSystemEntry {
  const entry = {
    name,
    isFile: false,
    isDirectory: true,
    createReader() {
      const rest = [...children];
      return { readEntries: (take: (entries: FileSystemEntry[]) => void) => take(rest.splice(0, 2)) };
    },
  };
  return entry as unknown as FileSystemEntry;
}

test("a dropped folder comes with everything inside, in its order, and empty folders are told", async () => {
  const tree = folderEntry("top", [
    fileEntry("1"),
    folderEntry("inner", [fileEntry("2"), folderEntry("nothing", [])]),
    fileEntry("3"),
    fileEntry("4"),
    fileEntry("5"),
  ]);
  const { files, emptyFolders, unreadable } = await droppedFiles([fileEntry("0"), tree]);
  assert.deepEqual(
    files.map(({ file, folders }) => [...folders, file.name].join("/")),
    ["0", "top/1", "top/inner/2", "top/3", "top/4", "top/5"],
  );
  assert.deepEqual(emptyFolders, [["top", "inner", "nothing"]]);
  assert.deepEqual(unreadable, []);
});

test("what cannot be read is named, and the rest still comes", async () => {
  const { files, unreadable } = await droppedFiles([fileEntry("bad", false), fileEntry("good")]);
  assert.deepEqual(
    files.map(({ file }) => file.name),
    ["good"],
  );
  assert.deepEqual(unreadable, ["bad"]);
});

test("a picked folder's files say where they stood; single files stand nowhere", () => {
  const inside = Object.assign(new File(["x"], "c.txt"), { webkitRelativePath: "a/b/c.txt" });
  const single = Object.assign(new File(["x"], "d.txt"), { webkitRelativePath: "" });
  const { files } = pickedFiles([inside, single]);
  assert.deepEqual(
    files.map(({ folders }) => folders),
    [["a", "b"], []],
  );
});
