import assert from "node:assert/strict";
import { test } from "node:test";
import { UserGroups } from "../../../../src-main/core/identity/userGroups.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

test("rules follow a group to its new name, and a new group of the old name is not let in", async (context) => {
  const documents = await openDocuments(context);
  const { access, rules, permissions, database, clock, folder, document, user } = documents;
  const groups = new UserGroups({ database, clock });
  const staff = await user("staff", { groups: ["staff"], permissions: ["staff"] });
  const outer = await folder("outer");
  const file = await document("file", outer);
  const naming = (name: string) => ({
    match: "any",
    match_groups: [
      { groups: { match: "any", require: ["board", name] }, rights: { require: ["staff"] }, note: "staff" },
    ],
    note: ["staff"],
  });
  await rules.set(staff, outer, { read: [naming("staff")], write: [naming("staff")] });
  await groups.change("staff", { newName: 'te"am' });
  assert.deepEqual(await rules.of(outer), { read: [naming('te"am')], write: [naming('te"am')] });
  const rightsNow = { ...staff, rights: await permissions.of(staff.userId) };
  assert.equal((await access.check(rightsNow, "write", file)).allowed, true);
  const late = await user("late", { groups: ["staff"], permissions: ["staff"] });
  assert.equal((await access.check(late, "read", file)).allowed, false);
  await groups.change('te"am', { newName: "staff 2" });
  assert.deepEqual(await rules.of(outer), { read: [naming("staff 2")], write: [naming("staff 2")] });
});
