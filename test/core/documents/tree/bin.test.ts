import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { day, openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const closed = { read: [{ match: "all", match_groups: [{ groups: { require: ["staff"] } }] }] };

test("a deleted folder is in the bin with all that was in it, and nowhere else", async (context) => {
  const { tree, bin, clock, folder, document, kim } = await openDocuments(context);
  const outer = await folder("outer");
  const inner = await folder("inner", outer);
  const file = await document("file", inner, 30);
  await document("other", outer, 12);
  await tree.createDocument({ parentId: inner, title: "never uploaded", by: kim });
  await tree.remove(outer, "alex");
  assert.deepEqual(await bin.list(), [
    {
      trashId: outer,
      kind: "folder",
      name: "outer",
      parentId: undefined,
      deletedAt: clock.wallTime(),
      deletedBy: "alex",
      expiresAt: clock.wallTime() + 30 * day,
      documents: 2,
      bytes: 42,
    },
  ]);
  for (const id of [outer, inner]) assert.equal(await tree.folder(id), undefined);
  assert.equal(await tree.document(file), undefined);
  assert.deepEqual(await tree.list(undefined), { folders: [], documents: [] });
  assert.deepEqual(await tree.list(inner), { folders: [], documents: [] });
  assert.deepEqual(await tree.search("e", 10), []);
  assert.equal(typeof (await folder("outer")), "string", "its name is free");
});

test("what is restored is where it was, with all its content, and without what was never uploaded", async (context) => {
  const { tree, bin, folder, document, kim } = await openDocuments(context);
  const place = await folder("place");
  const outer = await folder("outer", place);
  const file = await document("file", await folder("inner", outer), 30);
  const { document: hidden } = await tree.createDocument({ parentId: outer, title: "hidden", by: kim });
  await tree.remove(outer, "kim");
  assert.deepEqual(await bin.restore(outer), { parentId: place });
  assert.deepEqual(
    (await tree.pathOf(file)).map(({ name }) => name),
    ["place", "outer", "inner"],
  );
  assert.equal((await tree.document(file))?.size, 30);
  assert.equal(await tree.document(hidden.id), undefined);
  assert.deepEqual(await bin.list(), []);
  await assert.rejects(bin.restore(outer), { code: "DOCUMENT_NOT_FOUND" });
});

test("what was deleted from inside a folder earlier comes back by itself only", async (context) => {
  const { tree, bin, clock, folder, document } = await openDocuments(context);
  const outer = await folder("outer");
  const early = await document("early", outer);
  await document("late", outer);
  await tree.remove(early, "kim");
  clock.advance(1_000);
  await tree.remove(outer, "kim");
  assert.deepEqual(
    (await bin.list()).map(({ name, documents }) => ({ name, documents })),
    [
      { name: "outer", documents: 1 },
      { name: "early", documents: 1 },
    ],
  );
  await bin.restore(outer);
  assert.deepEqual(
    (await tree.list(outer)).documents.map(({ title }) => title),
    ["late"],
  );
  await bin.restore(early);
  assert.equal((await tree.list(outer)).documents.length, 2);
});

test("a part of what was deleted together is not in the bin by itself", async (context) => {
  const { tree, bin, folder, document } = await openDocuments(context);
  const outer = await folder("outer");
  const file = await document("file", outer);
  await tree.remove(outer, "kim");
  await assert.rejects(bin.restore(file), { code: "DOCUMENT_NOT_FOUND" });
  await assert.rejects(bin.purge(file), { code: "DOCUMENT_NOT_FOUND" });
});

test("what is not deleted is neither restored nor purged", async (context) => {
  const { tree, bin, document } = await openDocuments(context);
  const file = await document("file");
  await assert.rejects(bin.restore(file), { code: "DOCUMENT_NOT_FOUND" });
  await assert.rejects(bin.purge(file), { code: "DOCUMENT_NOT_FOUND" });
  assert.equal((await tree.document(file))?.title, "file");
});

test("a name that was taken meanwhile keeps it in the bin, until it gets another name or place", async (context) => {
  const { tree, bin, folder, document } = await openDocuments(context);
  const file = await document("name");
  await tree.remove(file, "kim");
  const taker = await folder("name");
  await assert.rejects(bin.restore(file), { code: "NAME_TAKEN", details: `by the folder ${taker}` });
  await assert.rejects(bin.restore(file, { name: "a/b" }), { code: "NAME_INVALID" });
  assert.equal((await bin.list()).length, 1);
  await bin.restore(file, { name: "another" });
  assert.equal((await tree.document(file))?.title, "another");
  await tree.remove(file, "kim");
  await bin.restore(file, { into: { parentId: taker }, name: "name" });
  assert.deepEqual(
    (await tree.pathOf(file)).map(({ id }) => id),
    [taker],
  );
});

test("what was in a folder that is gone or in the bin comes back at the root", async (context) => {
  const { tree, bin, folder, document } = await openDocuments(context);
  const outer = await folder("outer");
  const [one, two] = [await document("one", outer), await document("two", outer)];
  await tree.remove(one, "kim");
  await tree.remove(two, "kim");
  await tree.remove(outer, "kim");
  assert.deepEqual(await bin.restore(one), { parentId: undefined });
  await bin.purge(outer);
  assert.deepEqual(
    (await bin.list()).map(({ name }) => name),
    ["two"],
  );
  assert.deepEqual(await bin.restore(two), { parentId: undefined });
  assert.deepEqual(
    (await tree.list(undefined)).documents.map(({ title }) => title),
    ["one", "two"],
  );
});

for (const way of ["is in the bin", "is purged"]) {
  test(`what a folder closed stays closed when it comes back without it, which ${way}`, async (context) => {
    const { tree, bin, access, rules, folder, document, user } = await openDocuments(context);
    const staff = await user("staff", { groups: ["staff"] });
    const other = await user("other");
    const outer = await folder("outer");
    const inner = await folder("inner", outer);
    const file = await document("file", inner);
    await rules.set(staff, outer, { ...closed, move: [] });
    await rules.set(staff, inner, { write: [{ ...closed.read[0], __noinherit__: ["move"] }] });
    const own = [{ match: "all", match_groups: [], note: "its own" }];
    await rules.set(staff, file, { read: own });
    await tree.remove(file, "kim");
    await tree.remove(outer, "kim");
    if (way === "is purged") await bin.purge(outer);
    await bin.restore(file);
    assert.equal((await access.check(other, "read", file)).allowed, false);
    assert.equal((await access.check(other, "write", file)).allowed, false);
    assert.equal((await access.check(other, "move", file)).allowed, true);
    assert.equal((await access.check(staff, "write", file)).allowed, true);
    assert.deepEqual(await rules.of(file), { read: [...own, ...closed.read], write: closed.read });
  });
}

test("restored to a place that somebody named, it has that place's rules", async (context) => {
  const { tree, bin, access, folder, document, user, rules } = await openDocuments(context);
  const staff = await user("staff", { groups: ["staff"] });
  const other = await user("other");
  const outer = await folder("outer");
  await rules.set(staff, outer, closed);
  const file = await document("file", outer);
  await tree.remove(file, "kim");
  await bin.restore(file, { into: { parentId: undefined } });
  assert.equal((await access.check(other, "read", file)).allowed, true);
});

test("purging takes revisions, rules, grants and blocks along, and leaves everything else", async (context) => {
  const { tree, bin, rules, grants, blocks, revisions, database, folder, document, kim } = await openDocuments(context);
  const outer = await folder("outer");
  const file = await document("file", outer);
  const kept = await document("kept");
  for (const entryId of [file, kept]) {
    await rules.set(kim, entryId, { write: [{ match: "all", match_groups: [] }] });
    await grants.create({ userId: kim.userId, entryId, types: ["read"], startAt: 0, endAt: undefined });
    await blocks.create({ userId: kim.userId, entryId, types: ["move"], endAt: undefined, by: "kim" });
  }
  await tree.remove(outer, "kim");
  await bin.purge(outer);
  assert.deepEqual(await bin.list(), []);
  assert.deepEqual(await revisions.list(file), []);
  assert.equal((await revisions.list(kept)).length, 1);
  for (const table of ["access_rules", "access_grants", "user_blocks"] as const) {
    const rows = await database.kysely.selectFrom(table).select("entry_id").execute();
    assert.deepEqual(rows, [{ entry_id: kept }], table);
  }
  await assert.rejects(bin.purge(outer), { code: "DOCUMENT_NOT_FOUND" });
});

test("purging a folder keeps what was deleted from deep inside it earlier", async (context) => {
  const { tree, bin, folder, document } = await openDocuments(context);
  const outer = await folder("outer");
  const inner = await folder("inner", outer);
  const file = await document("file", inner, 9);
  const below = await document("below", inner);
  await tree.remove(file, "kim");
  await tree.remove(inner, "kim");
  await tree.remove(outer, "kim");
  await bin.purge(outer);
  await bin.purge(inner);
  assert.equal(await tree.document(below), undefined);
  await bin.restore(file);
  assert.equal((await tree.document(file))?.size, 9);
});

test("an emptied bin has nothing left", async (context) => {
  const { tree, bin, folder, document } = await openDocuments(context);
  const outer = await folder("outer");
  for (const name of ["a", "b"]) await tree.remove(await document(name, outer), "kim");
  await tree.remove(outer, "kim");
  const kept = await document("kept");
  await bin.empty();
  assert.deepEqual(await bin.list(), []);
  assert.equal((await tree.document(kept))?.title, "kept");
});
