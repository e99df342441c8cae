import assert from "node:assert/strict";
import { test } from "node:test";
import { sysopPermissions } from "../../../src-main/core/identity/permissionNames.ts";
import type { TimedName } from "../../../src-main/core/identity/userGroups.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, password } from "../../support/openIdentity.ts";

failOnLeaks();

const always = (name: string): TimedName => ({ name, startAt: 0, endAt: undefined });
const namesOf = (list: readonly TimedName[]): string[] => list.map(({ name }) => name).sort();

test("the groups user and sysop are there from the start, and who is made joins them by role", async (t) => {
  const { userGroups, users, kim, permissions } = await openIdentity(t);
  const root = await users.create({ username: "root", password, role: "administrator" });
  assert.deepEqual(
    (await userGroups.list()).map(({ name, members }) => [name, members]),
    [
      ["sysop", ["root"]],
      ["user", ["kim", "root"]],
    ],
  );
  assert.deepEqual([...(await permissions.of(kim.id)).permissions], ["set_passwd"]);
  const { permissions: held } = await permissions.of(root.id);
  assert.deepEqual([...held].sort(), [...sysopPermissions, "set_passwd"].sort());
});

test("users of before join the first groups, and what was changed in them stays at the next start", async (t) => {
  const { userGroups, users, database, kim } = await openIdentity(t);
  const root = await users.create({ username: "root", password, role: "administrator" });
  await database.kysely.deleteFrom("settings").execute();
  await database.kysely.deleteFrom("user_groups").execute();
  await userGroups.ensureDefaults();
  assert.deepEqual(namesOf(await userGroups.groupsOf(kim.id)), ["user"]);
  assert.deepEqual(namesOf(await userGroups.groupsOf(root.id)), ["sysop", "user"]);
  await userGroups.setPermissions("user", []);
  await userGroups.setGroupsOf(kim.id, []);
  await userGroups.ensureDefaults();
  assert.deepEqual((await userGroups.get("user"))?.permissions, []);
  assert.deepEqual(await userGroups.groupsOf(kim.id), []);
});

test("whoever becomes an administrator joins sysop, and whoever stops being one leaves it", async (t) => {
  const { userGroups, users, kim } = await openIdentity(t);
  await users.create({ username: "root", password, role: "administrator" });
  await userGroups.setGroupsOf(kim.id, [always("user"), { name: "sysop", startAt: 1, endAt: 2 }]);
  await users.change(kim.id, { role: "administrator" });
  assert.deepEqual(await userGroups.groupsOf(kim.id), [always("sysop"), always("user")]);
  await users.change(kim.id, { role: "viewer" });
  assert.deepEqual(namesOf(await userGroups.groupsOf(kim.id)), ["user"]);
});

test("a role that stays what it was, or is another below, leaves the groups as somebody arranged them", async (t) => {
  const { userGroups, users, kim } = await openIdentity(t);
  const root = await users.create({ username: "root", password, role: "administrator" });
  await userGroups.setGroupsOf(kim.id, [always("sysop")]);
  await userGroups.setGroupsOf(root.id, []);
  for (const role of ["operator", "viewer"] as const) await users.change(kim.id, { role });
  await users.change(root.id, { role: "administrator", groups: ["a"] });
  assert.deepEqual(namesOf(await userGroups.groupsOf(kim.id)), ["sysop"]);
  assert.deepEqual(await userGroups.groupsOf(root.id), []);
});

test("a group is made, shown, changed and removed with everything that belongs to it", async (t) => {
  const { userGroups, database, kim, permissions, clock } = await openIdentity(t);
  const move = { name: "move", granted: true, startAt: 5, endAt: 9_000_000_000_000 };
  await userGroups.create({ name: "editors", displayName: "The editors", permissions: [move] });
  await userGroups.setGroupsOf(kim.id, [always("editors")]);
  const shown = {
    name: "editors",
    displayName: "The editors",
    createdAt: clock.wallTime(),
    permissions: [move],
    members: ["kim"],
  };
  assert.deepEqual(await userGroups.get("editors"), shown);
  await userGroups.change("editors", { displayName: null });
  assert.deepEqual(await userGroups.get("editors"), { ...shown, displayName: undefined });
  await userGroups.change("editors", { newName: "writers", displayName: "Writers" });
  assert.equal(await userGroups.get("editors"), undefined);
  assert.deepEqual(await userGroups.get("writers"), { ...shown, name: "writers", displayName: "Writers" });
  assert.ok((await permissions.of(kim.id)).permissions.has("move"));
  await userGroups.remove("writers");
  assert.deepEqual((await permissions.of(kim.id)).permissions, new Set());
  const left = await database.kysely.selectFrom("permission_grants").select("id").where("permission", "=", "move");
  assert.equal((await left.where("group_name", "=", "writers").execute()).length, 0);
});

test("a name that is taken, bad, or of nobody is refused and changes nothing", async (t) => {
  const { userGroups, kim } = await openIdentity(t);
  await userGroups.create({ name: "editors" });
  const before = await userGroups.list();
  await assert.rejects(userGroups.create({ name: "editors" }), { code: "CONFLICT" });
  await assert.rejects(userGroups.change("editors", { newName: "user" }), { code: "CONFLICT" });
  for (const name of ["", " a", "a ", "a\nb", "x".repeat(65)]) {
    await assert.rejects(userGroups.create({ name }), { code: "NAME_INVALID" }, JSON.stringify(name));
    await assert.rejects(userGroups.change("editors", { newName: name }), { code: "NAME_INVALID" });
  }
  for (const gone of [
    userGroups.remove("nobody"),
    userGroups.change("nobody", { displayName: "x" }),
    userGroups.setPermissions("nobody", []),
    userGroups.setGroupsOf(kim.id, [always("editors"), always("nobody")]),
  ]) {
    await assert.rejects(gone, { code: "USER_GROUP_NOT_FOUND", details: "nobody" });
  }
  await assert.rejects(userGroups.setGroupsOf("nobody", []), { code: "USER_NOT_FOUND" });
  await assert.rejects(userGroups.setPermissionsOf("nobody", []), { code: "USER_NOT_FOUND" });
  await assert.rejects(userGroups.setPermissions("editors", [always("")]), { code: "NAME_INVALID" });
  assert.deepEqual(await userGroups.list(), before);
});

test("the groups that are always there can be neither removed nor renamed, but shown otherwise", async (t) => {
  const { userGroups } = await openIdentity(t);
  for (const name of ["user", "sysop"]) {
    await assert.rejects(userGroups.remove(name), { code: "CONFLICT" });
    await assert.rejects(userGroups.change(name, { newName: "other" }), { code: "CONFLICT" });
    await userGroups.change(name, { displayName: "shown", newName: name });
    assert.equal((await userGroups.get(name))?.displayName, "shown");
  }
});

test("a user is made with its groups and permissions, or not at all", async (t) => {
  const { userGroups, users } = await openIdentity(t);
  const given = { username: "lee", password, role: "viewer", groups: [] } as const;
  await assert.rejects(users.create({ ...given, userGroups: [always("nobody")] }), { code: "USER_GROUP_NOT_FOUND" });
  await assert.rejects(users.create({ ...given, permissions: [always("")] }), { code: "NAME_INVALID" });
  await assert.rejects(users.create({ ...given, username: "l\nee" }), { code: "NAME_INVALID" });
  assert.equal(await users.find("lee"), undefined);
  const lee = await users.create({
    ...given,
    nickname: "Lee",
    userGroups: [{ name: "sysop", startAt: 1, endAt: 2 }],
    permissions: [{ name: "move", granted: false, startAt: 3, endAt: undefined }],
  });
  assert.equal(lee.nickname, "Lee");
  assert.deepEqual(await users.find("LEE"), lee);
  assert.deepEqual(await userGroups.groupsOf(lee.id), [{ name: "sysop", startAt: 1, endAt: 2 }]);
  assert.deepEqual(await userGroups.permissionsOf(lee.id), [
    { name: "move", granted: false, startAt: 3, endAt: undefined },
  ]);
  const ann = await users.create({ ...given, username: "ann", userGroups: [] });
  assert.deepEqual(await userGroups.groupsOf(ann.id), []);
});

test("a membership that is over is no longer shown among the members", async (t) => {
  const { userGroups, kim, clock } = await openIdentity(t);
  const end = clock.wallTime() + 10;
  await userGroups.setGroupsOf(kim.id, [{ name: "sysop", startAt: 0, endAt: end }]);
  assert.deepEqual((await userGroups.get("sysop"))?.members, ["kim"]);
  clock.advance(11);
  assert.deepEqual((await userGroups.get("sysop"))?.members, []);
  assert.equal((await userGroups.groupsOf(kim.id)).length, 1, "but still among the user's own");
});
