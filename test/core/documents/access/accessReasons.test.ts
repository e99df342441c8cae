import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { day, openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const needs = (permission: string) => ({ match: "all", match_groups: [{ rights: { require: [permission] } }] });

test("a decision without rules says that there are none", async (context) => {
  const { access, document, kim } = await openDocuments(context);
  const decision = await access.check(kim, "read", await document("document"));
  assert.deepEqual(decision, { allowed: true, because: [{ kind: "no-rules" }] });
});

test("a refusal names every rule that failed and where it stands, and none that was met", async (context) => {
  const { access, rules, folder, document, user, kim } = await openDocuments(context);
  const holder = await user("holder", { permissions: ["p", "q", "r"] });
  const half = await user("half", { permissions: ["q"] });
  const outer = await folder("outer");
  const id = await document("document", outer);
  await rules.set(holder, outer, { read: [needs("p")] });
  await rules.set(holder, id, { read: [needs("q")], write: [needs("r")] });
  const [outerRule] = await rules.listOf(outer);
  const [readRule, writeRule] = await rules.listOf(id);
  const onOuter = { entry: { id: outer, name: "outer", kind: "folder" }, inherited: true };
  const onDocument = { entry: { id, name: "document", kind: "document" }, inherited: false };
  const refused = await access.check(half, "write", id);
  assert.deepEqual(refused, {
    allowed: false,
    because: [
      { kind: "rule-failed", ...onOuter, ...outerRule },
      { kind: "rule-failed", ...onDocument, ...writeRule },
    ],
  });
  const allowed = await access.check(holder, "write", id);
  assert.deepEqual(allowed, {
    allowed: true,
    because: [
      { kind: "rule-met", ...onDocument, ...readRule },
      { kind: "rule-met", ...onOuter, ...outerRule },
      { kind: "rule-met", ...onDocument, ...writeRule },
    ],
  });
  assert.deepEqual((await access.check(kim, "move", id)).because, [{ kind: "no-rules" }]);
});

test("a block and a grant are named, with where and until when", async (context) => {
  const { access, blocks, grants, document, clock, user } = await openDocuments(context);
  const id = await document("document");
  const entry = { id, name: "document", kind: "document" };
  const staff = await user("staff", { groups: ["staff"] });
  const now = clock.wallTime();
  const [granted] = await grants.create({
    userId: staff.userId,
    entryId: id,
    types: ["read"],
    startAt: now,
    endAt: now + day,
  });
  const [toGroup] = await grants.create({
    group: "staff",
    entryId: id,
    types: ["move"],
    startAt: now,
    endAt: undefined,
  });
  assert.deepEqual((await access.check(staff, "read", id)).because, [
    { kind: "granted", grantId: granted, group: undefined, until: now + day },
  ]);
  assert.deepEqual((await access.check(staff, "move", id)).because, [
    { kind: "granted", grantId: toGroup, group: "staff", until: undefined },
  ]);
  const { userId } = staff;
  const here = await blocks.create({ userId, entryId: id, types: ["read"], endAt: now + day, by: "kim" });
  const everywhere = await blocks.create({ userId, entryId: undefined, types: ["move"], endAt: undefined, by: "kim" });
  assert.deepEqual(await access.check(staff, "read", id), {
    allowed: false,
    because: [{ kind: "blocked", blockId: here, entry, until: now + day }],
  });
  assert.deepEqual((await access.check(staff, "move", id)).because, [
    { kind: "blocked", blockId: everywhere, entry: undefined, until: undefined },
  ]);
});

test("a grant and a block begin and end by the clock", async (context) => {
  const { access, rules, grants, blocks, document, clock, user, kim } = await openDocuments(context);
  const id = await document("document");
  const holder = await user("holder", { permissions: ["p"] });
  await rules.set(holder, id, { read: [needs("p")] });
  const now = clock.wallTime();
  await grants.create({ userId: kim.userId, entryId: id, types: ["read"], startAt: now + 1_000, endAt: now + 3_000 });
  const may = async (): Promise<boolean> => (await access.check(kim, "read", id)).allowed;
  assert.equal(await may(), false);
  clock.advance(999);
  assert.equal(await may(), false);
  clock.advance(1);
  assert.equal(await may(), true);
  await blocks.create({ userId: kim.userId, entryId: id, types: ["read"], endAt: now + 2_000, by: "kim" });
  assert.equal(await may(), false);
  clock.advance(1_000);
  assert.equal(await may(), true);
  clock.advance(1_000);
  assert.equal(await may(), true);
  clock.advance(1);
  assert.equal(await may(), false);
});

test("the root has no rules: only a block that holds everywhere counts there", async (context) => {
  const { access, blocks, document, kim } = await openDocuments(context);
  assert.deepEqual(await access.check(kim, "write", undefined), { allowed: true, because: [{ kind: "no-rules" }] });
  const { userId } = kim;
  await blocks.create({ userId, entryId: await document("document"), types: ["write"], endAt: undefined, by: "kim" });
  assert.equal((await access.check(kim, "write", undefined)).allowed, true);
  await blocks.create({ userId, entryId: undefined, types: ["write"], endAt: undefined, by: "kim" });
  assert.equal((await access.check(kim, "write", undefined)).allowed, false);
  assert.equal((await access.check(kim, "read", undefined)).allowed, true);
});

test("about an entry that is not there nothing is decided", async (context) => {
  const { access, document, kim } = await openDocuments(context);
  const missing = { code: "DOCUMENT_NOT_FOUND" };
  for (const id of [unknown, "", "x' or 1=1 --"]) {
    await assert.rejects(access.check(kim, "read", id), missing);
    await assert.rejects(access.whoCan("read", id), missing);
  }
  const id = await document("document");
  assert.deepEqual([...(await access.checkMany(kim, "read", [unknown, id, id])).keys()], [id]);
  assert.equal((await access.checkMany(kim, "read", [])).size, 0);
});

test("what is in the bin is decided as before", async (context) => {
  const { access, rules, tree, folder, document, user, kim } = await openDocuments(context);
  const holder = await user("holder", { permissions: ["p"] });
  const outer = await folder("outer");
  const id = await document("document", outer);
  await rules.set(holder, outer, { read: [needs("p")] });
  await tree.remove(outer, "kim");
  assert.equal((await access.check(kim, "read", id)).allowed, false);
  assert.equal((await access.check(holder, "read", id)).allowed, true);
});

test("many entries are decided in one go, each by its own rules, blocks and grants", async (context) => {
  const { access, rules, blocks, grants, folder, document, user, kim } = await openDocuments(context);
  const holder = await user("holder", { permissions: ["p"] });
  const open = await folder("open");
  const closed = await folder("closed");
  await rules.set(holder, closed, { read: [needs("p")] });
  const [blocked, granted] = [await document("blocked", open), await document("granted", closed)];
  const { userId } = kim;
  await blocks.create({ userId, entryId: blocked, types: ["read"], endAt: undefined, by: "kim" });
  await grants.create({ userId, entryId: granted, types: ["read"], startAt: 0, endAt: undefined });
  const ids = [await document("a", open), await document("b", closed), closed, open, blocked, granted];
  const decisions = await access.checkMany(kim, "read", ids);
  assert.deepEqual(
    ids.map((id) => decisions.get(id)?.allowed),
    [true, false, false, true, false, true],
  );
});

test("who can is every user by name, with rights as they are at this moment", async (context) => {
  const { access, rules, database, document, clock, user } = await openDocuments(context);
  const id = await document("document");
  const member = await user("member", { groups: ["staff"] });
  const holder = await user("holder", { permissions: ["p"] });
  const { kysely } = database;
  await user("zoe", { groups: ["staff"] });
  const now = clock.wallTime();
  const grant = { start_at: 0, end_at: null, permission: "p" };
  await database.transact([
    kysely
      .insertInto("permission_grants")
      .values({ ...grant, user_id: null, group_name: "staff", start_at: now + 1_000 }),
  ]);
  await rules.set(holder, id, { read: [needs("p")] });
  const may = async (): Promise<string[]> =>
    (await access.whoCan("read", id)).map(({ username, decision }) => `${username} ${decision.allowed}`);
  assert.deepEqual(await may(), ["holder true", "kim false", "member false", "zoe false"]);
  clock.advance(1_000);
  assert.deepEqual(await may(), ["holder true", "kim false", "member true", "zoe true"]);
  await database.transact([
    kysely.insertInto("permission_grants").values({ ...grant, user_id: member.userId, group_name: null, granted: 0 }),
  ]);
  assert.deepEqual(await may(), ["holder true", "kim false", "member false", "zoe true"]);
});

test("who can asks the database as often for many users as for few", async (context) => {
  const documents = await openDocuments(context);
  const { access, document, database, user } = documents;
  const id = await document("document");
  const count = async (): Promise<number> => {
    let executed = 0;
    const { kysely } = database;
    const executor = kysely.getExecutor();
    const { executeQuery } = executor;
    executor.executeQuery = ((...parameters) => {
      executed += 1;
      return executeQuery.apply(executor, parameters);
    }) as typeof executeQuery;
    await access.whoCan("read", id);
    executor.executeQuery = executeQuery;
    return executed;
  };
  const few = await count();
  for (let number = 0; number < 30; number += 1) await user(`user ${number}`, { groups: ["g"], permissions: ["p"] });
  const many = await count();
  assert.ok(few > 0);
  assert.equal(many, few);
});
