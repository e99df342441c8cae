import assert from "node:assert/strict";
import { rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { ManualClock } from "../../../support/manualClock.ts";
import { openStorage, sha256, someBytes, type TestStorage } from "../../../support/openStorage.ts";

failOnLeaks();

const damaged = { code: "INTERNAL_ERROR", message: "The file of this document is damaged on the core's disk." };

function fileOf({ folder }: TestStorage, hash: string | undefined): string {
  return join(folder, "blobs", hash?.slice(0, 2) ?? "", hash ?? "");
}

test("a download reads any part, and never beyond the end", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(100_000);
  const { id: revisionId, documentId } = await storage.store(content, { title: "report.pdf" });
  const task = await storage.tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  const download = await storage.downloads.open(task.id);
  const { size, sha256: hash, title } = download;
  assert.deepEqual({ size, hash, title }, { size: 100_000, hash: sha256(content), title: "report.pdf" });
  assert.deepEqual([download.documentId, download.revisionId], [documentId, revisionId]);
  assert.ok(content.subarray(50_000, 60_000).equals(await download.read(50_000, 10_000)));
  assert.ok(content.subarray(99_999).equals(await download.read(99_999, 10_000)));
  assert.equal((await download.read(100_000, 10)).length, 0);
  assert.equal((await download.read(200_000, 10)).length, 0);
  await download.close();
  await download.close();
  await assert.rejects(download.read(0, 1), { code: "CANCELLED" });
});

test("a task is used up by a download that finished, not by one that was cut", async (t) => {
  const storage = await openStorage(t);
  const { id: revisionId } = await storage.store(someBytes(10));
  const { id } = await storage.tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  await (await storage.downloads.open(id)).close();
  const download = await storage.downloads.open(id);
  await download.finish();
  await download.close();
  await assert.rejects(storage.downloads.open(id), { code: "FILE_TASK_OVER" });
});

test("a revision whose upload is not complete cannot be read", async (t) => {
  const storage = await openStorage(t);
  const { revisionId } = await storage.newUpload();
  await assert.rejects(storage.downloads.open({ revisionId }), { code: "REVISION_NOT_FOUND" });
  const { id } = await storage.tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  await assert.rejects(storage.downloads.open(id), { code: "REVISION_NOT_FOUND" });
  assert.deepEqual([...storage.downloads.running()], []);
});

test("what somebody reads stays, even when the document is gone for good; then it goes", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(50_000);
  const { id: revisionId, documentId } = await storage.store(content);
  const download = await storage.downloads.open({ revisionId });
  assert.deepEqual([...storage.downloads.running()], [documentId]);
  await storage.database.kysely.deleteFrom("tree_entries").where("id", "=", documentId).execute();
  assert.equal(await storage.blobs.collect(), 0);
  assert.deepEqual(storage.files(), [sha256(content)]);
  assert.ok(content.equals(await download.read(0, 50_000)));
  await download.close();
  assert.deepEqual([...storage.downloads.running()], []);
  assert.equal(await storage.blobs.collect(), 1);
  assert.deepEqual(storage.files(), []);
});

test("a file that is missing or too short is reported, not sent", async (t) => {
  const storage = await openStorage(t);
  const [gone, short, shorter] = [
    await storage.store(someBytes(10, 1)),
    await storage.store(someBytes(10, 2)),
    await storage.store(someBytes(10, 3)),
  ];
  const reading = await storage.downloads.open({ revisionId: shorter.id });
  rmSync(fileOf(storage, gone.sha256));
  for (const { sha256: hash } of [short, shorter]) truncateSync(fileOf(storage, hash), 4);
  await assert.rejects(storage.downloads.open({ revisionId: gone.id }), damaged);
  await assert.rejects(storage.downloads.open({ revisionId: short.id }), damaged);
  await assert.rejects(reading.read(0, 10), damaged);
  await reading.close();
  const faults = (await storage.scrubber.damaged()).map(({ hash, fault }) => [hash, fault]);
  const wanted = [
    [gone.sha256, "missing"],
    [short.sha256, "changed"],
    [shorter.sha256, "changed"],
  ];
  assert.deepEqual(faults.sort(), wanted.sort());

  await storage.store(someBytes(10, 1));
  assert.ok(someBytes(10, 1).equals(await storage.read(gone.id)), "the same bytes uploaded again heal it");
  assert.equal((await storage.scrubber.damaged()).length, 2);
});

test("a download that takes longer than its task can be taken up after a cut", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const { id: revisionId } = await storage.store(someBytes(10));
  const { id } = await storage.tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  const download = await storage.downloads.open(id);
  for (let step = 0; step < 8; step += 1) {
    clock.advance(20 * 60_000);
    await storage.downloads.tend();
  }
  await download.close();
  await (await storage.downloads.open(id)).close();
});
