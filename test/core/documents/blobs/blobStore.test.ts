import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../../support/eventually.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { ManualClock } from "../../../support/manualClock.ts";
import { openStorage, sha256, someBytes } from "../../../support/openStorage.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

failOnLeaks();

test("a file goes with the last revision that has it, within the hour", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const [shared, other] = [someBytes(100, 1), someBytes(100, 2)];
  const [first, second] = [await storage.store(shared), await storage.store(shared)];
  const third = await storage.store(other);
  const remove = (documentId: string) =>
    storage.database.kysely.deleteFrom("tree_entries").where("id", "=", documentId).execute();
  await remove(first.documentId);
  await remove(third.documentId);
  clock.advance(3_600_000);
  await eventually(() => storage.files().length === 1);
  assert.ok((await storage.read(second.id)).equals(shared));
  await remove(second.documentId);
  clock.advance(3_600_000);
  await eventually(() => storage.files().length === 0);
});

test("many files that nobody has go in one sweep", async (t) => {
  const storage = await openStorage(t);
  const { kysely } = storage.database;
  const hashes = Array.from({ length: 450 }, (_, index) => sha256(Buffer.from(`${index}`)));
  await storage.database.transact(hashes.map((hash) => storage.blobs.row(hash, 1)));
  await storage.blobs.collect();
  assert.deepEqual(await kysely.selectFrom("blobs").select("hash").execute(), []);
});

test("at the start files without a row go, and nothing else does", async (t) => {
  const folder = temporaryFolder(t);
  const content = someBytes(1_000);
  let storage = await openStorage(t, { folder });
  const { id: revisionId } = await storage.store(content);
  await storage.close();
  const stray = sha256(Buffer.from("left by a crash between the file and its row"));
  mkdirSync(join(folder, "blobs", stray.slice(0, 2)), { recursive: true });
  writeFileSync(join(folder, "blobs", stray.slice(0, 2), stray), "x");
  writeFileSync(join(folder, "blobs", stray.slice(0, 2), "README"), "not ours");

  storage = await openStorage(t, { folder });
  const wanted = [sha256(content), "README"].sort();
  await eventually(() => storage.files().length === wanted.length);
  assert.deepEqual(storage.files(), wanted);
  assert.ok((await storage.read(revisionId)).equals(content));
});

test("uploads of the same bytes while the collector runs lose nothing", async (t) => {
  const storage = await openStorage(t);
  const content = someBytes(20_000);
  for (let round = 0; round < 10; round += 1) {
    const { documentId } = await storage.store(content);
    await storage.database.kysely.deleteFrom("tree_entries").where("id", "=", documentId).execute();
    const [revision] = await Promise.all([storage.store(content), storage.blobs.collect(), storage.blobs.collect()]);
    assert.ok((await storage.read(revision.id)).equals(content));
    await storage.database.kysely.deleteFrom("tree_entries").where("id", "=", revision.documentId).execute();
  }
});
