import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const everybody = { match: "all", match_groups: [] };
const nobody = { match: "any", match_groups: [] };
const needs = (permission: string) => ({ match: "all", match_groups: [{ rights: { require: [permission] } }] });
const lockedOut = { code: "FORBIDDEN", message: "permission denied" };

test("rules come back as they were set, in their order and with members that nobody knows", async (context) => {
  const { rules, document, kim } = await openDocuments(context);
  const id = await document("document");
  const map = {
    read: [
      { ...everybody, comment: { by: "kim" } },
      { match: "all", match_groups: [{}, { match: "any", note: 1 }] },
    ],
    move: [{ ...everybody, __noinherit__: ["read"], __subinherit__: false }],
  };
  await rules.set(kim, id, map);
  assert.deepEqual(await rules.of(id), map);
  const list = await rules.listOf(id);
  assert.deepEqual(
    list.map(({ accessType, rule }) => ({ accessType, rule })),
    [
      { accessType: "read", rule: map.read[0] },
      { accessType: "read", rule: map.read[1] },
      { accessType: "move", rule: map.move[0] },
    ],
  );
  assert.equal(new Set(list.map(({ ruleId }) => ruleId)).size, 3);
  assert.deepEqual(await rules.of(unknown), {});
});

test("only the types that are named are replaced; an empty list clears one, an empty map all", async (context) => {
  const { rules, document, kim } = await openDocuments(context);
  const id = await document("document");
  await rules.set(kim, id, { read: [everybody], write: [everybody], move: [everybody] });
  await rules.set(kim, id, { write: [everybody, everybody], move: [] });
  assert.deepEqual(await rules.of(id), { read: [everybody], write: [everybody, everybody] });
  await rules.set(kim, id, {});
  assert.deepEqual(await rules.of(id), {});
});

test("rules of one entry are not those of another", async (context) => {
  const { rules, document, kim } = await openDocuments(context);
  const [one, two] = [await document("one"), await document("two")];
  await rules.set(kim, one, { read: [everybody] });
  await rules.set(kim, two, { read: [everybody, everybody] });
  await rules.set(kim, two, {});
  assert.deepEqual(await rules.of(one), { read: [everybody] });
});

for (const type of ["read", "write", "move", "manage"]) {
  test(`nobody locks himself out of ${type}`, async (context) => {
    const { rules, access, document, kim, user } = await openDocuments(context);
    const id = await document("document");
    const holder = await user("holder", { permissions: ["p"] });
    await assert.rejects(rules.set(kim, id, { [type]: [needs("p")] }), lockedOut);
    await assert.rejects(rules.set(kim, id, { [type]: [everybody, nobody] }), lockedOut);
    assert.deepEqual(await rules.of(id), {});
    await rules.set(holder, id, { [type]: [needs("p")] });
    assert.equal((await access.check(kim, type as "read", id)).allowed, false);
    assert.equal((await access.check(holder, type as "read", id)).allowed, true);
  });
}

test("one type that would lock out keeps all the others from being set", async (context) => {
  const { rules, document, kim } = await openDocuments(context);
  const id = await document("document");
  await rules.set(kim, id, { move: [everybody] });
  await assert.rejects(rules.set(kim, id, { read: [everybody], move: [], manage: [nobody] }), lockedOut);
  assert.deepEqual(await rules.of(id), { move: [everybody] });
});

test("who is locked out of reading by a rule is locked out of writing and managing with it", async (context) => {
  const { rules, document, kim } = await openDocuments(context);
  const id = await document("document");
  for (const type of ["write", "manage"]) {
    await assert.rejects(rules.set(kim, id, { [type]: [everybody], read: [nobody] }), lockedOut);
  }
  await assert.rejects(rules.set(kim, id, { read: [nobody] }), lockedOut);
  await rules.set(kim, id, { move: [everybody] });
});

test("a folder above, a block and a grant count for who sets rules", async (context) => {
  const { rules, grants, blocks, folder, document, kim, user } = await openDocuments(context);
  const holder = await user("holder", { permissions: ["p"] });
  const outer = await folder("outer");
  const id = await document("document", outer);
  await rules.set(holder, outer, { read: [needs("p")] });
  await assert.rejects(rules.set(kim, id, { read: [] }), lockedOut, "a cleared list is a listed type");
  await rules.set(kim, id, {});
  await rules.set(kim, id, { read: [{ ...everybody, __noinherit__: ["read"] }] });
  await assert.rejects(rules.set(kim, id, { read: [everybody] }), lockedOut);
  await grants.create({ userId: kim.userId, entryId: id, types: ["read"], startAt: 0, endAt: undefined });
  await rules.set(kim, id, { read: [nobody] });
  await blocks.create({ userId: kim.userId, entryId: id, types: ["read"], endAt: undefined, by: "kim" });
  await assert.rejects(rules.set(kim, id, { read: [everybody] }), lockedOut);
  await rules.set(kim, id, { move: [everybody] });
});

const wrong: readonly (readonly [map: unknown, message: RegExp])[] = [
  [null, /^access rules must be an object$/],
  [undefined, /must be an object/],
  ["read", /must be an object/],
  [[], /must be an object/],
  [{ delete: [] }, /^Invalid access type: delete$/],
  [{ read: [], Read: [] }, /^Invalid access type: Read$/],
  [JSON.parse('{"__proto__": []}'), /^Invalid access type: __proto__$/],
  [{ constructor: [] }, /^Invalid access type: constructor$/],
  [{ read: null }, /^read must be a list$/],
  [{ read: {} }, /^read must be a list$/],
  [{ read: [null] }, /^read\[0\] must be an object$/],
  [{ read: ["all"] }, /^read\[0\] must be an object$/],
  [{ read: [everybody, {}] }, /^read\[1\]\.match must be/],
  [{ read: [{ match: "some", match_groups: [] }] }, /^read\[0\]\.match must be "all" or "any"$/],
  [{ read: [{ match: "all" }] }, /^read\[0\]\.match_groups must be a list$/],
  [{ read: [{ match_groups: [] }] }, /^read\[0\]\.match must be/],
  [{ read: [{ match: "all", match_groups: {} }] }, /match_groups must be a list/],
  [{ read: [{ match: "all", match_groups: [1] }] }, /^read\[0\]\.match_groups\[0\] must be an object$/],
  [{ read: [{ match: "all", match_groups: [{ match: "none" }] }] }, /match_groups\[0\]\.match must be/],
  [{ read: [{ match: "all", match_groups: [{ rights: [] }] }] }, /\.rights must be an object/],
  [{ read: [{ match: "all", match_groups: [{ groups: { match: 1 } }] }] }, /\.groups\.match must be/],
  [{ read: [{ match: "all", match_groups: [{ rights: { require: "a" } }] }] }, /\.rights\.require must be a list/],
  [{ read: [{ match: "all", match_groups: [{ groups: { require: [1] } }] }] }, /\.groups\.require must be a list of/],
  [{ read: [{ match: "all", match_groups: [{ groups: { require: ["a".repeat(257)] } }] }] }, /up to 256/],
  [{ read: [{ ...everybody, __subinherit__: "no" }] }, /__subinherit__ must be true or false/],
  [{ read: [{ ...everybody, __noinherit__: "read" }] }, /__noinherit__ must be "all" or a list/],
  [{ read: [{ ...everybody, __noinherit__: ["delete"] }] }, /__noinherit__ must be/],
  [{ read: Array(33).fill(everybody) }, /^read may have 32 items, not 33$/],
  [{ read: [{ match: "all", match_groups: Array(65).fill({}) }] }, /may have 64 items, not 65/],
  [{ read: [{ match: "all", match_groups: [{ rights: { require: Array(257).fill("a") } }] }] }, /256 items, not 257/],
  [{ read: [{ ...everybody, comment: "x".repeat(20_000) }] }, /^read\[0\] is longer than 16384 characters$/],
];

test("a map of another form is refused with what is wrong in it, and changes nothing", async (context) => {
  const { rules, tree, document, kim } = await openDocuments(context);
  const id = await document("document");
  await rules.set(kim, id, { write: [everybody] });
  for (const [map, message] of wrong) {
    await assert.rejects(
      rules.set(kim, id, map),
      { code: "INVALID_PARAMS", message },
      JSON.stringify(map)?.slice(0, 80),
    );
    if (map === undefined) continue;
    const refused = tree.createFolder({ parentId: undefined, name: "new", by: kim, rules: map });
    await assert.rejects(refused, { code: "INVALID_PARAMS", message });
  }
  assert.deepEqual(await rules.of(id), { write: [everybody] });
  assert.deepEqual((await tree.list(undefined)).folders, []);
});

test("rules are set on what is there only", async (context) => {
  const { rules, kim } = await openDocuments(context);
  await assert.rejects(rules.set(kim, unknown, {}), { code: "DOCUMENT_NOT_FOUND" });
});

test("a folder and a document are made with their rules, or not made when these would lock out", async (context) => {
  const { rules, tree, folder, kim, user } = await openDocuments(context);
  const holder = await user("holder", { permissions: ["p"] });
  const map = { read: [needs("p")], move: [everybody] };
  const made = await tree.createFolder({ parentId: undefined, name: "folder", by: holder, rules: map });
  assert.deepEqual(await rules.of(made.id), map);
  const { document } = await tree.createDocument({ parentId: made.id, title: "document", by: holder, rules: map });
  assert.deepEqual(await rules.of(document.id), map);
  await assert.rejects(tree.createFolder({ parentId: undefined, name: "no", by: kim, rules: map }), lockedOut);
  await assert.rejects(tree.createDocument({ parentId: undefined, title: "no", by: kim, rules: map }), lockedOut);
  const inside = tree.createFolder({ parentId: made.id, name: "no", by: kim, rules: { read: [everybody] } });
  await assert.rejects(inside, lockedOut, "the folder above counts");
  await tree.createFolder({ parentId: made.id, name: "without rules", by: kim, rules: {} });
  assert.equal(await tree.childNamed(undefined, "no"), undefined);
  assert.equal(await tree.childNamed(made.id, "no"), undefined);
  assert.equal(typeof (await folder("no")), "string");
});

test("who is blocked everywhere makes nothing with rules for that", async (context) => {
  const { tree, blocks, folder, kim } = await openDocuments(context);
  const parentId = await folder("parent");
  await blocks.create({ userId: kim.userId, entryId: parentId, types: ["read"], endAt: undefined, by: "kim" });
  await tree.createFolder({ parentId, name: "yes", by: kim, rules: { read: [everybody] } });
  await blocks.create({ userId: kim.userId, entryId: undefined, types: ["read"], endAt: undefined, by: "kim" });
  const refused = tree.createFolder({ parentId, name: "no", by: kim, rules: { read: [everybody] } });
  await assert.rejects(refused, lockedOut);
});

test("of two who set rules at once, the later one's types stand whole", async (context) => {
  const { rules, document, kim } = await openDocuments(context);
  const id = await document("document");
  const rule = (number: number) => ({ ...everybody, number });
  await Promise.all(
    Array.from({ length: 10 }, (_, number) => rules.set(kim, id, { read: [rule(number), rule(number)] })),
  );
  assert.deepEqual(await rules.of(id), { read: [rule(9), rule(9)] });
});

test("two who each count on the other's rule do not lock each other out of what they set", async (context) => {
  const { rules, access, folder, document, user } = await openDocuments(context);
  const [p, q] = [await user("p", { permissions: ["p"] }), await user("q", { permissions: ["q"] })];
  const outer = await folder("outer");
  const id = await document("document", outer);
  const results = await Promise.allSettled([
    rules.set(p, outer, { read: [needs("p")] }),
    rules.set(q, id, { read: [needs("q")] }),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
  assert.equal((await access.check(p, "read", id)).allowed, true);
});

test("a rule in the database that cannot be read is met by nobody", async (context) => {
  const { rules, access, database, document, kim } = await openDocuments(context);
  for (const [index, rule_json] of [
    "",
    "{",
    "null",
    '{"match":"all"}',
    '{"match":"maybe","match_groups":[]}',
  ].entries()) {
    const id = await document(`${index}`);
    await database.transact([
      database.kysely.insertInto("access_rules").values({ entry_id: id, access_type: "read", rule_json }),
    ]);
    assert.equal((await access.check(kim, "read", id)).allowed, false, rule_json);
    assert.equal((await access.check(kim, "move", id)).allowed, true, rule_json);
    assert.deepEqual(await rules.of(id), {});
  }
});
