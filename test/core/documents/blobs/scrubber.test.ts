import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../../../../src-main/base/logger.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { ManualClock } from "../../../support/manualClock.ts";
import { openStorage, someBytes, type TestStorage } from "../../../support/openStorage.ts";

failOnLeaks();

const day = 24 * 3_600_000;

function fileOf({ folder }: TestStorage, hash: string | undefined): string {
  return join(folder, "blobs", hash?.slice(0, 2) ?? "", hash ?? "");
}

/** Lets the clock run until `look` is true; what the scrubber waits for beside it is the disk. */
async function whileTimePasses(clock: ManualClock, look: () => Promise<boolean>): Promise<void> {
  for (let step = 0; step < 3_000; step += 1) {
    if (await look()) return;
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.fail("it did not happen within two days of the clock");
}

test("a full check finds what is missing and what has changed, says whose it is, and counts", async (t) => {
  const storage = await openStorage(t);
  const whole = await storage.store(someBytes(3_000_000, 1), { title: "whole" });
  const gone = await storage.store(someBytes(100, 2), { title: "gone" });
  const rotten = await storage.store(someBytes(1_500_000, 3), { title: "rotten" });
  const empty = await storage.store(someBytes(0), { title: "empty" });
  const twin = await storage.store(someBytes(1_500_000, 3), { title: "twin" });
  await storage.scrubber.check();
  assert.deepEqual(await storage.scrubber.damaged(), []);

  rmSync(fileOf(storage, gone.sha256));
  const flipped = someBytes(1_500_000, 3);
  flipped[1_400_000] = (flipped[1_400_000] ?? 0) ^ 1;
  writeFileSync(fileOf(storage, rotten.sha256), flipped);
  await storage.scrubber.check();
  const found = new Map((await storage.scrubber.damaged()).map((file) => [file.hash, file]));
  assert.equal(found.size, 2);
  const missing = found.get(gone.sha256 ?? "");
  assert.equal(missing?.fault, "missing");
  assert.deepEqual(missing?.documents, [{ documentId: gone.documentId, title: "gone" }]);
  const changed = found.get(rotten.sha256 ?? "");
  assert.deepEqual([changed?.fault, changed?.size], ["changed", 1_500_000]);
  assert.deepEqual(changed?.documents.map(({ title }) => title).sort(), ["rotten", "twin"]);
  assert.deepEqual(storage.scrubber.progress, {
    isRunning: false,
    checkedFiles: 4,
    totalFiles: 4,
    checkedBytes: 4_500_100,
    totalBytes: 4_500_100,
  });
  assert.equal((await storage.usage.disk()).damaged, 2);
  assert.equal(whole.activatedAt !== undefined && empty.activatedAt !== undefined && twin.size > 0, true);

  writeFileSync(fileOf(storage, rotten.sha256), someBytes(1_500_000, 3));
  await storage.scrubber.check();
  assert.deepEqual(
    [...(await storage.scrubber.damaged())].map(({ hash }) => hash),
    [gone.sha256],
  );
});

test("a second check while one runs is that one", async (t) => {
  const { scrubber, store } = await openStorage(t);
  await store(someBytes(1_000));
  const first = scrubber.check();
  assert.equal(scrubber.check(), first);
  await first;
  assert.equal(scrubber.progress.checkedFiles, 1);
});

test("by the clock alone rot is found, and the log says so once", async (t) => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const logger = createLogger({ level: "info", format: "text", clock, write: (line) => lines.push(line) });
  const storage = await openStorage(t, { clock, logger });
  const { sha256: hash } = await storage.store(someBytes(9_000_000));
  writeFileSync(fileOf(storage, hash), someBytes(9_000_000, 2));
  await whileTimePasses(clock, async () => (await storage.scrubber.damaged()).length > 0);
  const seen = lines.filter((line) => line.includes("a stored file is damaged"));
  assert.equal(seen.length, 1, lines.join("\n"));
  assert.match(seen[0] ?? "", /ERROR .*fault=changed file=.*blobs/);
});

test("a file is read again after two weeks, not before", async (t) => {
  const clock = new ManualClock();
  const storage = await openStorage(t, { clock });
  const { sha256: hash = "" } = await storage.store(someBytes(100));
  const checkedAt = async (): Promise<number | undefined> => (await storage.blobs.get(hash))?.checkedAt;
  await whileTimePasses(clock, async () => (await checkedAt()) !== undefined);
  const first = await checkedAt();
  clock.stall(13 * day);
  for (let step = 0; step < 200; step += 1) {
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await checkedAt(), first);
  clock.stall(day);
  await whileTimePasses(clock, async () => (await checkedAt()) !== first);
});
