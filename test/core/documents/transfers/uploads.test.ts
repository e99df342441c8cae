import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { ManualClock } from "../../../support/manualClock.ts";
import { newId, openStorage, sha256, someBytes, type TestStorage } from "../../../support/openStorage.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

failOnLeaks();

const megabyte = 1024 * 1024;

async function currentOf({ database }: TestStorage, documentId: string): Promise<string | null | undefined> {
  const row = await database.kysely
    .selectFrom("tree_entries")
    .select("current_revision_id")
    .where("id", "=", documentId)
    .executeTakeFirst();
  return row?.current_revision_id;
}

for (const size of [0, 1, 8_192, 256 * 1024, 256 * 1024 + 1, 3 * megabyte + 17]) {
  test(`a file of ${size} bytes is stored by its hash, shown, and read as it was`, async (t) => {
    const storage = await openStorage(t);
    const content = someBytes(size);
    const { taskId, documentId, revisionId } = await storage.newUpload();
    const upload = await storage.uploads.open(taskId, { size, sha256: sha256(content).toUpperCase() });
    for (let offset = 0; offset < size; offset += 8_192) await upload.write(content.subarray(offset, offset + 8_192));
    assert.equal(await currentOf(storage, documentId), null, "nothing shows before the end");
    const revision = await upload.finish();
    assert.equal(revision.id, revisionId);
    assert.equal(revision.documentId, documentId);
    assert.equal(revision.size, size);
    assert.equal(revision.sha256, sha256(content));
    assert.notEqual(revision.activatedAt, undefined);
    assert.equal(await currentOf(storage, documentId), revisionId);
    assert.deepEqual(storage.files(), [sha256(content)]);
    assert.deepEqual(storage.incoming(), []);
    assert.ok((await storage.read(revisionId)).equals(content));
    await assert.rejects(storage.uploads.open(taskId, { size }), { code: "FILE_TASK_OVER" }, "a task is used once");
  });
}

test("the memory that the sender used is the sender's again after the write", async (t) => {
  const storage = await openStorage(t);
  const { taskId, revisionId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: megabyte });
  const frame = Buffer.alloc(8_192);
  for (let index = 0; index < 128; index += 1) {
    frame.fill(index);
    await upload.write(frame);
  }
  frame.fill(255);
  await upload.finish();
  const stored = await storage.read(revisionId);
  assert.ok(stored.every((byte, offset) => byte === Math.floor(offset / 8_192)));
});

test("two documents with the same bytes share one file", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(100_000);
  const [first, second] = [await storage.store(content), await storage.store(content)];
  assert.equal(first.sha256, second.sha256);
  assert.equal(storage.files().length, 1);
  assert.deepEqual(storage.incoming(), []);
  assert.ok((await storage.read(second.id)).equals(content));
});

test("a size that lies: too much is refused at once, too little at the end, and what came is kept", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(10_000);
  const { taskId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: 10_000 });
  await assert.rejects(upload.write(someBytes(10_001)), {
    code: "SIZE_MISMATCH",
    details: "expected 10000, got 10001",
  });
  await upload.write(content.subarray(0, 4_000));
  await assert.rejects(upload.finish(), { code: "SIZE_MISMATCH", details: "expected 10000, got 4000" });
  assert.equal(upload.held, 4_000);
  await upload.write(content.subarray(4_000));
  assert.equal((await upload.finish()).sha256, sha256(content));
});

test("a hash that lies: nothing shows, nothing is left, and the task can be used again", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(50_000);
  const { taskId, documentId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: content.length, sha256: "0".repeat(64) });
  await upload.write(content);
  const details = `expected ${"0".repeat(64)}, got ${sha256(content)}`;
  await assert.rejects(upload.finish(), { code: "HASH_MISMATCH", details });
  assert.deepEqual([storage.files(), storage.incoming()], [[], []]);
  assert.equal(await currentOf(storage, documentId), null);
  await assert.rejects(upload.write(content), { code: "CANCELLED" });

  const again = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  assert.equal(again.held, 0);
  await again.write(content);
  await again.finish();
});

for (const [what, start] of [
  ["a negative size", { size: -1 }],
  ["half a byte", { size: 1.5 }],
  ["no number", { size: Number.NaN }],
  ["more than a number can say", { size: 2 ** 60 }],
  ["an offset below zero", { size: 1, offset: -1 }],
  ["an offset that is no number", { size: 1, offset: Number.NaN }],
  ["a hash that is none", { size: 1, sha256: "abc" }],
] as const) {
  test(`${what} is refused before anything is written`, async (t) => {
    const storage = await openStorage(t);
    const { taskId } = await storage.newUpload();
    await assert.rejects(storage.uploads.open(taskId, start), { code: "INVALID_PARAMS" });
    assert.deepEqual(storage.incoming(), []);
  });
}

test("a sender that was cut off goes on where the core is, in the same process and in the next", async (t) => {
  const folder = temporaryFolder(t);
  const content = someBytes(5 * megabyte + 3);
  const half = 2 * megabyte + 5;
  let storage = await openStorage(t, { folder });
  const { taskId, revisionId } = await storage.newUpload();
  const first = await storage.uploads.open(taskId, { size: content.length, sha256: sha256(content) });
  await first.write(content.subarray(0, half));
  await first.suspend();
  await assert.rejects(first.write(content.subarray(half)), { code: "CANCELLED" });
  assert.equal(await storage.uploads.held(taskId), half);
  assert.equal(storage.uploads.openCount, 0, "it takes no file and no memory");

  const second = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  assert.equal(second.held, half);
  await second.write(content.subarray(half, half + megabyte));
  await storage.close();

  storage = await openStorage(t, { folder });
  assert.equal(await storage.uploads.held(taskId), half + megabyte);
  const third = await storage.uploads.open(taskId, { size: content.length, sha256: sha256(content), offset: "held" });
  assert.equal(third.held, half + megabyte);
  await third.write(content.subarray(half + megabyte));
  assert.equal((await third.finish()).sha256, sha256(content));
  assert.ok((await storage.read(revisionId)).equals(content));
});

test("a sender may keep less than there is, and without an offset begins anew", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(megabyte);
  const { taskId } = await storage.newUpload();
  const first = await storage.uploads.open(taskId, { size: megabyte });
  await first.write(someBytes(800_000, 7));
  const second = await storage.uploads.open(taskId, { size: megabyte });
  assert.equal(second.held, 0);
  await second.write(content.subarray(0, 700_000));
  const third = await storage.uploads.open(taskId, { size: megabyte, offset: 300_000 });
  assert.equal(third.held, 300_000);
  await third.write(content.subarray(300_000));
  assert.equal((await third.finish()).sha256, sha256(content), "the hash is the one of what was kept");
});

test("what is announced as another file does not go on with the first", async (t) => {
  const storage = await openStorage(t);
  const { taskId } = await storage.newUpload();
  const [one, other] = [someBytes(90_000, 1), someBytes(90_000, 2)];
  const first = await storage.uploads.open(taskId, { size: one.length, sha256: sha256(one) });
  await first.write(one.subarray(0, 50_000));
  const second = await storage.uploads.open(taskId, { size: 90_000, sha256: sha256(other), offset: "held" });
  assert.equal(second.held, 0);
  await second.write(other);
  assert.equal((await second.finish()).sha256, sha256(other));
});

test("after a power cut only what had reached the disk for good is kept", async (t) => {
  const folder = temporaryFolder(t);
  let storage = await openStorage(t, { folder });
  const content = someBytes(600_000);
  const { taskId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: content.length });
  await upload.write(content.subarray(0, 500_000));
  await storage.close();
  // As a file system without a journal of data may leave it: longer than what is in it.
  writeFileSync(join(folder, "blobs", "incoming", `${taskId}.held`), "0000000000300000");

  storage = await openStorage(t, { folder });
  const again = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  assert.equal(again.held, 300_000);
  await again.write(content.subarray(300_000));
  assert.equal((await again.finish()).sha256, sha256(content));
});

test("a second sender takes the task over, and the first one's bytes do not get between", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(8 * megabyte);
  const { taskId } = await storage.newUpload();
  const first = await storage.uploads.open(taskId, { size: content.length });
  await first.write(content.subarray(0, megabyte));
  const late = assert.rejects(first.write(content.subarray(megabyte, 7 * megabyte)), { code: "CANCELLED" });
  const second = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  await late;
  await assert.rejects(first.finish(), { code: "CANCELLED" });
  await first.suspend();
  assert.ok(second.held >= megabyte && second.held < 7 * megabyte, String(second.held));
  await second.write(content.subarray(second.held));
  assert.equal((await second.finish()).sha256, sha256(content));
});

test("an upload that is given up leaves nothing, and its task can be used again", async (t) => {
  const storage = await openStorage(t);
  const { taskId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: 100 });
  await upload.write(someBytes(50));
  await upload.abort();
  assert.deepEqual(storage.incoming(), []);
  assert.equal((await storage.uploads.open(taskId, { size: 100, offset: "held" })).held, 0);
});

test("an upload whose document is deleted meanwhile shows nowhere and leaves nothing", async (t) => {
  const storage = await openStorage(t);
  const { taskId, documentId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: 100 });
  await upload.write(someBytes(100));
  await storage.database.kysely.deleteFrom("tree_entries").where("id", "=", documentId).execute();
  await assert.rejects(upload.finish(), { code: "FILE_TASK_OVER" });
  assert.deepEqual(storage.incoming(), []);
  await storage.blobs.collect();
  assert.deepEqual(storage.files(), []);
});

test("an older revision whose upload took longer does not replace a newer one", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const { taskId, documentId, revisionId: older } = await storage.newUpload();
  const slow = await storage.uploads.open(taskId, { size: 3 });
  clock.advance(1_000);
  const newer = await storage.newRevision(documentId);
  const task = await storage.tasks.createUpload({ revisionId: newer, by: "ann" });
  const fast = await storage.uploads.open(task.id, { size: 3 });
  await fast.write(someBytes(3, 5));
  await fast.finish();
  await slow.write(someBytes(3, 6));
  assert.notEqual((await slow.finish()).activatedAt, undefined);
  assert.equal(await currentOf(storage, documentId), newer);
  assert.equal((await storage.read(older)).length, 3);
});

test("whoever is named as the owner must have made the task; otherwise its id is enough", async (t) => {
  const storage = await openStorage(t);
  const { taskId } = await storage.newUpload({ by: "ann" });
  await assert.rejects(storage.uploads.open(taskId, { size: 1, owner: "bob" }), { code: "FILE_TASK_NOT_FOUND" });
  await storage.uploads.open(taskId, { size: 1, owner: "ann" });
  await storage.uploads.open(taskId, { size: 1 });
  await assert.rejects(storage.uploads.open(newId(), { size: 1 }), { code: "FILE_TASK_NOT_FOUND" });
});

test("what ends all tasks lets a running upload be, and nobody takes it up afterwards", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const [running, cut] = [await storage.newUpload(), await storage.newUpload()];
  const upload = await storage.uploads.open(running.taskId, { size: 2 });
  const other = await storage.uploads.open(cut.taskId, { size: 2 });
  await upload.write(someBytes(1));
  await other.write(someBytes(1));
  await storage.tasks.endAll();
  await other.suspend();
  await assert.rejects(storage.uploads.open(cut.taskId, { size: 2, offset: "held" }), { code: "FILE_TASK_OVER" });
  clock.advance(10);
  await upload.write(someBytes(1));
  assert.notEqual((await upload.finish()).activatedAt, undefined);
});

test("idle uploads give back file and memory, and go on without noticing", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const content = someBytes(700_000);
  const { taskId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: content.length });
  await upload.write(content.subarray(0, 300_000));
  clock.advance(50_000);
  await storage.uploads.tend();
  assert.equal(storage.uploads.openCount, 1, "not yet");
  clock.advance(20_000);
  await storage.uploads.tend();
  assert.equal(storage.uploads.openCount, 0);
  await upload.write(content.subarray(300_000));
  assert.equal(storage.uploads.openCount, 1);
  assert.equal((await upload.finish()).sha256, sha256(content));
});

test("only so many uploads are open at once; one that was idle makes place, one that moves does not", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const uploads = await Promise.all(
    Array.from({ length: 64 }, async () => storage.uploads.open((await storage.newUpload()).taskId, { size: 10 })),
  );
  const { taskId } = await storage.newUpload();
  await assert.rejects(storage.uploads.open(taskId, { size: 10 }), { code: "RATE_LIMITED" });
  clock.advance(10_000);
  for (const upload of uploads.slice(1)) await upload.write(someBytes(1));
  const late = await storage.uploads.open(taskId, { size: 10 });
  assert.equal(storage.uploads.openCount, 64);
  await late.write(someBytes(10));
  await late.finish();
  await uploads[0]?.write(someBytes(10));
  assert.equal((await uploads[0]?.finish())?.size, 10, "the idle one goes on when there is place again");
});

test("a transfer that takes longer than its task can be taken up after a cut, while something comes", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const { taskId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: 200 });
  for (let minute = 0; minute < 120; minute += 1) {
    await upload.write(someBytes(1));
    clock.advance(60_000 - 1);
    await storage.uploads.tend();
  }
  await upload.suspend();
  const again = await storage.uploads.open(taskId, { size: 200, offset: "held" });
  assert.equal(again.held, 120);
});

test("at the start what is left of uploads that are over goes, and what can go on stays", async (t) => {
  const folder = temporaryFolder(t);
  const clock = new ManualClock();
  let storage = await openStorage(t, { folder, clock });
  const old = await storage.newUpload();
  await (await storage.uploads.open(old.taskId, { size: 10 })).write(someBytes(5));
  clock.advance(1_800_000);
  const young = await storage.newUpload();
  await (await storage.uploads.open(young.taskId, { size: 10 })).write(someBytes(5));
  await storage.close();
  writeFileSync(join(folder, "blobs", "incoming", newId()), "of nobody");
  clock.advance(1_800_000);

  storage = await openStorage(t, { folder, clock });
  assert.deepEqual(storage.incoming(), [young.taskId, `${young.taskId}.held`]);
  assert.equal(await storage.uploads.held(young.taskId), 5);
});

test("a file that was cut short on the disk meanwhile is believed as far as it goes", async (t) => {
  const folder = temporaryFolder(t);
  let storage = await openStorage(t, { folder });
  const { taskId } = await storage.newUpload();
  await (await storage.uploads.open(taskId, { size: 10 })).write(someBytes(8));
  await storage.close();
  truncateSync(join(folder, "blobs", "incoming", taskId), 3);
  storage = await openStorage(t, { folder });
  assert.equal(await storage.uploads.held(taskId), 3);
});
