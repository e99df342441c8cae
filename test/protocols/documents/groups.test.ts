import assert from "node:assert/strict";
import { test } from "node:test";
import { sysopPermissions } from "../../../src-main/core/identity/permissionNames.ts";
import { assertAnswer, DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

test("the two groups that are there from the start", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  const answer = await sysop.request("list_groups");
  assertAnswer(answer, 200, "List of groups", {
    groups: [
      { name: "sysop", display_name: null, permissions: [...sysopPermissions].sort(), members: ["admin"] },
      { name: "user", display_name: null, permissions: ["set_passwd"], members: ["admin"] },
    ],
  });
});

test("a group is made, given rights, given another name, and removed", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const info = (group_name: string) => sysop.done("get_group_info", { group_name });
  const made = await sysop.request("create_group", {
    group_name: "staff",
    display_name: "Staff",
    permissions: ["list_users", { permission: "move", start_time: 0.0, end_time: null }],
  });
  assertAnswer(made, 200, "Group created successfully", {});
  const member = await scene.user({ groups: ["staff"] });
  const { created_time, ...rest } = await info("staff");
  assert.ok(Math.abs(Number(created_time) - Date.now() / 1000) < 60);
  assert.deepEqual(rest, {
    name: "staff",
    display_name: "Staff",
    permissions: ["list_users", "move"],
    members: [member.credentials.username],
    permission_times: [
      { permission: "list_users", start_time: 0, end_time: null },
      { permission: "move", start_time: 0, end_time: null },
    ],
  });
  assert.equal(await member.codeOf("list_users"), 200);

  const permissions = [{ permission: "list_groups", start_time: 0, end_time: 1 }, "get_group_info"];
  const changed = await sysop.request("change_group_permissions", { group_name: "staff", permissions });
  assertAnswer(changed, 200, "Group permissions set successfully", {});
  assert.deepEqual((await info("staff"))["permissions"], ["get_group_info"], "what is over is not held");
  assert.equal(await member.codeOf("list_users"), 403);

  const shown = await sysop.request("rename_group", { group_name: "staff", display_name: "全体" });
  assertAnswer(shown, 200, "Group renamed successfully", {});
  assert.equal((await info("staff"))["display_name"], "全体");
  await sysop.done("rename_group", { group_name: "staff", new_name: "crew", new_display_name: null });
  assert.deepEqual(
    [(await info("crew"))["display_name"], (await info("crew"))["members"]],
    [null, [member.credentials.username]],
  );
  assert.equal(await member.codeOf("get_group_info", { group_name: "crew" }), 200);

  assertAnswer(await sysop.request("delete_group", { group_name: "crew" }), 200, "Group deleted successfully", {});
  assert.equal(await member.codeOf("get_group_info", { group_name: "user" }), 403, "its rights went with it");
});

test("names that are taken, groups that are not there, and nothing to change", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  await sysop.done("create_group", { group_name: "staff" });
  const taken = "Group already exists";
  assertAnswer(await sysop.request("create_group", { group_name: "staff" }), 409, taken, {});
  assertAnswer(await sysop.request("rename_group", { group_name: "staff", new_name: "user" }), 409, taken, {});
  for (const [action, data] of [
    ["delete_group", {}],
    ["rename_group", { display_name: "x" }],
    ["rename_group", { new_name: "x" }],
    ["get_group_info", {}],
    ["change_group_permissions", { permissions: [] }],
  ] as const) {
    const answer = await sysop.request(action, { group_name: "ghosts", ...data });
    assertAnswer(answer, 404, "Group does not exist", {});
  }
  assertAnswer(await sysop.request("rename_group", { group_name: "staff" }), 400, "Missing required field: new_name", {
    validator: "required",
    validator_value: ["new_name"],
  });
  for (const name of ["", " staff", "staff ", "a\u0000b", "x".repeat(65)]) {
    assert.equal(await sysop.codeOf("create_group", { group_name: name }), 400, JSON.stringify(name));
    assert.equal(
      await sysop.codeOf("rename_group", { group_name: "staff", new_name: name }),
      400,
      JSON.stringify(name),
    );
  }
  assert.equal(await sysop.codeOf("create_group", { group_name: "b", permissions: "move" }), 400);
});

test("the groups that are always there stay, and sysop is what administrators make of it", async (t) => {
  const scene = await DocumentScene.open(t);
  const operator = await scene.user({ groups: ["sysop"] });
  for (const group_name of ["user", "sysop"]) {
    assert.equal(await scene.sysop.codeOf("delete_group", { group_name }), 409);
    assert.equal(await scene.sysop.codeOf("rename_group", { group_name, new_name: "other" }), 409);
  }
  const permissions = ["list_users"];
  const change = { group_name: "sysop", permissions };
  assert.equal(await operator.codeOf("change_group_permissions", change), 403);
  assert.equal(await operator.codeOf("rename_group", { group_name: "sysop", display_name: "mine" }), 403);
  assert.equal(await operator.codeOf("change_group_permissions", { group_name: "user", permissions }), 200);
  assert.equal(await scene.sysop.codeOf("change_group_permissions", change), 200);
  assert.equal(await operator.codeOf("list_groups"), 403);
});
