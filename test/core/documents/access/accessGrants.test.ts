import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);

test("a grant of several types is one entry a type, listed for its user, its group and its target", async (context) => {
  const { grants, document, folder, user, kim, clock } = await openDocuments(context);
  await user("member", { groups: ["staff"] });
  const [documentId, folderId] = [await document("document"), await folder("folder")];
  const now = clock.wallTime();
  const { userId } = kim;
  const own = await grants.create({ userId, entryId: documentId, types: ["write", "read"], startAt: 0, endAt: now });
  const [other] = await grants.create({
    group: "staff",
    entryId: folderId,
    types: ["read"],
    startAt: now,
    endAt: undefined,
  });
  const listed = await grants.list({ by: "user", identifier: userId });
  assert.deepEqual(
    listed.map(({ id, accessType }) => ({ id, accessType })),
    [
      { id: own[0], accessType: "write" },
      { id: own[1], accessType: "read" },
    ],
  );
  assert.deepEqual(listed[0], {
    id: own[0],
    userId,
    group: undefined,
    username: "kim",
    entryId: documentId,
    entryKind: "document",
    accessType: "write",
    startAt: 0,
    endAt: now,
  });
  const ofGroup = {
    id: other,
    userId: undefined,
    group: "staff",
    username: undefined,
    entryId: folderId,
    entryKind: "folder",
    accessType: "read",
    startAt: now,
    endAt: undefined,
  };
  assert.deepEqual(await grants.list({ by: "group", identifier: "staff" }), [ofGroup]);
  assert.deepEqual(await grants.list({ by: "folder", identifier: folderId }), [ofGroup]);
  assert.deepEqual(await grants.get(other ?? 0), ofGroup);
  assert.equal((await grants.list({ by: "document", identifier: documentId })).length, 2);
  assert.deepEqual(await grants.list({ by: "folder", identifier: documentId }), [], "it is no folder");
  assert.deepEqual(await grants.list({ by: "user", identifier: unknown }), []);
});

test("a grant that is not whole is not made", async (context) => {
  const { grants, tree, document, kim } = await openDocuments(context);
  const entryId = await document("document");
  const deleted = await document("deleted");
  await tree.remove(deleted, "kim");
  const good = { userId: kim.userId, entryId, types: ["read"], startAt: 0, endAt: undefined };
  const bad = [
    [{ types: ["read", "delete"] }, "INVALID_PARAMS"],
    [{ types: [] }, "INVALID_PARAMS"],
    [{ startAt: 10, endAt: 10 }, "INVALID_PARAMS"],
    [{ startAt: 10, endAt: 9 }, "INVALID_PARAMS"],
    [{ startAt: Number.NaN }, "INVALID_PARAMS"],
    [{ endAt: Number.POSITIVE_INFINITY }, "INVALID_PARAMS"],
    [{ group: "staff" }, "INVALID_PARAMS"],
    [{ userId: undefined }, "INVALID_PARAMS"],
    [{ userId: unknown }, "USER_NOT_FOUND"],
    [{ userId: undefined, group: "nobody" }, "USER_GROUP_NOT_FOUND"],
    [{ entryId: unknown }, "DOCUMENT_NOT_FOUND"],
    [{ entryId: deleted }, "DOCUMENT_NOT_FOUND"],
  ] as const;
  for (const [change, code] of bad) await assert.rejects(grants.create({ ...good, ...change }), { code });
  assert.deepEqual(await grants.list({ by: "document", identifier: entryId }), []);
});

test("a revoked grant gives nothing any more, and is revoked once", async (context) => {
  const { grants, access, rules, document, user, kim } = await openDocuments(context);
  const holder = await user("holder", { permissions: ["p"] });
  const entryId = await document("document");
  await rules.set(holder, entryId, { read: [{ match: "all", match_groups: [{ rights: { require: ["p"] } }] }] });
  const [id = 0] = await grants.create({ userId: kim.userId, entryId, types: ["read"], startAt: 0, endAt: undefined });
  assert.equal((await access.check(kim, "read", entryId)).allowed, true);
  assert.equal(await grants.revoke(id), true);
  assert.equal((await access.check(kim, "read", entryId)).allowed, false);
  assert.equal(await grants.revoke(id), false);
  assert.equal(await grants.get(id), undefined);
});

test("a type that is named twice is granted once", async (context) => {
  const { grants, document, kim } = await openDocuments(context);
  const entryId = await document("document");
  const ids = await grants.create({
    userId: kim.userId,
    entryId,
    types: ["read", "read"],
    startAt: 0,
    endAt: undefined,
  });
  assert.equal(ids.length, 1);
});

test("times beyond all dates are kept as the last one", async (context) => {
  const { grants, document, kim } = await openDocuments(context);
  const entryId = await document("document");
  await grants.create({ userId: kim.userId, entryId, types: ["read"], startAt: 0.4, endAt: 1e18 });
  await grants.create({ userId: kim.userId, entryId, types: ["move"], startAt: -1e300, endAt: 1e300 });
  assert.deepEqual(
    (await grants.list({ by: "document", identifier: entryId })).map(({ startAt, endAt }) => [startAt, endAt]),
    [
      [0, 8.64e15],
      [-8.64e15, 8.64e15],
    ],
  );
});

test("there are a thousand grants on one entry and no more", async (context) => {
  const { grants, database, document, kim } = await openDocuments(context);
  const entryId = await document("document");
  const row = {
    user_id: kim.userId,
    group_name: null,
    entry_id: entryId,
    access_type: "move",
    start_at: 0,
    end_at: null,
  };
  await database.transact(Array.from({ length: 999 }, () => database.kysely.insertInto("access_grants").values(row)));
  const grant = { userId: kim.userId, entryId, startAt: 0, endAt: undefined };
  await assert.rejects(grants.create({ ...grant, types: ["read", "write"] }), {
    code: "CONFLICT",
    message: /1000 grants/,
  });
  await grants.create({ ...grant, types: ["read"] });
  await assert.rejects(grants.create({ ...grant, types: ["read"] }), { code: "CONFLICT" });
});
