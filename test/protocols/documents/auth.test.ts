import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { defaultPasswordPolicy } from "../../../src-main/core/identity/passwordPolicy.ts";
import { assertAnswer, DocumentScene } from "../../support/documentScene.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passRefusal } from "../../support/passRefusal.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { adminPassword } from "../../support/startCore.ts";

failOnLeaks();

const password = adminPassword;
const next = "another horse battery";
const nobody = { username: "", token: "" };
const day = 86_400_000;

async function open(t: TestContext, passwordPolicy = defaultPasswordPolicy) {
  const clock = new ManualClock(Date.now());
  const scene = await DocumentScene.open(t, { clock, configuration: { passwordPolicy } });
  return { clock, scene, users: scene.core.core.users };
}

function login(client: PlainDocuments, username: string, given = password) {
  return client.request("login", { username, password: given }, nobody);
}

test("the answer to a wrong password waits three seconds, and nobody else does", async (t) => {
  const { clock, scene } = await open(t);
  const client = await scene.anonymous();
  const answer = await passRefusal(clock, async () => {
    client.send({ action: "login", data: { username: "admin", password: "wrong" } });
    client.send({ action: "server_info" });
    assert.equal(await scene.sysop.codeOf("server_info"), 200);
    assert.equal(client.waiting, 0, "what was sent after it waits with it");
    return client.nextAnswer();
  });
  assertAnswer(answer, 401, "Invalid credentials", {});
  assert.equal((await client.nextAnswer()).code, 200);
});

test("whoever leaves while the answer waits leaves nothing behind", async (t) => {
  const { clock, scene } = await open(t);
  const client = await scene.anonymous();
  const before = clock.timerCount;
  client.send({ action: "login", data: { username: "admin", password: "wrong" } });
  await eventually(() => clock.timerCount === before + 1);
  client.socket.terminate();
  await eventually(() => clock.timerCount === before);
});

test("five failures of a name from an address lock it for a quarter of an hour: 429, also for the right password", async (t) => {
  const { clock, scene } = await open(t);
  const { username } = (await scene.user()).credentials;
  const client = await scene.anonymous();
  const name = String(username);
  for (let failure = 0; failure < 5; failure += 1) {
    assert.equal((await passRefusal(clock, () => login(client, name, "wrong"))).code, 401);
  }
  const locked = await login(client, name);
  assertAnswer(locked, 429, "Too many login attempts. Please try again later.");
  assert.ok(Number(locked.data["retry_after"]) > 800 && Number(locked.data["retry_after"]) <= 900);
  assert.equal((await login(client, "admin")).code, 200, "others are not locked out");
  // Nobody's connection lives through a quarter of an hour in one go.
  clock.advance(15 * 60_000);
  assert.equal((await login(await scene.anonymous(), name)).code, 200);
});

test("a password that has to be changed lets nobody in, and says so only to whoever knows it", async (t) => {
  const { clock, scene, users } = await open(t, { ...defaultPasswordPolicy, expiresAfterDays: 30 });
  const client = await scene.anonymous();
  const asked = await users.create({ username: "asked", password, role: "viewer", mustChangePassword: true });
  assertAnswer(await login(client, "asked"), 403, "Password must be changed before you can log in", {});
  assert.equal((await passRefusal(clock, () => login(client, "asked", "wrong"))).code, 401);
  await users.change(asked.id, { mustChangePassword: false });
  assert.equal((await login(client, "asked")).code, 200);
  clock.jump(31 * day);
  assertAnswer(await login(client, "asked"), 403, "Password should be changed because it's expired", {});
});

test("a password that is not as asked for any more has to be changed", async (t) => {
  const { scene, users } = await open(t, { ...defaultPasswordPolicy, mustContain: ["lowercase"] });
  const user = await users.create({ username: "old", password, role: "viewer" });
  await users.change(user.id, { password: "SHOUTED WORDS", bypassPolicy: true });
  const client = await scene.anonymous();
  assertAnswer(await login(client, "old", "SHOUTED WORDS"), 403, "Password must be changed before you can log in", {});
});

test("what login says of the user: name, rights and groups of now", async (t) => {
  const { scene, users } = await open(t);
  const user = await users.create({
    username: "named",
    password,
    role: "viewer",
    nickname: "Somebody",
    permissions: [
      { name: "list_users", startAt: 0, endAt: undefined },
      { name: "move", startAt: 0, endAt: 1_000 },
    ],
  });
  const client = await scene.anonymous();
  const { data } = await login(client, "named");
  const { token, exp, ...rest } = data;
  assert.deepEqual(rest, {
    nickname: "Somebody",
    permissions: ["list_users", "set_passwd"],
    groups: ["user"],
    avatar_id: null,
  });
  assert.equal(Number(exp) > 0 && String(token).split(".").length, 3);
  assert.ok(Number((await users.get(user.id))?.lastLoginAt) > 0);
});

test("refreshing: without, with a wrong and with an old token", async (t) => {
  const { clock, scene } = await open(t);
  const { sysop } = scene;
  const refresh = (username: string, token: string | null) => sysop.request("refresh_token", {}, { username, token });
  assertAnswer(await refresh("", ""), 401, "Authentication required", {});
  assertAnswer(await refresh("admin", "forged"), 401, "Invalid user or token", {});
  clock.jump(1_800_000);
  const { data } = await sysop.request("refresh_token");
  clock.jump(1_801_000);
  assertAnswer(await refresh("admin", sysop.credentials.token), 401, "Token expired", {});
  assert.equal((await refresh("admin", String(data["token"]))).code, 200);
});

test("the own password, before any login: with the old one and an empty envelope", async (t) => {
  const { clock, scene } = await open(t);
  const user = await scene.user();
  const username = String(user.credentials.username);
  const client = await scene.anonymous();
  const change = (data: object) => client.request("set_passwd", { username, ...data }, nobody);
  const wrong = await passRefusal(clock, () => change({ old_passwd: "wrong", new_passwd: next }));
  assertAnswer(wrong, 401, "Invalid credentials", {});
  const unknown = await passRefusal(clock, () =>
    client.request("set_passwd", { username: "nobody", old_passwd: password, new_passwd: next }, nobody),
  );
  assertAnswer(unknown, 401, "Invalid credentials", {});
  const short = await change({ old_passwd: password, new_passwd: "short" });
  assertAnswer(short, 400, "Password does not meet the length requirement (10 ~ 256)", {
    min_length: 10,
    max_length: 256,
  });
  const same = await change({ old_passwd: password, new_passwd: password });
  assertAnswer(same, 400, "New password should not be the same", {});
  for (const option of ["force_update_after_login", "bypass_passwd_requirements"]) {
    assert.equal((await change({ old_passwd: password, new_passwd: next, [option]: true })).code, 400, option);
  }
  assert.equal(await user.codeOf("list_sessions"), 200, "nothing of this changed anything");
  assertAnswer(await change({ old_password: password, new_password: next }), 200, "Password set successfully", {});
  assertAnswer(await user.request("list_sessions"), 401, "Invalid user or token", {});
  assert.equal((await login(client, username, next)).code, 200);
});

test("the own password takes the right to set it; what it lacks is named", async (t) => {
  const { scene } = await open(t, { ...defaultPasswordPolicy, mustContain: ["lowercase", "special"] });
  const { users } = scene.core.core;
  await users.create({ username: "without", password, role: "viewer", userGroups: [] });
  await users.create({ username: "with", password, role: "viewer" });
  const client = await scene.anonymous();
  const change = (username: string, new_passwd: string) =>
    client.request("set_passwd", { username, old_passwd: password, new_passwd }, nobody);
  const denied = "You do not have permission to change your own password";
  assertAnswer(await change("without", next), 403, denied, {});
  assertAnswer(await change("with", "ONLYCAPITALS"), 400, "Password lacks required characters", {
    missing: ["lowercase", "special"],
  });
  assert.equal((await change("with", next)).code, 200);
});

test("whoever has to change the password can, and may log in then", async (t) => {
  const { scene, users } = await open(t);
  await users.create({ username: "asked", password, role: "viewer", mustChangePassword: true });
  const client = await scene.anonymous();
  assert.equal((await login(client, "asked")).code, 403);
  const change = { username: "asked", old_passwd: password, new_passwd: next };
  assert.equal((await client.request("set_passwd", change, nobody)).code, 200);
  assert.equal((await login(client, "asked", next)).code, 200);
});

test("somebody else's password: by whoever may, and it ends every token of that user", async (t) => {
  const { scene } = await open(t);
  const [user, operator] = [await scene.user(), await scene.user({ permissions: ["super_set_passwd"] })];
  const username = String(user.credentials.username);
  const set = (client: PlainDocuments, data: object) => client.request("set_passwd", { username, ...data });
  const stranger = await scene.anonymous();
  const missing = "Operator is required when setting other user password";
  assertAnswer(await set(stranger, { new_passwd: next }), 400, missing, {});
  stranger.credentials = { username: "admin", token: "forged" };
  assertAnswer(await set(stranger, { new_passwd: next }), 401, "Invalid user or token", {});
  const denied = "You do not have permission to set user password";
  assertAnswer(await set(user, { new_passwd: next }), 403, denied, {});
  const unknown = await operator.request("set_passwd", { username: "nobody", new_passwd: next });
  assertAnswer(unknown, 404, "User does not exist", {});
  assert.equal((await set(operator, { new_passwd: "short" })).code, 400);
  assert.equal((await set(operator, { new_passwd: password })).message, "New password should not be the same");
  assertAnswer(await set(operator, { old_passwd: null, new_passwd: next }), 200, "Password set successfully", {});
  assert.equal(await user.codeOf("list_sessions"), 401);
  assert.equal((await login(stranger, username, next)).code, 200);
});

test("a password that an operator set against the rules, to be changed at the first login", async (t) => {
  const { scene } = await open(t);
  const username = String((await scene.user()).credentials.username);
  const data = { username, new_passwd: "1234", bypass_passwd_requirements: true, force_update_after_login: true };
  assert.equal(await scene.sysop.codeOf("set_passwd", data), 200);
  const client = await scene.anonymous();
  assertAnswer(await login(client, username, "1234"), 403, "Password must be changed before you can log in", {});
  const change = { username, old_passwd: "1234", new_passwd: next };
  assert.equal((await client.request("set_passwd", change, nobody)).code, 200);
  assert.equal((await login(client, username, next)).code, 200);
});

test("an administrator's password is set by administrators only", async (t) => {
  const { scene } = await open(t);
  const operator = await scene.user({ groups: ["sysop"] });
  const data = { username: "admin", new_passwd: next };
  const denied = "You do not have permission to set user password";
  assertAnswer(await operator.request("set_passwd", data), 403, denied, {});
  const other = await scene.user({ role: "administrator", groups: ["sysop"] });
  assert.equal(await other.codeOf("set_passwd", data), 200);
});

test("sessions: one's own are listed and ended, those of others are not there", async (t) => {
  const { scene } = await open(t);
  const user = await scene.user();
  const other = await scene.signIn(String(user.credentials.username));
  const { sessions } = await user.done("list_sessions");
  const list = sessions as readonly Readonly<Record<string, unknown>>[];
  assert.equal(list.length, 2);
  const [current, second] = [list.find(({ current: own }) => own), list.find(({ current: own }) => !own)];
  assert.deepEqual(
    [current?.["kind"], typeof current?.["address"], typeof current?.["created_time"]],
    ["documents", "string", "number"],
  );
  const session_id = second?.["session_id"];
  const foreign = await scene.sysop.request("revoke_session", { session_id });
  assertAnswer(foreign, 404, "Session not found", {});
  assert.equal(await other.codeOf("list_sessions"), 200);
  assertAnswer(await user.request("revoke_session", { session_id }), 200, "Session revoked successfully", {});
  assertAnswer(await other.request("list_sessions"), 401, "Invalid user or token", {});
  assert.equal(await user.codeOf("list_sessions"), 200);
});

test("a right that is given or taken counts at once, in the middle of a session", async (t) => {
  const { scene } = await open(t);
  const user = await scene.user();
  const username = String(user.credentials.username);
  assert.equal(await user.codeOf("list_users"), 403);
  await scene.sysop.done("change_user_permissions", { username, permissions: ["list_users"] });
  assert.equal(await user.codeOf("list_users"), 200);
  await scene.sysop.done("change_user_permissions", { username, permissions: [] });
  assert.equal(await user.codeOf("list_users"), 403);
});
