import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { assertAnswer, DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { passRefusal } from "../../support/passRefusal.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { adminPassword } from "../../support/startCore.ts";
import { totpCode } from "../../support/totpCode.ts";

failOnLeaks();

const password = adminPassword;
const nobody = { username: "", token: "" };
const step = 30_000;

async function open(t: TestContext) {
  const clock = new ManualClock(Date.now());
  const scene = await DocumentScene.open(t, { clock });
  return { clock, scene, user: await scene.user() };
}

/** Turns the second factor on; the secret and the backup codes. */
async function enable(user: PlainDocuments, clock: ManualClock) {
  const { secret, backup_codes: codes } = await user.done("setup_2fa");
  await user.done("validate_2fa", { token: totpCode(String(secret), clock.wallTime()) });
  clock.jump(step);
  return { codeOf: () => totpCode(String(secret), clock.wallTime()), codes: codes as readonly string[] };
}

function login(client: PlainDocuments, user: PlainDocuments, code?: string) {
  const data = { username: user.credentials.username, password, ...(code === undefined ? {} : { "2fa_token": code }) };
  return client.request("login", data, nobody);
}

test("setting up: a secret, its address and ten codes; validating turns it on; then login asks for a code", async (t) => {
  const { clock, scene, user } = await open(t);
  const status = (enabled: boolean, pending: boolean, count: number) => ({
    enabled,
    method: enabled ? "totp" : null,
    pending,
    backup_codes_count: count,
  });
  assertAnswer(
    await user.request("get_2fa_status"),
    200,
    "Two-factor authentication status retrieved",
    status(false, false, 0),
  );
  const setUp = await user.request("setup_2fa", { method: "totp" });
  assertAnswer(setUp, 200, "Two-factor authentication setup initiated. Please verify with your authenticator app.");
  const { secret, provisioning_uri: uri, backup_codes: codes, ...more } = setUp.data;
  assert.deepEqual(more, {});
  assert.match(String(secret), /^[A-Z2-7]{32}$/);
  assert.match(String(uri), new RegExp(`^otpauth://totp/CFMS(:|%3A)${user.credentials.username}\\?.*issuer=CFMS`));
  assert.equal((codes as string[]).length, 10);
  assert.ok((codes as string[]).every((code) => /^[0-9a-f]{8}$/.test(code)));
  assert.deepEqual(await user.done("get_2fa_status"), status(false, true, 10));
  const client = await scene.anonymous();
  assert.equal((await login(client, user)).code, 200, "it is not on before it was validated");
  assertAnswer(await user.request("validate_2fa", { token: "none" }), 401, "Invalid verification code", {});
  const token = totpCode(String(secret), clock.wallTime());
  const enabled = "Two-factor authentication enabled successfully";
  assertAnswer(await user.request("validate_2fa", { token }), 200, enabled, { method: "totp" });
  assert.deepEqual(await user.done("get_2fa_status", { target: null }), status(true, false, 10));
  assertAnswer(await login(client, user), 202, "Two-factor authentication required", { method: "totp" });
  clock.jump(step);
  assert.equal((await login(client, user, totpCode(String(secret), clock.wallTime()))).code, 200);
});

test("at login a code works once, a backup code once, and a wrong one waits three seconds", async (t) => {
  const { clock, scene, user } = await open(t);
  const { codeOf, codes } = await enable(user, clock);
  const client = await scene.anonymous();
  const invalid = "Invalid two-factor authentication token";
  assert.equal((await login(client, user, codeOf())).code, 200);
  assertAnswer(await passRefusal(clock, () => login(client, user, codeOf())), 401, invalid, {});
  assert.equal((await login(client, user, codes[3])).code, 200);
  assertAnswer(await passRefusal(clock, () => login(client, user, codes[3])), 401, invalid, {});
  assert.equal((await user.done("get_2fa_status"))["backup_codes_count"], 9);
});

test("what does not fit the state is a 400 that says so", async (t) => {
  const { clock, user } = await open(t);
  const notSetUp = "Two-factor authentication has not been set up. Please set it up first.";
  assertAnswer(await user.request("validate_2fa", { token: "123456" }), 400, notSetUp, {});
  const notOn = "Two-factor authentication is not enabled";
  assertAnswer(await user.request("disable_2fa", { token: "123456" }), 400, notOn, {});
  const nothing = "No pending two-factor authentication setup to cancel.";
  assertAnswer(await user.request("cancel_2fa_setup"), 400, nothing, {});
  const first = await user.done("setup_2fa");
  assertAnswer(await user.request("cancel_2fa_setup"), 200, "Two-factor authentication setup cancelled", {});
  const second = await user.done("setup_2fa");
  assert.notEqual((await user.done("setup_2fa"))["secret"], second["secret"], "a new one takes its place");
  assert.notEqual(first["secret"], second["secret"]);
  const { codeOf } = await enable(user, clock);
  const already = "Two-factor authentication is already enabled.";
  assertAnswer(await user.request("validate_2fa", { token: codeOf() }), 400, already, { method: "totp" });
  assertAnswer(await user.request("setup_2fa"), 400, `${already} Please cancel it first.`, { method: "totp" });
  assertAnswer(await user.request("cancel_2fa_setup"), 400, nothing, {});
});

test("turning it off takes a code, a backup code or the password", async (t) => {
  const { clock, user } = await open(t);
  const disabled = "Two-factor authentication disabled successfully";
  const first = await enable(user, clock);
  assertAnswer(await user.request("disable_2fa"), 400, "Missing required field: token", {
    validator: "required",
    validator_value: ["token"],
  });
  const wrong = await passRefusal(clock, () => user.request("disable_2fa", { token: "none" }));
  assertAnswer(wrong, 401, "Invalid verification code", {});
  const guess = await passRefusal(clock, () => user.request("disable_2fa", { password: "wrong" }));
  assertAnswer(guess, 401, "Invalid password", {});
  assertAnswer(await user.request("disable_2fa", { token: first.codeOf() }), 200, disabled, {});
  const second = await enable(user, clock);
  assertAnswer(await user.request("disable_2fa", { token: second.codes[0] }), 200, disabled, {});
  await enable(user, clock);
  assertAnswer(await user.request("disable_2fa", { password }), 200, disabled, {});
});

test("somebody else's second factor: seen and turned off by whoever may, an administrator's by administrators", async (t) => {
  const { clock, scene, user } = await open(t);
  await enable(user, clock);
  const target = user.credentials.username;
  const [plain, manager] = [await scene.user(), await scene.user({ permissions: ["manage_2fa"] })];
  const denied = "You do not have permission to manage other users' two-factor authentication";
  assertAnswer(await plain.request("get_2fa_status", { target }), 403, denied, {});
  assertAnswer(await plain.request("disable_2fa", { target }), 403, denied, {});
  for (const action of ["get_2fa_status", "disable_2fa"]) {
    assertAnswer(await manager.request(action, { target: "nobody" }), 404, "Target user not found", {});
  }
  assert.equal((await manager.done("get_2fa_status", { target }))["enabled"], true);
  assert.equal(await manager.codeOf("disable_2fa", { target }), 200);
  assert.equal((await user.done("get_2fa_status", { target }))["enabled"], false, "one's own state needs no right");
  await enable(scene.sysop, clock);
  assertAnswer(await manager.request("disable_2fa", { target: "admin" }), 403, denied, {});
  assert.equal((await scene.sysop.done("get_2fa_status"))["enabled"], true);
});

test("a code is asked for, too, where the password is changed before any login", async (t) => {
  const { clock, scene, user } = await open(t);
  const { codeOf } = await enable(user, clock);
  const client = await scene.anonymous();
  const data = { username: user.credentials.username, old_passwd: password, new_passwd: "another horse battery" };
  const asked = await client.request("set_passwd", data, nobody);
  assertAnswer(asked, 202, "Two-factor authentication required", { method: "totp" });
  assert.equal((await client.request("set_passwd", { ...data, "2fa_token": codeOf() }, nobody)).code, 200);
});
