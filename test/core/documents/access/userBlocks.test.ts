import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);

test("blocks are listed the newest first, with what they are about and whether they are in force", async (context) => {
  const { blocks, folder, clock, kim, user } = await openDocuments(context);
  const { userId } = kim;
  const other = await user("other");
  const entryId = await folder("folder");
  const now = clock.wallTime();
  const first = await blocks.create({ userId, entryId, types: ["move", "read", "read"], endAt: now + 10, by: "alex" });
  const second = await blocks.create({ userId, entryId: undefined, types: ["write"], endAt: undefined, by: "alex" });
  const third = await blocks.create({
    userId: other.userId,
    entryId: undefined,
    types: ["read"],
    endAt: now - 1,
    by: "kim",
  });
  const block = { userId, username: "kim", createdBy: "alex", createdAt: now, liftedAt: undefined, active: true };
  const listed = [
    { ...block, id: second, entryId: undefined, entryKind: undefined, types: ["write"], endAt: undefined },
    { ...block, id: first, entryId, entryKind: "folder", types: ["move", "read"], endAt: now + 10 },
  ];
  assert.deepEqual(await blocks.listOf(userId), listed);
  assert.deepEqual(
    (await blocks.list()).map(({ id, active }) => ({ id, active })),
    [
      { id: third, active: false },
      { id: second, active: true },
      { id: first, active: true },
    ],
  );
  clock.advance(10);
  assert.equal((await blocks.get(first))?.active, false);
  assert.deepEqual(await blocks.listOf(unknown), []);
  assert.equal(await blocks.get(99), undefined);
});

test("a block is lifted once, and not when it is over", async (context) => {
  const { blocks, access, document, clock, kim } = await openDocuments(context);
  const { userId } = kim;
  const entryId = await document("document");
  const id = await blocks.create({ userId, entryId, types: ["read"], endAt: undefined, by: "alex" });
  assert.equal((await access.check(kim, "read", entryId)).allowed, false);
  assert.equal(await blocks.lift(id), "lifted");
  assert.equal((await access.check(kim, "read", entryId)).allowed, true);
  assert.equal((await blocks.get(id))?.liftedAt, clock.wallTime());
  assert.equal(await blocks.lift(id), "ended");
  const short = await blocks.create({ userId, entryId, types: ["read"], endAt: clock.wallTime() + 5, by: "alex" });
  clock.advance(5);
  assert.equal(await blocks.lift(short), "ended");
  assert.equal(await blocks.lift(99), "unknown");
});

test("a block that is not whole is not made", async (context) => {
  const { blocks, tree, document, kim } = await openDocuments(context);
  const deleted = await document("deleted");
  await tree.remove(deleted, "kim");
  const good = { userId: kim.userId, entryId: undefined, types: ["read"], endAt: undefined, by: "alex" };
  const bad = [
    [{ types: ["manage"] }, "INVALID_PARAMS"],
    [{ types: ["read", "manage"] }, "INVALID_PARAMS"],
    [{ types: ["delete"] }, "INVALID_PARAMS"],
    [{ types: [] }, "INVALID_PARAMS"],
    [{ userId: unknown }, "USER_NOT_FOUND"],
    [{ entryId: unknown }, "DOCUMENT_NOT_FOUND"],
    [{ entryId: deleted }, "DOCUMENT_NOT_FOUND"],
  ] as const;
  for (const [change, code] of bad) await assert.rejects(blocks.create({ ...good, ...change }), { code });
  assert.deepEqual(await blocks.list(), []);
});

test("blocks go with their user", async (context) => {
  const { blocks, database, user } = await openDocuments(context);
  const { userId } = await user("leaver");
  await blocks.create({ userId, entryId: undefined, types: ["read"], endAt: undefined, by: "kim" });
  await database.transact([database.kysely.deleteFrom("users").where("id", "=", userId)]);
  assert.deepEqual(await blocks.list(), []);
});

test("there are a thousand blocks of one user and no more", async (context) => {
  const { blocks, database, kim } = await openDocuments(context);
  const row = { user_id: kim.userId, entry_id: null, access_types_json: "[]", created_by: "kim", created_at: 0 };
  const insert = database.kysely.insertInto("user_blocks").values({ ...row, end_at: null, lifted_at: null });
  await database.transact(Array.from({ length: 1_000 }, () => insert));
  const block = { userId: kim.userId, entryId: undefined, types: ["read"], endAt: undefined, by: "kim" };
  await assert.rejects(blocks.create(block), { code: "CONFLICT", message: /1000 blocks/ });
});
