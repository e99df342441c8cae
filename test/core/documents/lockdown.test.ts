import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Lockdown, type LockdownState } from "../../../src-main/core/documents/lockdown.ts";
import { Database } from "../../../src-main/store/database.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openDatabase } from "../../support/openDatabase.ts";
import { openDocuments } from "../../support/openDocuments.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

const endTasks = async (): Promise<void> => {};

test("there is no lockdown at the first start, and everybody who listens hears of each switch", async (context) => {
  const lockdown = await Lockdown.open({ database: await openDatabase(context), endTasks });
  const heard: LockdownState[] = [];
  const listening = lockdown.onChanged((state) => heard.push(state));
  assert.equal(lockdown.active, false);
  await lockdown.set(true, "kim");
  assert.equal(lockdown.active, true);
  await lockdown.set(true, "alex");
  await lockdown.set(false, "kim");
  assert.equal(lockdown.active, false);
  listening.dispose();
  await lockdown.set(true, "kim");
  assert.deepEqual(
    heard.map(({ active, by }) => `${by} ${active}`),
    ["kim true", "alex true", "kim false"],
  );
});

for (const persist of [true, false, undefined]) {
  test(`a lockdown ${persist === true ? "outlives a restart when asked to" : `with persist ${persist} ends with the core`}`, async (context) => {
    const file = join(temporaryFolder(context), "picket.db");
    const first = await Database.open({ file });
    await (await Lockdown.open({ database: first, endTasks })).set(true, "kim", { persist });
    await first.close();
    const second = await Database.open({ file });
    context.after(() => second.close());
    const { state } = await Lockdown.open({ database: second, endTasks });
    assert.deepEqual(
      state,
      persist === true
        ? { active: true, by: "kim", persisted: true }
        : { active: false, by: undefined, persisted: false },
    );
  });
}

for (const later of ["switched off", "switched on again without persistence"]) {
  test(`a persistent lockdown that was ${later} does not come back after a restart`, async (context) => {
    const file = join(temporaryFolder(context), "picket.db");
    const first = await Database.open({ file });
    const lockdown = await Lockdown.open({ database: first, endTasks });
    await lockdown.set(true, "kim", { persist: true });
    await lockdown.set(later !== "switched off", "kim");
    await first.close();
    const second = await Database.open({ file });
    context.after(() => second.close());
    assert.equal((await Lockdown.open({ database: second, endTasks })).active, false);
  });
}

test("the documents are closed before the waiting transfers end, and open after", async (context) => {
  const during: boolean[] = [];
  const lockdown: Lockdown = await Lockdown.open({
    database: await openDatabase(context),
    endTasks: async () => {
      during.push(lockdown.active);
    },
  });
  await lockdown.set(true, "kim");
  await lockdown.set(false, "kim");
  assert.deepEqual(during, [true, true]);
});

test("a switch that cannot be stored leaves it as it was, and nobody hears of it", async (context) => {
  let fails = true;
  const lockdown = await Lockdown.open({
    database: await openDatabase(context),
    endTasks: async () => {
      if (fails) throw new Error("the disk is full");
    },
  });
  const heard: LockdownState[] = [];
  lockdown.onChanged((state) => heard.push(state));
  await assert.rejects(lockdown.set(true, "kim"));
  assert.equal(lockdown.active, false);
  fails = false;
  await lockdown.set(true, "kim");
  fails = true;
  await assert.rejects(lockdown.set(false, "kim"));
  assert.equal(lockdown.active, true);
  assert.equal(heard.length, 1);
});

for (const active of [true, false]) {
  test(`switching it ${active ? "on" : "off"} ends the transfers that wait`, async (context) => {
    const { tree, tasks, lockdown, document, kim } = await openDocuments(context);
    const shown = (await tree.document(await document("shown")))?.currentRevisionId ?? "";
    const { revisionId } = await tree.createDocument({ parentId: undefined, title: "coming", by: kim });
    const download = await tasks.createDownload({ revisionId: shown, form: "seed", by: "kim" });
    const upload = await tasks.createUpload({ revisionId, by: "kim" });
    await tasks.take(download.id, "download");
    await lockdown.set(active, "kim");
    await assert.rejects(tasks.take(download.id, "download"), { code: "FILE_TASK_OVER" });
    await assert.rejects(tasks.take(upload.id, "upload"), { code: "FILE_TASK_OVER" });
    const later = await tasks.createUpload({ revisionId, by: "kim" });
    assert.equal((await tasks.take(later.id, "upload")).id, later.id, "who may pass makes new ones");
  });
}
