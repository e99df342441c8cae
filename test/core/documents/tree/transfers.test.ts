import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments, type TestDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const content = new TextEncoder().encode("what the document says");

/** A document in a folder whose bytes are on the disk. */
async function uploaded(documents: TestDocuments): Promise<{ folderId: string; id: string; revisionId: string }> {
  const { tree, kim, folder } = documents;
  const folderId = await folder("folder");
  const { document, revisionId } = await tree.createDocument({ parentId: folderId, title: "document", by: kim });
  await upload(documents, revisionId);
  return { folderId, id: document.id, revisionId };
}

async function upload({ tasks, uploads }: TestDocuments, revisionId: string): Promise<void> {
  const task = await tasks.createUpload({ revisionId, by: "kim" });
  const open = await uploads.open(task.id, { size: content.length });
  await open.write(content);
  await open.finish();
}

test("what is being downloaded is neither deleted nor purged, nor a folder around it", async (context) => {
  const documents = await openDocuments(context);
  const { tree, revisions, downloads, folder } = documents;
  const { folderId, id, revisionId } = await uploaded(documents);
  const outer = await folder("outer");
  await tree.move(folderId, outer);
  const second = await revisions.create(id, "kim");
  await upload(documents, second.id);
  const download = await downloads.open({ revisionId });
  for (const entry of [id, folderId, outer]) {
    await assert.rejects(tree.remove(entry, "kim"), { code: "TRANSFER_RUNNING" });
  }
  await assert.rejects(revisions.remove(revisionId), { code: "TRANSFER_RUNNING" });
  assert.notEqual(await tree.document(id), undefined);
  assert.deepEqual(Buffer.from(await download.read(0, content.length)), Buffer.from(content));
  await tree.rename(id, "renamed");
  await tree.move(folderId, undefined);
  await tree.remove(outer, "kim");
  await download.close();
  await tree.remove(folderId, "kim");
});

test("a download from the bin keeps what it reads from being purged", async (context) => {
  const documents = await openDocuments(context);
  const { tree, bin, downloads } = documents;
  const { folderId, revisionId } = await uploaded(documents);
  await tree.remove(folderId, "kim");
  const other = await documents.document("other");
  await tree.remove(other, "kim");
  const download = await downloads.open({ revisionId });
  await assert.rejects(bin.purge(folderId), { code: "TRANSFER_RUNNING" });
  await assert.rejects(bin.empty(), { code: "TRANSFER_RUNNING" });
  assert.deepEqual(
    (await bin.list()).map(({ trashId }) => trashId),
    [folderId],
  );
  assert.equal((await download.read(0, content.length)).length, content.length);
  await download.close();
  await bin.empty();
  assert.deepEqual(await bin.list(), []);
});

test("the files of what was purged go, those of others and shared ones stay", async (context) => {
  const documents = await openDocuments(context);
  const { tree, bin, blobs, folder, kim } = documents;
  const { folderId, id } = await uploaded(documents);
  const hash = (await tree.document(id))?.sha256 ?? "";
  const twin = await tree.createDocument({ parentId: await folder("other"), title: "twin", by: kim });
  await upload(documents, twin.revisionId);
  assert.equal((await tree.document(twin.document.id))?.sha256, hash);
  await tree.remove(folderId, "kim");
  await bin.purge(folderId);
  await blobs.collect();
  assert.notEqual(await blobs.get(hash), undefined);
  await tree.remove(twin.document.id, "kim");
  await blobs.collect();
  assert.notEqual(await blobs.get(hash), undefined, "the bin still needs it");
  await bin.empty();
  await blobs.collect();
  assert.equal(await blobs.get(hash), undefined);
});

test("deleting ends the transfers that wait, and they do not come back with what is restored", async (context) => {
  const documents = await openDocuments(context);
  const { tree, bin, tasks, revisions } = documents;
  const { folderId, id, revisionId } = await uploaded(documents);
  const elsewhere = await tasks.createDownload({ revisionId, form: "seed", by: "kim" });
  const waiting = await tasks.createUpload({ revisionId: (await revisions.create(id, "kim")).id, by: "kim" });
  const other = (await tree.document(await documents.document("other")))?.currentRevisionId ?? "";
  const others = await tasks.createDownload({ revisionId: other, form: "seed", by: "kim" });
  await tree.remove(folderId, "kim");
  await bin.restore(folderId);
  await assert.rejects(tasks.take(elsewhere.id, "download"), { code: "FILE_TASK_OVER" });
  await assert.rejects(tasks.take(waiting.id, "upload"), { code: "FILE_TASK_OVER" });
  assert.equal((await tasks.take(others.id, "download")).id, others.id);
});

test("an upload of a document that is deleted meanwhile is refused at its end, and shows nothing", async (context) => {
  const documents = await openDocuments(context);
  const { tree, bin, tasks, uploads, revisions } = documents;
  const { id, revisionId } = await uploaded(documents);
  const second = await revisions.create(id, "kim");
  const task = await tasks.createUpload({ revisionId: second.id, by: "kim" });
  const open = await uploads.open(task.id, { size: 3 });
  await open.write(new Uint8Array(3));
  await tree.remove(id, "kim");
  await assert.rejects(open.finish(), { code: "FILE_TASK_OVER" });
  await bin.restore(id);
  assert.equal((await tree.document(id))?.currentRevisionId, revisionId);
});

test("a first upload whose folder is deleted meanwhile is refused at its end, and leaves nothing", async (context) => {
  const { tree, bin, tasks, uploads, folder, kim } = await openDocuments(context);
  const parentId = await folder("folder");
  const { document, revisionId } = await tree.createDocument({ parentId, title: "document", by: kim });
  const task = await tasks.createUpload({ revisionId, by: "kim" });
  const open = await uploads.open(task.id, { size: 3 });
  await open.write(new Uint8Array(3));
  await tree.remove(parentId, "kim");
  await assert.rejects(open.finish(), ({ code }: { code?: string }) => /^FILE_TASK/.test(code ?? ""));
  await bin.restore(parentId);
  assert.equal(await tree.document(document.id), undefined);
});

test("an upload that ends in the moment of the deletion is in the bin whole or was refused", async (context) => {
  const documents = await openDocuments(context);
  const { tree, bin, tasks, uploads, revisions } = documents;
  const { id } = await uploaded(documents);
  for (let round = 0; round < 30; round += 1) {
    const second = await revisions.create(id, "kim");
    const open = await uploads.open((await tasks.createUpload({ revisionId: second.id, by: "kim" })).id, { size: 3 });
    await open.write(Uint8Array.of(round, 1, 2));
    const before = (await tree.document(id))?.currentRevisionId;
    const finished = open.finish();
    for (let turn = 0; turn < round; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const [result] = await Promise.allSettled([finished, tree.remove(id, "kim")]);
    await bin.restore(id);
    const { currentRevisionId } = (await tree.document(id)) ?? {};
    assert.equal(currentRevisionId, result.status === "fulfilled" ? second.id : before);
    const shown = await revisions.get(currentRevisionId ?? "");
    assert.notEqual(shown?.activatedAt, undefined);
  }
});
