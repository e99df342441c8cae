import assert from "node:assert/strict";
import { test } from "node:test";
import type { TimedName } from "../../../src-main/core/identity/userGroups.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, password } from "../../support/openIdentity.ts";

failOnLeaks();

const always = (name: string, granted = true): TimedName => ({ name, granted, startAt: 0, endAt: undefined });

test("a user may do what is given to it and to its groups, less what is taken from either", async (t) => {
  const { permissions, userGroups, kim } = await openIdentity(t);
  await userGroups.create({ name: "writers", permissions: [always("create_document"), always("move")] });
  await userGroups.create({ name: "careful", permissions: [always("move", false), always("delete_document")] });
  await userGroups.setGroupsOf(kim.id, [always("writers"), always("careful")]);
  await userGroups.setPermissionsOf(kim.id, [
    always("rename_document"),
    always("delete_document", false),
    always("anything that is a name"),
  ]);
  const { permissions: held, groups } = await permissions.of(kim.id);
  assert.deepEqual([...held].sort(), ["anything that is a name", "create_document", "rename_document"]);
  assert.deepEqual([...groups].sort(), ["careful", "writers"]);
});

test("a permission counts from its start through its end, and so does a membership", async (t) => {
  const { permissions, userGroups, kim, clock } = await openIdentity(t);
  const now = clock.wallTime();
  await userGroups.create({ name: "guests", permissions: [always("move")] });
  await userGroups.setGroupsOf(kim.id, [{ name: "guests", startAt: now + 10, endAt: now + 20 }]);
  await userGroups.setPermissionsOf(kim.id, [{ name: "shutdown", startAt: now + 5, endAt: now + 15 }]);
  const seen: string[] = [];
  for (const at of [0, 4, 5, 9, 10, 15, 16, 20, 21]) {
    clock.advance(now + at - clock.wallTime());
    const rights = await permissions.of(kim.id);
    seen.push(`${at}: ${[...rights.permissions].sort().join("+")} ${[...rights.groups].join("+")}`);
  }
  assert.deepEqual(seen, [
    "0:  ",
    "4:  ",
    "5: shutdown ",
    "9: shutdown ",
    "10: move+shutdown guests",
    "15: move+shutdown guests",
    "16: move guests",
    "20: move guests",
    "21:  ",
  ]);
});

test("what is taken away counts only while it is in force", async (t) => {
  const { permissions, userGroups, kim, clock } = await openIdentity(t);
  const now = clock.wallTime();
  await userGroups.setPermissionsOf(kim.id, [
    always("shutdown"),
    { name: "shutdown", granted: false, startAt: now, endAt: now + 10 },
  ]);
  assert.deepEqual([...(await permissions.of(kim.id)).permissions].includes("shutdown"), false);
  clock.advance(11);
  assert.deepEqual([...(await permissions.of(kim.id)).permissions].includes("shutdown"), true);
});

test("nobody has nothing", async (t) => {
  const { permissions, users, kim } = await openIdentity(t);
  await users.create({ username: "root", password, role: "administrator" });
  assert.deepEqual(await permissions.of("nobody"), { permissions: new Set(), groups: new Set() });
  await users.remove(kim.id);
  assert.deepEqual(await permissions.of(kim.id), { permissions: new Set(), groups: new Set() });
});
