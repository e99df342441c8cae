import assert from "node:assert/strict";
import { test } from "node:test";
import { taskNotNow, taskNotValid } from "../../../../src-main/core/documents/transfers/fileTask.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { ManualClock } from "../../../support/manualClock.ts";
import { newId, openStorage, someBytes } from "../../../support/openStorage.ts";

failOnLeaks();

const hour = 3_600_000;
const notValid = { code: "FILE_TASK_OVER", details: taskNotValid };
const notNow = { code: "FILE_TASK_OVER", details: taskNotNow };

test("a task says what it is for, and lives an hour", async (t) => {
  const clock = new ManualClock();
  const { tasks, store, newUpload } = await openStorage(t, { clock });
  const { id: revisionId, documentId, fileId } = await store(someBytes(10));
  const task = await tasks.createDownload({ revisionId, form: "reference", by: "bob" });
  assert.match(task.id, /^[0-9a-f]{64}$/);
  const [startAt, endAt] = [clock.wallTime(), clock.wallTime() + hour];
  const common = { status: "waiting", startAt, endAt } as const;
  const wanted = { id: task.id, mode: "download", form: "reference", revisionId, fileId, documentId, createdBy: "bob" };
  assert.deepEqual(task, { ...wanted, ...common });
  assert.deepEqual(await tasks.get(task.id), task);
  assert.equal((await tasks.get((await newUpload()).taskId))?.mode, "upload");
  clock.advance(hour - 1);
  assert.deepEqual(await tasks.take(task.id, "download"), task);
  clock.advance(1);
  await assert.rejects(tasks.take(task.id, "download"), notNow);
});

test("the checks come in their order: known, of this kind and unused, in time", async (t) => {
  const clock = new ManualClock();
  const { tasks, newUpload } = await openStorage(t, { clock });
  const { taskId } = await newUpload();
  await assert.rejects(tasks.take(newId(), "upload"), { code: "FILE_TASK_NOT_FOUND" });
  await assert.rejects(tasks.take("../../etc/passwd", "upload"), { code: "FILE_TASK_NOT_FOUND" });
  clock.advance(2 * hour);
  await assert.rejects(tasks.take(taskId, "download"), notValid, "of the wrong kind before out of time");
  await assert.rejects(tasks.take(taskId, "upload"), notNow);
  await tasks.finish(taskId);
  await assert.rejects(tasks.take(taskId, "upload"), notValid);
});

test("a task of no revision is refused", async (t) => {
  const { tasks } = await openStorage(t);
  await assert.rejects(tasks.createUpload({ revisionId: newId(), by: "ann" }), { code: "REVISION_NOT_FOUND" });
});

test("a clock that jumps ahead ends tasks, one that jumps back holds them up; back in time they are as before", async (t) => {
  const clock = new ManualClock();
  const { tasks, newUpload, uploads } = await openStorage(t, { clock });
  const { taskId } = await newUpload();
  const upload = await uploads.open(taskId, { size: 4 });
  await upload.write(someBytes(2));
  clock.jump(30 * 24 * hour);
  await assert.rejects(tasks.take(taskId, "upload"), notNow);
  clock.jump(-60 * 24 * hour);
  await assert.rejects(tasks.take(taskId, "upload"), notNow);
  await upload.write(someBytes(1));
  clock.jump(30 * 24 * hour);
  const again = await uploads.open(taskId, { size: 4, offset: "held" });
  assert.equal(again.held, 3, "what came is still there");
  clock.jump(30 * 24 * hour);
  await again.write(someBytes(1));
  assert.equal((await again.finish()).size, 4, "what runs does not ask the clock");
});

test("all tasks can be ended at once, and none comes back", async (t) => {
  const clock = new ManualClock();
  const { tasks, store, newUpload } = await openStorage(t, { clock });
  const upload = await newUpload();
  const { id: revisionId } = await store(someBytes(10));
  const download = await tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  await tasks.endAll();
  await assert.rejects(tasks.take(upload.taskId, "upload"), notNow);
  await assert.rejects(tasks.take(download.id, "download"), notNow);
  await tasks.renew(download);
  await assert.rejects(tasks.take(download.id, "download"), notNow);
  const later = await tasks.createDownload({ revisionId, form: "seed", by: "ann" });
  assert.equal((await tasks.take(later.id, "download")).id, later.id, "new ones work");
});

test("the end of a task is pushed on while it is used, not before half of its time is over", async (t) => {
  const clock = new ManualClock();
  const { tasks, newUpload } = await openStorage(t, { clock });
  const task = await tasks.take((await newUpload()).taskId, "upload");
  assert.equal((await tasks.renew(task)).endAt, task.endAt);
  clock.advance(hour / 2);
  const renewed = await tasks.renew(task);
  assert.equal(renewed.endAt, task.endAt + hour / 2);
  assert.deepEqual(await tasks.get(task.id), renewed);
});

test("a task that has been over for a day is forgotten", async (t) => {
  const clock = new ManualClock();
  const { tasks, newUpload } = await openStorage(t, { clock });
  const { taskId } = await newUpload();
  clock.advance(25 * hour);
  await tasks.prune();
  assert.notEqual(await tasks.get(taskId), undefined);
  clock.advance(1);
  await tasks.prune();
  assert.equal(await tasks.get(taskId), undefined);
});
