import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, password } from "../../support/openIdentity.ts";

failOnLeaks();

test("a user is found by name in any case and by the right password only", async (t) => {
  const { users, kim } = await openIdentity(t);
  assert.deepEqual(await users.authenticate("KIM", password), kim);
  for (const wrong of ["", "correct horse", `${password} `, password.toUpperCase(), "x".repeat(100_000)]) {
    assert.equal(await users.authenticate("kim", wrong), undefined, wrong.slice(0, 30));
  }
  for (const name of ["", "kim ", "ki%", "nobody", "kim\u0000"]) {
    assert.equal(await users.authenticate(name, password), undefined, JSON.stringify(name));
  }
});

test("the database holds no password, only an argon2id hash of its own for each", async (t) => {
  const { users, database } = await openIdentity(t);
  await users.create({ username: "lee", password, role: "viewer" });
  const rows = await database.kysely.selectFrom("users").selectAll().execute();
  for (const row of rows) {
    assert.match(row.password_hash, /^\$argon2id\$/);
    assert.ok(!JSON.stringify(row).includes(password));
  }
  assert.notEqual(rows[0]?.password_hash, rows[1]?.password_hash);
});

test("a name that is taken, in whatever case, is refused and nothing is changed", async (t) => {
  const { users, kim } = await openIdentity(t);
  await assert.rejects(users.create({ username: "Kim", password: "another password", role: "administrator" }), {
    code: "CONFLICT",
    details: "there is a user named Kim",
  });
  assert.deepEqual(await users.list(), [kim]);
  assert.deepEqual(await users.authenticate("kim", password), kim);
});

test("a password has 10 to 256 characters, at the making and at every change", async (t) => {
  const { users, kim } = await openIdentity(t);
  for (const weak of ["", "123456789", "x".repeat(257)]) {
    await assert.rejects(users.create({ username: "new", password: weak, role: "viewer" }), {
      code: "PASSWORD_TOO_WEAK",
    });
    await assert.rejects(users.change(kim.id, { password: weak }), { code: "PASSWORD_TOO_WEAK" });
  }
  for (const good of ["1234567890", "x".repeat(256), "密码密码密码密码密码"]) {
    await users.change(kim.id, { password: good });
    assert.notEqual(await users.authenticate("kim", good), undefined);
  }
  assert.equal(await users.count(), 1);
});

test("whoever may go round the policy still sets a password that can be used", async (t) => {
  const { users, kim } = await openIdentity(t);
  for (const unusable of ["", "x".repeat(1025)]) {
    await assert.rejects(users.change(kim.id, { password: unusable, bypassPolicy: true }), {
      code: "PASSWORD_TOO_WEAK",
    });
  }
  await users.change(kim.id, { password: "x", bypassPolicy: true });
  assert.notEqual(await users.authenticate("kim", "x"), undefined);
});

test("a change changes what it names and nothing else, and is published", async (t) => {
  const { users, kim, heard } = await openIdentity(t);
  await users.create({ username: "root", password, role: "administrator" });
  const changes = heard("user-changed");
  await users.change(kim.id, { role: "viewer" });
  assert.deepEqual(await users.get(kim.id), { ...kim, role: "viewer" });
  await users.change(kim.id, { groups: ["a", "b"] });
  assert.deepEqual((await users.get(kim.id))?.groups, ["a", "b"]);
  await users.change(kim.id, { groups: [] });
  assert.deepEqual((await users.get(kim.id))?.groups, [], "no group at all");
  await users.change(kim.id, { groups: null });
  assert.deepEqual((await users.get(kim.id))?.groups, undefined, "every group");
  assert.equal(changes.length, 4);
  await users.change(kim.id, {});
  assert.equal(changes.length, 4, "nothing was to be changed");
  assert.notEqual(await users.authenticate("kim", password), undefined);
});

test("a user that is not there cannot be changed or removed", async (t) => {
  const { users } = await openIdentity(t);
  await users.create({ username: "root", password, role: "administrator" });
  await assert.rejects(users.change("nobody", { role: "viewer" }), { code: "USER_NOT_FOUND" });
  await assert.rejects(users.change("nobody", { groups: [] }), { code: "USER_NOT_FOUND" });
  await assert.rejects(users.remove("nobody"), { code: "USER_NOT_FOUND" });
});

test("the last administrator can be neither removed nor made less", async (t) => {
  const { users } = await openIdentity(t);
  const one = await users.create({ username: "one", password, role: "administrator" });
  const two = await users.create({ username: "two", password, role: "administrator" });
  await users.change(one.id, { role: "viewer" });
  await assert.rejects(users.change(two.id, { role: "operator" }), { code: "CONFLICT" });
  await assert.rejects(users.remove(two.id), { code: "CONFLICT" });
  assert.equal((await users.get(two.id))?.role, "administrator");
  await users.change(two.id, { role: "administrator", password: "another password" });
  await users.change(one.id, { role: "administrator" });
  await users.remove(two.id);
  assert.equal(await users.get(two.id), undefined);
});

test("administrators who remove each other in the same moment leave one", async (t) => {
  const { users } = await openIdentity(t);
  const made = [];
  for (const username of ["a", "b", "c", "d"]) {
    made.push(await users.create({ username, password, role: "administrator" }));
  }
  await Promise.allSettled(
    made.map(({ id }, index) => (index % 2 === 0 ? users.remove(id) : users.change(id, { role: "viewer" }))),
  );
  const left = (await users.list()).filter(({ role }) => role === "administrator");
  assert.equal(left.length, 1);
});
