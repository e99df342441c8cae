import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);

test("what is made in a folder is listed there by name, folders apart from documents", async (context) => {
  const documents = await openDocuments(context);
  const { tree, kim } = documents;
  const inside = await documents.folder("inside");
  for (const name of ["b", "Z", "a", "ä", "10", "9"]) await documents.folder(name, inside);
  for (const name of ["y.txt", "x.txt"]) await documents.document(name, inside, 7);
  await tree.createDocument({ parentId: inside, title: "never uploaded", by: kim });
  const { folders, documents: listed } = await tree.list(inside);
  assert.deepEqual(
    folders.map(({ name }) => name),
    ["10", "9", "Z", "a", "b", "ä"],
  );
  assert.deepEqual(
    listed.map(({ title, size }) => ({ title, size })),
    [
      { title: "x.txt", size: 7 },
      { title: "y.txt", size: 7 },
    ],
  );
  assert.deepEqual(
    (await tree.list(undefined)).folders.map(({ id }) => id),
    [inside],
  );
  assert.equal(await tree.childCount(inside), 8);
  assert.equal(await tree.childCount(undefined), 1);
  assert.deepEqual(await tree.list(unknown), { folders: [], documents: [] });
});

test("a new document does not show until it has a revision", async (context) => {
  const { tree, kim, activate, clock } = await openDocuments(context);
  const made = clock.wallTime();
  const { document, revisionId } = await tree.createDocument({ parentId: undefined, title: "e\u0301", by: kim });
  const hidden = {
    id: document.id,
    parentId: undefined,
    title: "\u00e9",
    createdAt: made,
    createdBy: "kim",
    size: 0,
    sha256: undefined,
    modifiedAt: made,
    currentRevisionId: undefined,
  };
  assert.deepEqual(document, hidden);
  assert.deepEqual(await tree.document(document.id), hidden);
  assert.deepEqual((await tree.list(undefined)).documents, []);
  assert.equal(await tree.childCount(undefined), 0);
  assert.deepEqual(await tree.childNamed(undefined, "e\u0301"), { kind: "document", id: document.id, active: false });
  clock.advance(1_000);
  await activate(document.id, revisionId, 12);
  const [shown] = (await tree.list(undefined)).documents;
  assert.match(shown?.sha256 ?? "", /^[0-9a-f]{64}$/);
  assert.deepEqual(shown, { ...hidden, size: 12, sha256: shown?.sha256, currentRevisionId: revisionId });
  assert.deepEqual(await tree.childNamed(undefined, "\u00e9"), { kind: "document", id: document.id, active: true });
});

test("an id is looked up as what it is", async (context) => {
  const { tree, folder, document } = await openDocuments(context);
  const [folderId, documentId] = [await folder("folder"), await document("document")];
  assert.equal((await tree.folder(folderId))?.name, "folder");
  assert.equal(await tree.document(folderId), undefined);
  assert.equal((await tree.document(documentId))?.title, "document");
  assert.equal(await tree.folder(documentId), undefined);
  assert.equal(await tree.folder(unknown), undefined);
  assert.match(folderId, /^[0-9a-f]{64}$/);
});

test("a folder's names are taken by folders and documents alike, also by one that does not show", async (context) => {
  const { tree, folder, document, kim } = await openDocuments(context);
  const folderId = await folder("one");
  const documentId = await document("two");
  const { document: hidden } = await tree.createDocument({ parentId: undefined, title: "three", by: kim });
  for (const [name, kind, id] of [
    ["one", "folder", folderId],
    ["two", "document", documentId],
    ["three", "document", hidden.id],
  ] as const) {
    const taken = { code: "NAME_TAKEN", details: `by the ${kind} ${id}` };
    await assert.rejects(folder(name), taken);
    await assert.rejects(tree.createDocument({ parentId: undefined, title: name, by: kim }), taken);
    if (id !== folderId) await assert.rejects(tree.rename(folderId, name), taken);
  }
  assert.equal(typeof (await folder("one", folderId)), "string", "another folder has names of its own");
  assert.equal(typeof (await folder("ONE")), "string", "case makes another name");
});

test("a name that cannot be used changes nothing", async (context) => {
  const { tree, folder, kim } = await openDocuments(context);
  const id = await folder("folder");
  await assert.rejects(folder("a/b"), { code: "NAME_INVALID" });
  await assert.rejects(tree.createDocument({ parentId: undefined, title: "..", by: kim }), { code: "NAME_INVALID" });
  await assert.rejects(tree.rename(id, "con"), { code: "NAME_INVALID" });
  assert.deepEqual(
    (await tree.list(undefined)).folders.map(({ name }) => name),
    ["folder"],
  );
});

test("nothing is made in a folder that is not there, is a document or is in the bin", async (context) => {
  const { tree, folder, document, kim } = await openDocuments(context);
  const deleted = await folder("deleted");
  const moved = await folder("moved");
  await tree.remove(deleted, "kim");
  for (const parentId of [unknown, await document("document"), deleted, ""]) {
    await assert.rejects(folder("name", parentId), { code: "FOLDER_NOT_FOUND" });
    await assert.rejects(tree.createDocument({ parentId, title: "name", by: kim }), { code: "FOLDER_NOT_FOUND" });
    await assert.rejects(tree.move(moved, parentId), { code: "FOLDER_NOT_FOUND" });
  }
});

test("what is not there is neither renamed, moved, deleted nor discarded", async (context) => {
  const { tree, document } = await openDocuments(context);
  const deleted = await document("deleted");
  await tree.remove(deleted, "kim");
  for (const id of [unknown, deleted]) {
    await assert.rejects(tree.rename(id, "name"), { code: "DOCUMENT_NOT_FOUND" });
    await assert.rejects(tree.move(id, undefined), { code: "DOCUMENT_NOT_FOUND" });
    await assert.rejects(tree.remove(id, "kim"), { code: "DOCUMENT_NOT_FOUND" });
    await assert.rejects(tree.discard(id), { code: "DOCUMENT_NOT_FOUND" });
    assert.equal(await tree.document(id), undefined);
  }
});

test("only a document that was never uploaded is discarded, and its name is free then", async (context) => {
  const { tree, folder, document, kim } = await openDocuments(context);
  const shown = await document("shown");
  await assert.rejects(tree.discard(shown), { code: "CONFLICT" });
  await assert.rejects(tree.discard(await folder("folder")), { code: "DOCUMENT_NOT_FOUND" });
  const { document: hidden } = await tree.createDocument({ parentId: undefined, title: "hidden", by: kim });
  await tree.discard(hidden.id);
  assert.equal(await tree.childNamed(undefined, "hidden"), undefined);
  await folder("hidden");
  assert.equal((await tree.document(shown))?.title, "shown");
});

test("an entry keeps its id and content under another name and in another folder", async (context) => {
  const { tree, folder, document } = await openDocuments(context);
  const [from, to] = [await folder("from"), await folder("to")];
  const inside = await folder("inside", from);
  const id = await document("document", inside);
  await tree.rename(inside, "renamed");
  await tree.rename(inside, "renamed");
  await tree.move(inside, to);
  await tree.move(inside, to);
  assert.deepEqual(
    (await tree.pathOf(id)).map(({ name }) => name),
    ["to", "renamed"],
  );
  await tree.move(inside, undefined);
  assert.deepEqual(
    (await tree.pathOf(id)).map(({ name }) => name),
    ["renamed"],
  );
  assert.equal((await tree.folder(inside))?.parentId, undefined);
  assert.equal(await tree.childCount(to), 0);
});

test("a move onto a name that is taken changes nothing", async (context) => {
  const { tree, folder, document } = await openDocuments(context);
  const to = await folder("to");
  await document("name", to);
  const id = await folder("name");
  await assert.rejects(tree.move(id, to), { code: "NAME_TAKEN" });
  assert.equal((await tree.folder(id))?.parentId, undefined);
});

test("a folder is not moved into itself, whatever is in between", async (context) => {
  const { tree, folder } = await openDocuments(context);
  const outer = await folder("outer");
  const middle = await folder("middle", outer);
  const inner = await folder("inner", middle);
  for (const target of [outer, middle, inner]) {
    await assert.rejects(tree.move(outer, target), { code: "CONFLICT", message: /into itself/ });
  }
  await tree.move(inner, undefined);
  await tree.move(outer, inner);
  assert.equal((await tree.pathOf(middle)).length, 2);
});

test("folders nest 64 deep and no deeper, made or moved", async (context) => {
  const { tree, folder, document } = await openDocuments(context);
  let parentId: string | undefined;
  for (let depth = 1; depth <= 64; depth += 1) parentId = await folder(`${depth}`, parentId);
  const tooDeep = { code: "CONFLICT", message: /64 deep/ };
  await assert.rejects(folder("65", parentId), tooDeep);
  const file = await document("a document is no level", parentId);
  const pair = await folder("pair");
  await folder("inner", pair);
  const path = await tree.pathOf(file);
  assert.equal(path.length, 64);
  await assert.rejects(tree.move(pair, path.at(62)?.id), tooDeep);
  await tree.move(pair, path.at(61)?.id);
});

test("a search finds folders and shown documents by a part of the name, and takes no text for a pattern", async (context) => {
  const { tree, folder, document, kim } = await openDocuments(context);
  const inside = await folder("Reports 100%");
  await document("report_1.txt", inside);
  await document("reportX1.txt", inside);
  await tree.createDocument({ parentId: undefined, title: "report hidden", by: kim });
  await tree.remove(await document("report deleted"), "kim");
  const names = async (text: string, limit = 10): Promise<string[]> =>
    (await tree.search(text, limit)).map((entry) => ("title" in entry ? entry.title : entry.name));
  assert.deepEqual(await names("REPORT"), ["Reports 100%", "reportX1.txt", "report_1.txt"]);
  assert.deepEqual(await names("t_1"), ["report_1.txt"]);
  assert.deepEqual(await names("0%"), ["Reports 100%"]);
  assert.deepEqual(await names("%%"), []);
  assert.deepEqual(await names("\\"), []);
  assert.deepEqual(await names(""), []);
  assert.deepEqual(await names("report", 1), ["Reports 100%"]);
  assert.deepEqual(await names("report", -5), ["Reports 100%"]);
  assert.deepEqual(await names("a'; drop table tree_entries; --"), []);
  assert.equal(await tree.childCount(undefined), 1);
});

test("a folder has a hundred thousand entries and no more", async (context) => {
  const { tree, database, folder, kim } = await openDocuments(context);
  const full = await folder("full");
  const other = await folder("other");
  await sql`
    with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 99999)
    insert into tree_entries (id, parent_id, kind, name, created_at, created_by)
      select 'entry ' || number, ${full}, 'folder', 'entry ' || number, 0, 'kim' from numbers
  `.execute(database.kysely);
  await tree.createDocument({ parentId: full, title: "the last one, though it does not show", by: kim });
  const tooMany = { code: "CONFLICT", message: /100000 entries/ };
  await assert.rejects(folder("one more", full), tooMany);
  await assert.rejects(tree.move(other, full), tooMany);
  await tree.rename("entry 1", "renamed");
  await tree.remove("entry 1", "kim");
  await tree.move(other, full);
});
