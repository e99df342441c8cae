import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { LocalBus } from "../../../src-main/bus/localBus.ts";
import { type AuditEntry, AuditLog } from "../../../src-main/core/audit/auditLog.ts";
import type { Database } from "../../../src-main/store/database.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { openDatabase } from "../../support/openDatabase.ts";

failOnLeaks();

function entry(target: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return { actor: "kim", action: "node-tag", target, outcome: "done", ...more };
}

async function open(database: Database) {
  const clock = new ManualClock();
  const bus = new LocalBus(silentLogger);
  const appended: number[] = [];
  bus.subscribe("audit-appended", ({ sequence }) => appended.push(sequence));
  return { log: await AuditLog.open({ database, bus, clock }), clock, appended };
}

async function setUp(t: TestContext, records = 0) {
  const database = await openDatabase(t);
  const opened = await open(database);
  for (let index = 1; index <= records; index += 1) await opened.log.append(entry(`node-${index}`));
  return { database, ...opened };
}

test("a record has who, what, on what, how it ended and when, and is on the disk when append resolves", async (t) => {
  const { log, clock, database, appended } = await setUp(t);
  const details = { tags: ["ü", '"'], nested: { none: null } };
  await log.append(entry("node-1", { outcome: "refused", details }));
  const rows = await database.kysely.selectFrom("audit").selectAll().execute();
  assert.equal(rows.length, 1);
  const [record] = await log.list({ limit: 10 });
  assert.deepEqual(record, {
    sequence: 1,
    time: clock.wallTime(),
    actor: "kim",
    action: "node-tag",
    target: "node-1",
    outcome: "refused",
    details,
    hash: rows[0]?.hash,
  });
  assert.deepEqual(appended, [1]);
});

test("the chain is what the document says: anybody can recompute it", async (t) => {
  const { database } = await setUp(t, 3);
  let previous = "0".repeat(64);
  for (const row of await database.kysely.selectFrom("audit").selectAll().orderBy("sequence").execute()) {
    const { sequence, time, actor, action, target, outcome, details_json, hash } = row;
    const content = JSON.stringify([sequence, time, actor, action, target, outcome, details_json]);
    previous = createHash("sha256").update(`${previous}\n${content}`).digest("hex");
    assert.equal(hash, previous);
  }
});

test("many records at once keep their order and the chain, and one that goes on after a restart fits", async (t) => {
  const { log, database } = await setUp(t);
  await Promise.all(Array.from({ length: 2_500 }, (_, index) => log.append(entry(`${index}`))));
  const again = await open(database);
  await again.log.append(entry("last"));
  assert.deepEqual(await again.log.verify(), { records: 2_501, brokenAt: undefined });
  const records = await again.log.list({ limit: 3 });
  assert.deepEqual(
    records.map(({ target }) => target),
    ["last", "2499", "2498"],
  );
});

test("an empty log is whole", async (t) => {
  const { log } = await setUp(t);
  assert.deepEqual(await log.verify(), { records: 0, brokenAt: undefined });
  assert.deepEqual(await log.list({ limit: 10 }), []);
});

type Tamper = (database: Database) => Promise<unknown>;
const columns = { actor: "lee", action: "x", target: "node-9", outcome: "refused", details_json: '{"a":1}', time: 1 };
const tamperings: readonly (readonly [what: string, tamper: Tamper, brokenAt: number])[] = [
  ...Object.entries(columns).map(
    ([column, value]) =>
      [
        `another ${column}`,
        ({ kysely }: Database) =>
          kysely
            .updateTable("audit")
            .set({ [column]: value })
            .where("sequence", "=", 4)
            .execute(),
        4,
      ] as const,
  ),
  [
    "another hash",
    ({ kysely }) =>
      kysely
        .updateTable("audit")
        .set({ hash: "0".repeat(64) })
        .where("sequence", "=", 4)
        .execute(),
    4,
  ],
  ["a record that is gone", ({ kysely }) => kysely.deleteFrom("audit").where("sequence", "=", 4).execute(), 5],
  ["the first record gone", ({ kysely }) => kysely.deleteFrom("audit").where("sequence", "=", 1).execute(), 2],
  ["the newest records gone", ({ kysely }) => kysely.deleteFrom("audit").where("sequence", ">", 6).execute(), 7],
  [
    "two records that changed places",
    async ({ kysely }) => {
      const rows = await kysely.selectFrom("audit").selectAll().where("sequence", "in", [4, 5]).execute();
      await kysely.deleteFrom("audit").where("sequence", "in", [4, 5]).execute();
      const swapped = rows.map((row) => ({ ...row, sequence: 9 - row.sequence }));
      await kysely.insertInto("audit").values(swapped).execute();
    },
    4,
  ],
  [
    "a record that was put in at the end",
    async ({ kysely }) => {
      const row = { ...columns, sequence: 9, hash: createHash("sha256").update("x").digest("hex") };
      await kysely.insertInto("audit").values(row).execute();
    },
    9,
  ],
];

for (const [what, tamper, brokenAt] of tamperings) {
  test(`${what} is found, at its place`, async (t) => {
    const { log, database } = await setUp(t, 8);
    await tamper(database);
    assert.equal((await log.verify()).brokenAt, brokenAt);
    assert.equal(
      (await log.verify()).records,
      brokenAt - (what.includes("that is gone") || what.includes("first") ? 2 : 1),
    );
  });
}

test("a number that was left out is found, also where the hashes fit", async (t) => {
  const { log, database } = await setUp(t, 2);
  const [last] = await log.list({ limit: 1 });
  const content = JSON.stringify([4, 1, "a", "b", "", "done", "{}"]);
  const hash = createHash("sha256").update(`${last?.hash}\n${content}`).digest("hex");
  const row = { sequence: 4, time: 1, actor: "a", action: "b", target: "", outcome: "done", details_json: "{}", hash };
  await database.kysely.insertInto("audit").values(row).execute();
  const { log: again } = await open(database);
  assert.deepEqual(await again.verify(), { records: 2, brokenAt: 4 });
});

test("when a record cannot be stored whoever wanted it is told, and the chain goes on without a hole", async (t) => {
  const { log, database } = await setUp(t, 2);
  const transact = database.transact.bind(database);
  const mock = t.mock.method(database, "transact", () => Promise.reject(new Error("no room")));
  await assert.rejects(Promise.all([log.append(entry("a")), log.append(entry("b"))]), /no room/);
  mock.mock.mockImplementation(transact);
  await log.append(entry("c"));
  assert.deepEqual(await log.verify(), { records: 3, brokenAt: undefined });
});

test("pages go backwards without gaps or repeats", async (t) => {
  const { log } = await setUp(t, 25);
  const seen: number[] = [];
  let page = await log.list({ limit: 10 });
  while (page.length > 0) {
    seen.push(...page.map(({ sequence }) => sequence));
    page = await log.list({ limit: 10, before: page.at(-1)?.sequence });
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, index) => 25 - index),
  );
});

test("the list can be narrowed by actor, action, target and time", async (t) => {
  const { log, clock } = await setUp(t);
  const start = clock.wallTime();
  await log.append(entry("node-1", { actor: "lee" }));
  clock.advance(1_000);
  await log.append(entry("3 nodes", { action: "command-run", details: { nodes: ["node-1", "node-11"] } }));
  clock.advance(1_000);
  await log.append(entry("node-11", { details: { name: 'quoted "node-1" inside' } }));
  await log.append(entry('with "quotes"'));
  const targets = async (query: object): Promise<string[]> =>
    (await log.list({ limit: 10, ...query })).map(({ target }) => target);
  assert.deepEqual(await targets({ actor: "lee" }), ["node-1"]);
  assert.deepEqual(await targets({ action: "command-run" }), ["3 nodes"]);
  assert.deepEqual(await targets({ target: "node-1" }), ["3 nodes", "node-1"]);
  assert.deepEqual(await targets({ target: "node-11" }), ["node-11", "3 nodes"]);
  assert.deepEqual(await targets({ target: 'with "quotes"' }), ['with "quotes"']);
  assert.deepEqual(await targets({ target: "%" }), []);
  assert.deepEqual(await targets({ from: start + 1_000, to: start + 2_000 }), ["3 nodes"]);
  assert.deepEqual(await targets({ actor: "nobody" }), []);
});

test("pages by offset, of some actions only, and how many fit them all", async (t) => {
  const { log } = await setUp(t);
  const actions = Array.from({ length: 12 }, (_, index) => `action-${index}`);
  for (let index = 0; index < 36; index += 1) {
    await log.append(entry(`target-${index}`, { action: actions[index % 12] ?? "" }));
  }
  const targets = async (query: Parameters<AuditLog["list"]>[0]) => (await log.list(query)).map(({ target }) => target);
  const two = { actions: ["action-0", "action-1"] };
  assert.deepEqual(await targets({ ...two, limit: 2, offset: 1 }), ["target-24", "target-13"]);
  assert.equal(await log.count(two), 6);
  assert.deepEqual(await targets({ actions, limit: 2, offset: 34 }), ["target-1", "target-0"]);
  assert.equal(await log.count({ actions }), 36);
  assert.deepEqual(await targets({ actions: [], limit: 10 }), []);
  assert.equal(await log.count({ actions: [] }), 0);
  assert.equal(await log.count({ actor: "nobody" }), 0);
  assert.equal(await log.count({ ...two, actor: "kim", target: "target-13" }), 1);
});
