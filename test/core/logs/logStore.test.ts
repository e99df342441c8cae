import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogBatch } from "../../../src-main/core/logs/logStore.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openLogs } from "../../support/openLogs.ts";

failOnLeaks();

const hour = 3_600_000;

test("lines are found newest first, page by page, each once, also after a restart", async (t) => {
  const logs = await openLogs(t);
  const all: string[] = [];
  for (let count = 0; count < 50; count += 1) {
    const messages = [`line ${count}a`, `line ${count}b`];
    await logs.add(count % 3, messages);
    all.push(...messages);
    logs.clock.advance(700);
  }
  await logs.reopen();
  const pages: string[] = [];
  let before: number | undefined;
  do {
    const page = await logs.store.search({ limit: 7, before });
    pages.push(...page.entries.map(({ message }) => message));
    before = page.next;
  } while (before !== undefined);
  assert.deepEqual(pages, all.toReversed());
});

test("lines in many parts of the file come in one order, whatever the size of a page", async (t) => {
  const logs = await openLogs(t, { limits: { keep: 30 * 24 * hour, maxBytes: 0 } });
  const all: string[] = [];
  for (let count = 0; count < 9; count += 1) {
    const messages = [`${count} first needle`, `${count} second needle`, `${count} third needle`];
    await logs.add(1, [...messages, "hay"]);
    all.push(...messages);
    logs.clock.advance(25 * hour);
    await logs.store.prune();
  }
  for (const limit of [1, 2, 4, 5, 7, 26, 27, 28]) {
    const pages: string[] = [];
    let before: number | undefined;
    do {
      const page = await logs.store.search({ limit, before, text: "needle" });
      assert.ok(page.entries.length <= limit);
      pages.push(...page.entries.map(({ message }) => message));
      before = page.next;
    } while (before !== undefined);
    assert.deepEqual(pages, all.toReversed(), `pages of ${limit}`);
  }
});

test("a line that comes late stands where it belongs in time", async (t) => {
  const logs = await openLogs(t);
  await logs.add(1, ["first"]);
  logs.clock.advance(hour);
  await logs.add(1, ["third"]);
  await logs.add(2, ["second"], { time: logs.clock.wallTime() - hour / 2 });
  await logs.reopen();
  await logs.add(2, ["between"], { time: logs.clock.wallTime() - hour / 2 });
  assert.deepEqual(await logs.find({}), ["third", "between", "second", "first"]);
});

test("lines that are older than the file are found like all others", async (t) => {
  const logs = await openLogs(t);
  const start = logs.clock.wallTime() - 5 * hour;
  for (let count = 0; count < 20; count += 1) await logs.add(1, [`old ${count}`], { time: start + count * 60_000 });
  await logs.add(1, ["new"]);
  const first = await logs.store.search({ limit: 5 });
  assert.equal(first.entries.length, 5);
  const rest = await logs.find({ before: first.next });
  assert.deepEqual([rest.length, rest[0], rest.at(-1)], [16, "old 15", "old 0"]);
  assert.equal((await logs.find({ to: start + 10 * 60_000 })).length, 10);
  assert.equal((await logs.find({ to: start + 10 * 60_000, text: "old" })).length, 10);
});

test("a line whose time cannot be has the time at which it came", async (t) => {
  const logs = await openLogs(t);
  const now = logs.clock.wallTime();
  for (const time of [0, now + 24 * hour, -1e15, now - 31 * 24 * hour]) await logs.add(1, ["wrong"], { time });
  const { entries } = await logs.store.search({ limit: 10 });
  assert.deepEqual(
    entries.map(({ time }) => time),
    [now, now, now, now],
  );
});

test("the range of time holds to the millisecond", async (t) => {
  const logs = await openLogs(t);
  const start = logs.clock.wallTime();
  for (let count = 0; count < 10; count += 1) {
    await logs.add(1, [`${count}`]);
    logs.clock.advance(300);
  }
  assert.deepEqual(await logs.find({ from: start + 300, to: start + 1_200 }), ["3", "2", "1"]);
  assert.deepEqual(await logs.find({ from: start + 301, to: start + 1_201 }), ["4", "3", "2"]);
  assert.deepEqual(await logs.find({ from: start + 10_000 }), []);
});

test("lines are found by node, level and source, alone and together", async (t) => {
  const logs = await openLogs(t);
  await logs.add(1, ["a"], { level: "error", source: "sshd.service" });
  await logs.add(1, ["b"], { level: "info", source: "sshd.service" });
  await logs.add(2, ["c"], { level: "error", source: "cron.service" });
  await logs.add(12, ["d"], { level: "critical", source: "sshd" });
  assert.deepEqual(await logs.find({ nodeKeys: [1] }), ["b", "a"]);
  assert.deepEqual(await logs.find({ nodeKeys: [1, 2], levels: ["error"] }), ["c", "a"]);
  assert.deepEqual(await logs.find({ levels: ["error", "critical"] }), ["d", "c", "a"]);
  assert.deepEqual(await logs.find({ sources: ["sshd.service"] }), ["b", "a"]);
  assert.deepEqual(await logs.find({ sources: ["sshd"] }), ["d"]);
  assert.deepEqual(await logs.find({ sources: ["sshd.service"], levels: ["error"], nodeKeys: [1], text: "a" }), ["a"]);
  assert.deepEqual(await logs.find({ nodeKeys: [] }), [], "no node is not every node");
  assert.deepEqual(await logs.find({ nodeKeys: Array.from({ length: 500 }, (_, key) => key + 2) }), ["d", "c"]);
  assert.deepEqual(await logs.store.sources([1, 12]), ["sshd", "sshd.service"]);
  assert.deepEqual(await logs.store.sources(undefined), ["cron.service", "sshd", "sshd.service"]);
});

test("whoever listens is told of every batch when it is stored, and nothing of one that failed", async (t) => {
  const logs = await openLogs(t);
  const batches: LogBatch[] = [];
  const subscription = logs.store.onStored((batch) => batches.push(batch));
  await Promise.all([logs.add(1, ["a", "b"]), logs.add(2, ["c"])]);
  subscription.dispose();
  await logs.add(1, ["d"]);
  const told = batches.map(({ nodeKey, entries }) => [nodeKey, ...entries.map(({ message }) => message)]);
  assert.deepEqual(told, [
    [1, "a", "b"],
    [2, "c"],
  ]);
  assert.deepEqual(
    (await logs.store.latest(1, 2)).map(({ message }) => message),
    ["d", "b"],
  );
});

test("whatever stands in a line comes back as it was, as far as it is text", async (t) => {
  const logs = await openLogs(t);
  const messages = [
    '{"a": "\\u0000"}',
    "tab\tand \u001b[31mred",
    "emoji 🦊",
    'it\'s "quoted" \\',
    "\ue000n1 \ue000l4",
    "",
  ];
  await logs.add(1, messages);
  assert.deepEqual(await logs.find({}), messages.toReversed());
  await logs.add(2, ["nul \0 and half a pair \ud800"]);
  assert.deepEqual(await logs.find({ nodeKeys: [2] }), ["nul \ufffd and half a pair \ufffd"]);
  assert.deepEqual(await logs.find({ nodeKeys: [1], levels: ["error"] }), [], "a line cannot pass for another's");
});

test("a removed node's lines are gone at once, also when the core is stopped meanwhile", async (t) => {
  const logs = await openLogs(t);
  await logs.add(
    1,
    Array.from({ length: 5_000 }, (_, index) => `line ${index}`),
  );
  await logs.add(2, ["stays"]);
  await logs.store.remove(1);
  assert.deepEqual(await logs.find({}), ["stays"]);
  await logs.reopen();
  assert.deepEqual(await logs.find({}), ["stays"]);
  await logs.add(2, ["more"]);
  // A second restart: by then nothing is left that would have to be hidden.
  await logs.reopen();
  assert.deepEqual(await logs.find({}), ["more", "stays"]);
  assert.deepEqual(await logs.store.sources(undefined), ["test"]);
});
