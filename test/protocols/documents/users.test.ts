import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { adminPassword } from "../../support/startCore.ts";

failOnLeaks();

const password = adminPassword;
const nobody = { username: "", token: "" };

interface Listed {
  readonly username: string;
  readonly nickname: string | null;
  readonly created_time: number;
  readonly last_login: number;
  readonly permissions: readonly string[];
  readonly groups: readonly string[];
}

async function listed(client: PlainDocuments, username: string): Promise<Listed | undefined> {
  const { users } = await client.done("list_users");
  return (users as readonly Listed[]).find((user) => user.username === username);
}

test("a user is made, may log in at once, and stands in the list", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  const made = await sysop.request("create_user", {
    username: "somebody",
    password,
    nickname: "Some Body",
    permissions: [{ permission: "move", start_time: 0, end_time: null }, "list_users"],
    groups: [{ group_name: "user", start_time: 0.0, end_time: 9_999_999_999.5 }],
  });
  assertAnswer(made, 200, "User created successfully", {});
  const { created_time, ...rest } = (await listed(sysop, "somebody")) ?? assert.fail("not listed");
  assert.ok(Math.abs(created_time - Date.now() / 1000) < 60);
  const expected = {
    username: "somebody",
    nickname: "Some Body",
    last_login: 0,
    permissions: ["list_users", "move", "set_passwd"],
    groups: ["user"],
  };
  assert.deepEqual(rest, expected);
  assert.equal((await sysop.request("login", { username: "somebody", password }, nobody)).code, 200);
  assert.ok(((await listed(sysop, "somebody"))?.last_login ?? 0) > 0);
});

test("who was made here may do nothing outside of documents", async (t) => {
  const scene = await DocumentScene.open(t);
  await scene.sysop.done("create_user", { username: "somebody", password, groups: ["sysop"] });
  const user = await scene.core.core.users.find("somebody");
  assert.deepEqual([user?.role, user?.groups], ["viewer", []]);
});

test("a user without groups named is in the one for everybody, with an empty list in none", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  await sysop.done("create_user", { username: "usual", password });
  await sysop.done("create_user", { username: "alone", password, groups: [] });
  assert.deepEqual((await listed(sysop, "usual"))?.groups, ["user"]);
  assert.deepEqual((await listed(sysop, "alone"))?.groups, []);
});

test("what cannot be made: a name that is taken, groups that do not exist, a password that is too weak", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  const create = (data: object) => sysop.request("create_user", { username: "somebody", password, ...data });
  for (const username of ["admin", "ADMIN"]) {
    assertAnswer(await create({ username }), 409, "Username already exists", {});
  }
  assertAnswer(await create({ groups: ["ghosts"] }), 400, "Group 'ghosts' does not exist", {});
  assert.equal((await create({ password: "short" })).code, 400);
  for (const permissions of [
    {},
    [1],
    [{ name: "move" }],
    [{ permission: "" }],
    [{ permission: "move", start_time: "0" }],
  ]) {
    assert.equal((await create({ permissions })).code, 400, JSON.stringify(permissions));
  }
  for (const username of ["", " ", "a b", "a/b", "-a", "a\n", "x".repeat(65)]) {
    assert.equal((await create({ username })).code, 400, JSON.stringify(username));
  }
  assert.equal(await listed(sysop, "somebody"), undefined, "none of them was made");
});

test("a right counts from its beginning to its end", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  const now = Date.now() / 1000;
  await sysop.done("create_user", {
    username: "somebody",
    password,
    permissions: [
      { permission: "now", start_time: now - 60, end_time: now + 3600 },
      { permission: "later", start_time: 9_000_000_000, end_time: null },
      { permission: "before", start_time: 0, end_time: now - 60 },
    ],
    groups: [],
  });
  assert.deepEqual((await listed(sysop, "somebody"))?.permissions, ["now"]);
  const { own_permissions: own } = await sysop.done("get_user_info", { username: "somebody" });
  assert.deepEqual(
    (own as readonly { readonly permission: string }[]).map(({ permission }) => permission),
    ["now", "later", "before"],
  );
});

test("deleting: not oneself, not a stranger's administrator, and what is gone is not there", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  const username = user.credentials.username;
  const operator = await scene.user({ permissions: ["delete_user"] });
  const own = await operator.request("delete_user", { username: operator.credentials.username });
  assertAnswer(own, 400, "Cannot delete yourself", {});
  const denied = "You do not have permission to delete users";
  assertAnswer(await operator.request("delete_user", { username: "admin" }), 403, denied, {});
  await scene.sysop.done("block_user", { username, target: { type: "all" }, block_types: ["read"], duration: null });
  assertAnswer(await operator.request("delete_user", { username }), 200, "User deleted successfully", {});
  assertAnswer(await operator.request("delete_user", { username }), 404, "User does not exist", {});
  assertAnswer(await user.request("list_sessions"), 401, "Invalid user or token", {});
});

test("the nickname: one's own is free, others' take a right; null and nothing clear it", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  const username = String(user.credentials.username);
  const nicknameOf = async () => (await listed(scene.sysop, username))?.nickname;
  assertAnswer(
    await user.request("rename_user", { username, nickname: "新名字" }),
    200,
    "User renamed successfully",
    {},
  );
  assert.equal(await nicknameOf(), "新名字");
  await scene.sysop.done("rename_user", { username });
  assert.equal(await nicknameOf(), null);
  await scene.sysop.done("rename_user", { username: username.toUpperCase(), nickname: "loud" });
  assert.equal(await nicknameOf(), "loud");
  await user.done("rename_user", { username, nickname: null });
  assert.equal(await nicknameOf(), null);
  const denied = "You do not have permission to rename users";
  assertAnswer(await user.request("rename_user", { username: "admin", nickname: "x" }), 403, denied, {});
  assertAnswer(await scene.sysop.request("rename_user", { username: "nobody" }), 400, "User does not exist", {});
});

test("one's own information is free, others' take a right, and who has none learns nothing of names", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  const username = String(user.credentials.username);
  const answer = await user.request("get_user_info", { username });
  assertAnswer(answer, 200, "User info retrieved successfully");
  const { created_time, last_login, passwd_last_modified, ...rest } = answer.data;
  assert.deepEqual(
    [created_time, last_login, passwd_last_modified].map((time) => typeof time),
    Array(3).fill("number"),
  );
  assert.deepEqual(rest, {
    username,
    nickname: null,
    permissions: ["set_passwd"],
    groups: ["user"],
    two_factor: false,
    memberships: [{ group_name: "user", start_time: 0, end_time: null }],
    own_permissions: [],
  });
  const denied = "You do not have permission to get user information";
  for (const other of ["admin", "nobody"]) {
    assertAnswer(await user.request("get_user_info", { username: other }), 403, denied, {});
  }
  assertAnswer(await scene.sysop.request("get_user_info", { username: "nobody" }), 404, "User does not exist", {});
});

test("memberships are replaced as a whole, by names or with times", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  const username = String(user.credentials.username);
  const change = (groups: unknown) => scene.sysop.request("change_user_groups", { username, groups });
  assertAnswer(await change(["sysop"]), 200, "User groups changed successfully", {});
  assert.deepEqual((await listed(user, username))?.groups, ["sysop"]);
  const past = { group_name: "user", start_time: 0, end_time: 1 };
  assert.equal((await change([past, { group_name: "sysop" }])).code, 200);
  assert.deepEqual((await listed(user, username))?.groups, ["sysop"]);
  assertAnswer(await change(["user", "ghosts"]), 400, "Group 'ghosts' does not exist", {});
  assert.deepEqual((await listed(user, username))?.groups, ["sysop"], "all or nothing");
  await scene.sysop.done("change_user_groups", { target_username: username });
  assert.deepEqual((await listed(scene.sysop, username))?.groups, []);
  const unknown = await scene.sysop.request("change_user_groups", { username: "nobody" });
  assertAnswer(unknown, 404, "User does not exist", {});
});

test("an administrator's groups and rights are changed by administrators only", async (t) => {
  const scene = await DocumentScene.open(t);
  const operator = await scene.user({ groups: ["sysop"] });
  const other = await scene.user({ role: "administrator", groups: ["sysop"] });
  for (const [action, data] of [
    ["change_user_groups", { username: "admin", groups: [] }],
    ["change_user_permissions", { username: "admin", permissions: [] }],
    ["block_user", { username: "admin", target: { type: "all" }, block_types: ["read"], duration: 1 }],
  ] as const) {
    assert.equal(await operator.codeOf(action, data), 403, action);
    assert.equal(await other.codeOf(action, data), 200, action);
  }
  assert.deepEqual((await listed(other, "admin"))?.groups, []);
});
