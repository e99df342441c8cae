import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openLogs } from "../../support/openLogs.ts";

failOnLeaks();

const day = 24 * 3_600_000;

test("lines are gone when they are old enough, not before, and their room is used again", async (t) => {
  const logs = await openLogs(t, { limits: { keep: 10 * day, maxBytes: 0 } });
  for (let count = 0; count < 20; count += 1) {
    await logs.add(1, [`day ${count}`]);
    logs.clock.advance(day);
    await logs.store.prune();
  }
  const expected = Array.from({ length: 10 }, (_, index) => `day ${19 - index}`);
  assert.deepEqual(await logs.find({}), expected);
  await logs.reopen();
  assert.deepEqual(await logs.find({}), expected);
  logs.clock.advance(11 * day);
  assert.deepEqual(await logs.find({}), [], "what is too old is not shown, also before it is deleted");
  await logs.store.prune();
  assert.deepEqual(await logs.store.sources(undefined), []);
});

test("above the size the oldest lines go, and the newest stay", async (t) => {
  const maxBytes = 4_000_000;
  const logs = await openLogs(t, { limits: { keep: 30 * day, maxBytes } });
  for (let count = 0; count < 60; count += 1) {
    const lines = Array.from({ length: 500 }, (_, index) => `${count} ${index} ${"some words of a line ".repeat(12)}`);
    await logs.add(1, lines);
    logs.clock.advance(60_000);
    await logs.store.prune();
    // What came since the last look is above it at most.
    assert.ok((await logs.store.usedBytes()) < maxBytes * 1.3, `${await logs.store.usedBytes()} bytes`);
  }
  const [newest = ""] = await logs.find({ limit: 1 });
  assert.match(newest, /^59 499 /);
  const oldest = (await logs.find({ limit: 50_000 })).at(-1) ?? "";
  assert.ok(Number(oldest.split(" ")[0]) > 5, `the oldest of 60 is ${oldest.slice(0, 10)}`);
  assert.ok(Number(oldest.split(" ")[0]) < 56, "and it is not only the last few");
});

test("time alone makes it prune, with nobody asking", async (t) => {
  const logs = await openLogs(t, { limits: { keep: 2 * day, maxBytes: 0 } });
  await logs.add(1, ["old"]);
  const before = await logs.store.usedBytes();
  for (let count = 0; count < 4; count += 1) {
    logs.clock.advance(day);
    await logs.add(1, ["new"]);
  }
  logs.clock.advance(60_000);
  await logs.reopen();
  assert.deepEqual(await logs.find({ from: 0 }), ["new", "new"]);
  assert.ok((await logs.store.usedBytes()) < before * 6);
});
