import assert from "node:assert/strict";
import { test } from "node:test";
import { restoreSysop } from "../../../src-main/core/identity/restoreSysop.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, password } from "../../support/openIdentity.ts";

failOnLeaks();

async function setUp(t: Parameters<typeof openIdentity>[0]) {
  const identity = await openIdentity(t);
  const root = await identity.users.create({ username: "root", password, role: "administrator" });
  const mayOrder = async (): Promise<boolean> =>
    (await identity.permissions.of(root.id)).permissions.has("set_group_permissions");
  return { ...identity, root, mayOrder };
}

test("when no administrator can put documents in order any more, the next start makes it so", async (t) => {
  const identity = await setUp(t);
  const { userGroups, root, mayOrder, audit } = identity;
  for (const lockOut of [
    () => userGroups.setPermissions("sysop", []),
    () => userGroups.setGroupsOf(root.id, []),
    () => userGroups.setGroupsOf(root.id, [{ name: "sysop", startAt: 0, endAt: 1 }]),
  ]) {
    await lockOut();
    assert.equal(await mayOrder(), false);
    await restoreSysop(identity);
    assert.equal(await mayOrder(), true, lockOut.toString());
  }
  const [record] = await audit.list({ limit: 1 });
  assert.deepEqual([record?.actor, record?.action, record?.target], ["core", "user-group-restore", "sysop"]);
});

test("while one of them can, everything stays as somebody arranged it", async (t) => {
  const identity = await setUp(t);
  const { userGroups, users, root, kim } = identity;
  await users.create({ username: "second", password, role: "administrator" });
  await userGroups.setGroupsOf(root.id, []);
  await userGroups.setGroupsOf(kim.id, []);
  const before = await userGroups.list();
  await restoreSysop(identity);
  assert.deepEqual(await userGroups.list(), before);
});
