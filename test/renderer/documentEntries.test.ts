import assert from "node:assert/strict";
import { test } from "node:test";
import type { DocumentEntry, FolderEntry } from "../../src-renderer/documents/entry.ts";
import { freeName } from "../../src-renderer/documents/freeName.ts";
import { previewKindOf } from "../../src-renderer/documents/previewKind.ts";
import { sortEntries } from "../../src-renderer/documents/sortEntries.ts";

const folder = (name: string, createdAt = 0): FolderEntry => ({ kind: "directory", id: name, name, createdAt });
const file = (name: string, size = 0, modifiedAt = 0): DocumentEntry => ({
  kind: "document",
  id: name,
  name,
  createdAt: 0,
  modifiedAt,
  size,
  sha256: undefined,
});
const names = (entries: readonly { readonly name: string }[]): string[] => entries.map(({ name }) => name);

test("folders stand first, and numbers in names count", () => {
  const entries = [file("part 10"), file("part 2"), folder("z"), file("Part 1"), folder("a")];
  const byName = sortEntries(entries, { key: "name", descending: false });
  assert.deepEqual(names(byName), ["a", "z", "Part 1", "part 2", "part 10"]);
  const turned = sortEntries(entries, { key: "name", descending: true });
  assert.deepEqual(names(turned), ["z", "a", "part 10", "part 2", "Part 1"]);
});

test("by size and by time, what is equal stands by its name", () => {
  const entries = [file("b", 5, 1), file("a", 5, 3), file("c", 9, 2), folder("new", 9), folder("old", 1)];
  assert.deepEqual(names(sortEntries(entries, { key: "size", descending: true })), ["new", "old", "c", "a", "b"]);
  assert.deepEqual(names(sortEntries(entries, { key: "modified", descending: false })), ["old", "new", "b", "c", "a"]);
});

test("sorting leaves the list alone that it is given", () => {
  const entries = Object.freeze([file("b"), file("a")]);
  assert.deepEqual(names(sortEntries(entries, { key: "name", descending: false })), ["a", "b"]);
  assert.deepEqual(names(entries), ["b", "a"]);
});

test("a free name keeps the ending and skips what is taken, in whatever case", () => {
  assert.equal(freeName("report.pdf", ["report.pdf"]), "report (2).pdf");
  assert.equal(freeName("report.pdf", ["Report.PDF", "REPORT (2).pdf"]), "report (3).pdf");
  assert.equal(freeName("README", []), "README (2)");
  assert.equal(freeName(".profile", [".profile"]), ".profile (2)");
  assert.equal(freeName("a.tar.gz", ["a.tar.gz"]), "a.tar (2).gz");
});

test("what a browser could run is shown as text, and SVG never as a picture", () => {
  for (const name of ["x.html", "x.HTM", "x.svg", "x.xml", "x.js", "notes.txt", "Makefile"]) {
    assert.equal(previewKindOf(name), "text", name);
  }
  for (const name of ["x.png", "x.JPG", "x.webp", "x.avif"]) assert.equal(previewKindOf(name), "image", name);
  assert.equal(previewKindOf("x.pdf"), "pdf");
  for (const name of ["x.zip", "x.exe", "x", "x.png.exe", ""]) assert.equal(previewKindOf(name), undefined, name);
});
