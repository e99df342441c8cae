import assert from "node:assert/strict";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { PicketError } from "../../src-main/base/errors.ts";
import type { Database } from "../../src-main/store/database.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { openDatabase } from "../support/openDatabase.ts";

failOnLeaks();

function auditRow(sequence: number, details = "{}") {
  const rest = { time: sequence, actor: "a", action: "b", target: "", outcome: "done", hash: "" };
  return { sequence, details_json: details, ...rest };
}

function insert({ kysely }: Database, sequence: number, details?: string) {
  return kysely.insertInto("audit").values(auditRow(sequence, details));
}

async function sequences({ kysely }: Database): Promise<number[]> {
  const rows = await kysely.selectFrom("audit").select("sequence").orderBy("sequence").execute();
  return rows.map(({ sequence }) => sequence);
}

function isError(code: string, details?: string) {
  return (error: unknown) =>
    error instanceof PicketError && error.code === code && (details === undefined || error.details === details);
}

test("a transaction does all of its statements, and says what each did", async (t) => {
  const database = await openDatabase(t);
  const results = await database.transact([
    insert(database, 1),
    insert(database, 2),
    database.kysely.updateTable("audit").set({ actor: "c" }),
    database.kysely.deleteFrom("audit").where("sequence", "=", 1),
  ]);
  assert.deepEqual(
    results.map(({ changes }) => changes),
    [1, 1, 2, 1],
  );
  assert.equal(results[1]?.lastInsertRowid, 2);
  assert.deepEqual(await sequences(database), [2]);
});

test("a constraint in the middle leaves nothing of the transaction, and the next one works", async (t) => {
  const database = await openDatabase(t);
  await database.transact([insert(database, 5)]);
  const broken = database.transact([insert(database, 1), insert(database, 5), insert(database, 6)]);
  await assert.rejects(broken, isError("CONFLICT"));
  assert.deepEqual(await sequences(database), [5]);
  await database.transact([insert(database, 1)]);
  assert.deepEqual(await sequences(database), [1, 5]);
});

test("a statement that cannot run is an error of the database and leaves nothing", async (t) => {
  const database = await openDatabase(t);
  const unknown = database.kysely.deleteFrom("no_such_table" as "audit");
  await assert.rejects(database.transact([insert(database, 1), unknown]), isError("DATABASE_ERROR"));
  await assert.rejects(unknown.execute(), isError("DATABASE_ERROR"));
  assert.deepEqual(await sequences(database), []);
});

test("a transaction of nothing is done at once", async (t) => {
  assert.deepEqual(await (await openDatabase(t)).transact([]), []);
});

test("bytes, numbers, texts and null come back as they were stored", async (t) => {
  const { kysely } = await openDatabase(t);
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  await kysely.insertInto("metric_journal").values({ samples: bytes }).execute();
  const [row] = await kysely.selectFrom("metric_journal").selectAll().execute();
  assert.deepEqual(new Uint8Array(row?.samples ?? []), bytes);
  const time = Date.parse("2026-03-01T12:00:00.123Z");
  const user = { id: "ü'\"\u0000", username: "😀", password_hash: "", role: "", groups_json: null, created_at: time };
  await kysely.insertInto("users").values(user).execute();
  assert.deepEqual(
    await kysely
      .selectFrom("users")
      .select(["id", "username", "password_hash", "role", "groups_json", "created_at"])
      .execute(),
    [user],
  );
});

test("what cannot be bound is refused before anything is sent", async (t) => {
  const database = await openDatabase(t);
  const wrong = database.kysely.deleteFrom("audit").where("time", "=", {} as unknown as number);
  await assert.rejects(database.transact([wrong]), TypeError);
  await database.transact([insert(database, 1)]);
});

test("a full database refuses, keeps what it has, and works again when there is room", async (t) => {
  const database = await openDatabase(t, 2_000_000);
  const large = JSON.stringify("x".repeat(20_000));
  let stored = 0;
  const fill = async (): Promise<void> => {
    for (;;) {
      await database.transact([insert(database, stored + 1, large)]);
      stored += 1;
    }
  };
  await assert.rejects(fill(), isError("DATABASE_ERROR", "the disk is full"));
  assert.ok(stored > 10, `${stored} rows`);
  await assert.rejects(
    database.transact([insert(database, 900, large), insert(database, 901)]),
    isError("DATABASE_ERROR"),
  );
  assert.deepEqual(
    await sequences(database),
    Array.from({ length: stored }, (_, index) => index + 1),
  );
  await database.transact([database.kysely.deleteFrom("audit").where("sequence", "<=", 5)]);
  await database.transact([insert(database, 902, large)]);
  assert.ok((await sequences(database)).includes(902));
});

test("transactions and queries that come in the middle of another transaction wait for their turn", async (t) => {
  const database = await openDatabase(t);
  await database.transact([insert(database, 1, "0")]);
  const meanwhile: Promise<unknown>[] = [];
  let next = 2;
  /** Changes the row in several steps; in the middle of them somebody else comes. */
  const change = (details: (before: string) => string): Promise<void> =>
    database.kysely.transaction().execute(async (transaction) => {
      const row = await transaction.selectFrom("audit").select("details_json").executeTakeFirstOrThrow();
      meanwhile.push(database.transact([insert(database, next)]), sequences(database));
      next += 1;
      await transaction
        .updateTable("audit")
        .set({ details_json: details(row.details_json) })
        .execute();
    });
  const changeMind = (): string => {
    throw new Error("changed my mind");
  };
  await Promise.allSettled(
    Array.from({ length: 20 }, () => [change((before) => `${Number(before) + 1}`), change(changeMind)]).flat(),
  );
  await Promise.all(meanwhile);
  const row = await database.kysely.selectFrom("audit").selectAll().where("sequence", "=", 1).executeTakeFirst();
  assert.equal(row?.details_json, "20");
  assert.equal((await sequences(database)).length, 41, "a roll-back of one took nothing of the others");
});

test("when the database's thread dies, everything that waits is told, and so is everything after it", async (t) => {
  const workers: Worker[] = [];
  const onWorker = (worker: Worker): unknown => workers.push(worker);
  process.on("worker", onWorker);
  t.after(() => process.off("worker", onWorker));
  const database = await openDatabase(t);
  assert.equal(workers.length, 1);
  const waiting = Array.from({ length: 5 }, (_, index) => database.transact([insert(database, index + 1)]));
  const ended = Promise.allSettled([...waiting, sequences(database)]);
  await workers[0]?.terminate();
  for (const outcome of await ended) {
    if (outcome.status === "rejected") assert.ok(isError("DATABASE_ERROR")(outcome.reason));
  }
  assert.equal((await ended).at(-1)?.status, "rejected");
  await assert.rejects(database.transact([insert(database, 9)]), isError("DATABASE_ERROR"));
  await assert.rejects(sequences(database), isError("DATABASE_ERROR"));
});

test("a closed database says so", async (t) => {
  const database = await openDatabase(t);
  await database.close();
  await assert.rejects(database.transact([insert(database, 1)]), isError("DATABASE_ERROR", "it is closed"));
});
