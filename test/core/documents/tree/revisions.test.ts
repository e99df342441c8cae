import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);

test("a new revision is listed first and hides nothing until its upload is complete", async (context) => {
  const { tree, revisions, document, activate, clock } = await openDocuments(context);
  const id = await document("document", undefined, 1);
  const first = (await tree.document(id))?.currentRevisionId;
  clock.advance(1_000);
  const second = await revisions.create(id, "alex");
  const { fileId, ...rest } = second;
  assert.match(fileId, /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    id: second.id,
    documentId: id,
    size: 0,
    sha256: undefined,
    createdAt: clock.wallTime(),
    createdBy: "alex",
    activatedAt: undefined,
  });
  assert.deepEqual(await revisions.get(second.id), second);
  assert.deepEqual(
    (await revisions.list(id)).map((revision) => revision.id),
    [second.id, first],
  );
  assert.equal((await tree.document(id))?.size, 1);
  await activate(id, second.id, 2);
  assert.equal((await tree.document(id))?.size, 2);
  assert.equal((await tree.document(id))?.modifiedAt, clock.wallTime());
});

test("revisions of the same moment are listed the newest first", async (context) => {
  const { revisions, document } = await openDocuments(context);
  const id = await document("document");
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) made.unshift((await revisions.create(id, "kim")).id);
  assert.deepEqual(
    (await revisions.list(id)).slice(0, 5).map((revision) => revision.id),
    made,
  );
});

test("only a document that is there gets a revision", async (context) => {
  const { tree, revisions, document, folder } = await openDocuments(context);
  const deleted = await document("deleted");
  await tree.remove(deleted, "kim");
  for (const id of [unknown, deleted, await folder("folder")]) {
    await assert.rejects(revisions.create(id, "kim"), { code: "DOCUMENT_NOT_FOUND" });
  }
  assert.equal(await revisions.get(unknown), undefined);
  assert.deepEqual(await revisions.list(unknown), []);
});

test("another revision is shown when it is the document's and complete", async (context) => {
  const { tree, revisions, document, activate } = await openDocuments(context);
  const id = await document("document", undefined, 1);
  const other = (await tree.document(await document("other")))?.currentRevisionId ?? "";
  const first = (await tree.document(id))?.currentRevisionId ?? "";
  const second = await revisions.create(id, "kim");
  await activate(id, second.id, 2);
  const third = await revisions.create(id, "kim");
  await revisions.setCurrent(id, first);
  assert.equal((await tree.document(id))?.size, 1);
  for (const revision of [third.id, other, unknown]) {
    await assert.rejects(revisions.setCurrent(id, revision), { code: "REVISION_NOT_FOUND" });
  }
  await tree.remove(id, "kim");
  await assert.rejects(revisions.setCurrent(id, second.id), { code: "REVISION_NOT_FOUND" });
});

test("a deleted revision gives its place to the newest that is left, and the last one is not deleted", async (context) => {
  const { tree, revisions, document, activate } = await openDocuments(context);
  const id = await document("document", undefined, 1);
  const first = (await tree.document(id))?.currentRevisionId ?? "";
  const second = await revisions.create(id, "kim");
  await activate(id, second.id, 2);
  const third = await revisions.create(id, "kim");
  await activate(id, third.id, 3);
  await revisions.remove(first);
  assert.equal((await tree.document(id))?.currentRevisionId, third.id, "another one than the current one");
  const waiting = await revisions.create(id, "kim");
  await revisions.remove(third.id);
  assert.equal((await tree.document(id))?.currentRevisionId, second.id);
  await assert.rejects(revisions.remove(second.id), { code: "CONFLICT", message: /last revision/ });
  assert.equal((await tree.document(id))?.currentRevisionId, second.id);
  await revisions.remove(waiting.id);
  await assert.rejects(revisions.remove(waiting.id), { code: "REVISION_NOT_FOUND" });
  assert.deepEqual(
    (await revisions.list(id)).map((revision) => revision.id),
    [second.id],
  );
});

test("the newest complete revision takes the place of the deleted one, not the oldest nor one that waits", async (context) => {
  const { tree, revisions, document, activate, clock } = await openDocuments(context);
  const id = await document("document");
  const made: string[] = [];
  for (let count = 0; count < 4; count += 1) {
    clock.advance(1_000);
    made.push((await revisions.create(id, "kim")).id);
  }
  for (const revision of made.slice(0, 3)) await activate(id, revision);
  await revisions.remove(made[2] ?? "");
  assert.equal((await tree.document(id))?.currentRevisionId, made[1]);
});

test("of two who delete the last two revisions at once, one is refused", async (context) => {
  const { tree, revisions, document, activate } = await openDocuments(context);
  const id = await document("document", undefined, 1);
  const first = (await tree.document(id))?.currentRevisionId ?? "";
  const second = await revisions.create(id, "kim");
  await activate(id, second.id, 2);
  const results = await Promise.allSettled([revisions.remove(first), revisions.remove(second.id)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
  assert.equal((await tree.document(id))?.currentRevisionId, second.id);
});

test("a document has ten thousand revisions and no more", async (context) => {
  const { revisions, database, document } = await openDocuments(context);
  const id = await document("document");
  await sql`
    with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 9999)
    insert into revisions (id, document_id, file_id, created_at, created_by)
      select 'revision ' || number, ${id}, 'file ' || number, 0, 'kim' from numbers
  `.execute(database.kysely);
  await assert.rejects(revisions.create(id, "kim"), { code: "CONFLICT", message: /10000 revisions/ });
  await revisions.remove("revision 1");
  await revisions.create(id, "kim");
});
