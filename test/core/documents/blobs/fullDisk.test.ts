import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, promises, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { OpenFile } from "../../../../src-main/core/documents/transfers/stagedFile.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openStorage, sha256, someBytes } from "../../../support/openStorage.ts";

failOnLeaks();

/** A disk of `room` bytes: writing more fails as a full one does, after the part that still fits. */
function smallDisk(disk: { room: number; failSync?: boolean }): OpenFile {
  return async (file, flags) => {
    const handle = await promises.open(file, flags);
    const write = handle.write.bind(handle) as typeof handle.write;
    const full = (): Error => Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    const limited = async (...[buffer, from, length, position]: [Buffer, number, number, number]) => {
      const fits = Math.min(length, disk.room);
      if (fits === 0) throw full();
      disk.room -= fits;
      return write(buffer, from, fits, position);
    };
    const sync = (real: () => Promise<void>) => async () => {
      if (disk.failSync) throw full();
      await real();
    };
    return Object.assign(handle, {
      write: limited,
      sync: sync(handle.sync.bind(handle)),
      datasync: sync(handle.datasync.bind(handle)),
    });
  };
}

test("a disk that fills in the middle says so, keeps what fitted, and the upload goes on when there is room", async (t) => {
  const disk = { room: 700_000 };
  const storage = await openStorage(t, { openFile: smallDisk(disk) });
  const content = someBytes(2_000_000);
  const { taskId, revisionId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: content.length, sha256: sha256(content) });
  const send = async (): Promise<void> => {
    for (let offset = 0; offset < content.length; offset += 50_000) {
      await upload.write(content.subarray(offset, offset + 50_000));
    }
    await upload.finish();
  };
  await assert.rejects(send(), { code: "STORAGE_FULL" });
  assert.equal(upload.held, 700_000);
  await assert.rejects(upload.write(someBytes(1)), { code: "STORAGE_FULL" });
  await upload.suspend();
  assert.equal(await storage.uploads.held(taskId), 700_000);

  disk.room = Number.POSITIVE_INFINITY;
  const again = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  assert.equal(again.held, 700_000);
  await again.write(content.subarray(700_000));
  assert.equal((await again.finish()).sha256, sha256(content));
  assert.ok((await storage.read(revisionId)).equals(content));
});

test("a disk that says at the end only that it is full: nothing shows, and the upload can be sent again", async (t) => {
  const disk = { room: Number.POSITIVE_INFINITY, failSync: true };
  const storage = await openStorage(t, { openFile: smallDisk(disk) });
  const content = someBytes(300_000);
  const { taskId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: content.length });
  await upload.write(content);
  await assert.rejects(upload.finish(), { code: "STORAGE_FULL" });
  assert.deepEqual(storage.files(), []);
  disk.failSync = false;
  const again = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  assert.equal(again.held, 0, "what was not synced is not believed");
  await again.write(content);
  assert.equal((await again.finish()).sha256, sha256(content));
});

test("a database that cannot write the last word leaves the upload complete, to be finished later", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(300_000);
  const { taskId, revisionId } = await storage.newUpload();
  const upload = await storage.uploads.open(taskId, { size: content.length });
  await upload.write(content);
  const { kysely } = storage.database;
  const trigger = "create trigger full before update on revisions begin select raise(abort, 'database is full'); end";
  const run = (sql: string) => kysely.executeQuery({ sql, parameters: [], query: { kind: "RawNode" } } as never);
  await run(trigger);
  await assert.rejects(upload.finish());
  assert.deepEqual(storage.files(), [], "a file is not there without its row");
  await run("drop trigger full");
  const again = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  assert.equal(again.held, content.length);
  await again.finish();
  assert.ok((await storage.read(revisionId)).equals(content));
});

/** A disk of 8 MB of its own; undefined where this user may not mount one. */
function mountSmallDisk(context: Pick<TestContext, "after">): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "picket-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmdirSync(folder);
    return undefined;
  }
  context.after(() => {
    execFileSync("umount", ["--lazy", folder]);
    rmdirSync(folder);
  });
  return folder;
}

test("a real disk that fills while a file comes", async (t) => {
  const disk = mountSmallDisk(t);
  if (disk === undefined) {
    t.skip("this user may not mount a disk");
    return;
  }
  const storage = await openStorage(t, { folder: disk });
  const content = someBytes(5_000_000);
  const { taskId, revisionId } = await storage.newUpload();
  await assert.rejects(storage.uploads.open(taskId, { size: 8_000_000 }), { code: "STORAGE_FULL" });
  const upload = await storage.uploads.open(taskId, { size: content.length });
  await upload.write(content.subarray(0, 1_000_000));
  const ballast = join(disk, "ballast");
  assert.throws(() => writeFileSync(ballast, Buffer.alloc(8_000_000)), { code: "ENOSPC" });
  await assert.rejects(
    async () => {
      await upload.write(content.subarray(1_000_000));
      await upload.finish();
    },
    { code: "STORAGE_FULL" },
  );
  await upload.suspend();
  const held = await storage.uploads.held(taskId);
  assert.ok(held > 0 && held <= 1_100_000, String(held));
  await assert.rejects(storage.uploads.open(taskId, { size: content.length, offset: "held" }), {
    code: "STORAGE_FULL",
  });
  rmSync(ballast);
  const again = await storage.uploads.open(taskId, { size: content.length, offset: "held" });
  assert.equal(again.held, held);
  await again.write(content.subarray(held));
  await again.finish();
  assert.ok((await storage.read(revisionId)).equals(content));
});
