import assert from "node:assert/strict";
import { statfsSync } from "node:fs";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openStorage, someBytes } from "../../../support/openStorage.ts";

failOnLeaks();

test("everybody's documents are counted, each at its full size, and the disk's files once", async (t) => {
  const { usage, store } = await openStorage(t);
  await store(someBytes(1_000), { by: "ann" });
  await store(someBytes(1_000), { by: "bob" });
  await store(someBytes(500, 2), { by: "bob" });
  assert.deepEqual(await usage.of("ann"), { user: "ann", bytes: 1_000, revisions: 1 });
  assert.deepEqual(await usage.of("eve"), { user: "eve", bytes: 0, revisions: 0 });
  assert.deepEqual(await usage.users(), [
    { user: "bob", bytes: 1_500, revisions: 2 },
    { user: "ann", bytes: 1_000, revisions: 1 },
  ]);
  const { files, bytes, damaged, freeBytes, totalBytes } = await usage.disk();
  assert.deepEqual({ files, bytes, damaged }, { files: 2, bytes: 1_500, damaged: 0 });
  assert.ok(freeBytes > 0 && freeBytes < totalBytes);
});

test("nobody keeps more than the quota, with what is on its way", async (t) => {
  const { uploads, newUpload, store, incoming } = await openStorage(t, { limits: { perUser: 1_000 } });
  await store(someBytes(400), { by: "ann" });
  const [first, second] = [await newUpload({ by: "ann" }), await newUpload({ by: "ann" })];
  await assert.rejects(uploads.open(first.taskId, { size: 601 }), {
    code: "QUOTA_EXCEEDED",
    details: "600 bytes are left",
  });
  assert.deepEqual(incoming(), [], "before anything is written");
  const running = await uploads.open(first.taskId, { size: 500 });
  await assert.rejects(uploads.open(second.taskId, { size: 101 }), { code: "QUOTA_EXCEEDED" });
  await running.write(someBytes(300));
  await running.suspend();
  const next = await uploads.open(second.taskId, { size: 300 });
  await assert.rejects(uploads.open(first.taskId, { size: 500, offset: "held" }), { code: "QUOTA_EXCEEDED" });
  await next.abort();
  const again = await uploads.open(first.taskId, { size: 500, offset: "held" });
  assert.equal(again.held, 300, "being refused takes nothing away");
  await again.write(someBytes(200));
  await again.finish();
  await store(someBytes(1_000), { by: "bob" });
});

test("a file may be as large as files may be, and not larger", async (t) => {
  const { uploads, newUpload, store } = await openStorage(t, { limits: { perFile: 100 } });
  await store(someBytes(100));
  await assert.rejects(uploads.open((await newUpload()).taskId, { size: 101 }), {
    code: "QUOTA_EXCEEDED",
    details: "at most 100 bytes",
  });
});

test("a file that the disk has no room for is refused before anything is written", async (t) => {
  const { uploads, newUpload, folder, incoming } = await openStorage(t);
  const { bavail, bsize } = statfsSync(folder);
  const { taskId } = await newUpload();
  await assert.rejects(uploads.open(taskId, { size: bavail * bsize * 2 }), { code: "STORAGE_FULL" });
  const most = Math.floor(bavail * bsize * 0.6);
  const running = await uploads.open(taskId, { size: most });
  await assert.rejects(uploads.open((await newUpload()).taskId, { size: most }), { code: "STORAGE_FULL" });
  assert.deepEqual(incoming(), [taskId], "what others were promised is not promised again");
  await running.abort();
});
