import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { adminPassword, startCore } from "../../support/startCore.ts";
import { totpCode } from "../../support/totpCode.ts";

failOnLeaks();

async function setUp(context: Parameters<typeof startCore>[0]) {
  const clock = new ManualClock();
  const core = await startCore(context, { clock });
  const token = await core.userToken("viewer");
  const console = await core.console(token);
  const [user] = (await core.core.users.list()).filter(({ username }) => username !== "admin");
  assert.ok(user);
  return { clock, core, token, console, user };
}

test("a second factor is set up, confirmed and turned off by whoever it is for", async (t) => {
  const { clock, core, console, user } = await setUp(t);
  const off = { enabled: false, pending: false, backupCodesLeft: 0 };
  assert.deepEqual(await console.request("two-factor-status", {}), off);
  const { secret, uri, backupCodes } = await console.request("two-factor-set-up", {});
  assert.match(uri, new RegExp(`^otpauth://totp/Picket:${user.username}\\?secret=${secret}&issuer=Picket$`));
  assert.equal(backupCodes.length, 10);
  await assert.rejects(console.request("two-factor-confirm", { code: "000000" }), { code: "INVALID_CREDENTIALS" });
  await console.request("two-factor-confirm", { code: totpCode(secret, clock.wallTime()) });
  assert.deepEqual(await console.request("two-factor-status", {}), {
    enabled: true,
    pending: false,
    backupCodesLeft: 10,
  });
  await assert.rejects(console.request("two-factor-set-up", {}), { code: "CONFLICT" });
  await assert.rejects(console.request("two-factor-disable", {}), { code: "INVALID_PARAMS" });
  await assert.rejects(console.request("two-factor-disable", { password: "wrong" }), { code: "INVALID_CREDENTIALS" });
  await assert.rejects(console.request("two-factor-disable", { code: "000000" }), { code: "INVALID_CREDENTIALS" });
  await console.request("two-factor-disable", { code: backupCodes[0] ?? "" });
  assert.deepEqual(await console.request("two-factor-status", {}), off);
  await console.request("two-factor-set-up", {});
  await console.request("two-factor-cancel", {});
  assert.deepEqual(await console.request("two-factor-status", {}), off);
  const records = await core.core.audit.list({ limit: 50 });
  const written = records.map(({ action, outcome }) => `${action} ${outcome}`);
  for (const record of ["two-factor-set-up done", "two-factor-confirm failed", "two-factor-disable done"]) {
    assert.ok(written.includes(record), record);
  }
  assert.ok(!JSON.stringify(records).includes(secret));
});

test("with the password it is turned off, and guessing at that ends", async (t) => {
  const { clock, console } = await setUp(t);
  const turnOn = async (): Promise<void> => {
    const { secret } = await console.request("two-factor-set-up", {});
    await console.request("two-factor-confirm", { code: totpCode(secret, clock.wallTime()) });
  };
  await turnOn();
  await console.request("two-factor-disable", { password: adminPassword });
  await turnOn();
  for (let index = 0; index < 5; index += 1) {
    await assert.rejects(console.request("two-factor-disable", { password: "wrong" }), { code: "INVALID_CREDENTIALS" });
  }
  await assert.rejects(console.request("two-factor-disable", { password: adminPassword }), { code: "RATE_LIMITED" });
  assert.equal((await console.request("two-factor-status", {})).enabled, true);
});

test("an administrator sees who has one, and takes it away; nobody else can", async (t) => {
  const { clock, core, console, user } = await setUp(t);
  const admin = await core.console();
  const { secret } = await console.request("two-factor-set-up", {});
  await console.request("two-factor-confirm", { code: totpCode(secret, clock.wallTime()) });
  const isOn = async (): Promise<boolean | undefined> =>
    (await admin.request("user-list", {})).users.find(({ userId }) => userId === user.id)?.twoFactor;
  assert.equal(await isOn(), true);
  const change = { userId: user.id, twoFactor: false } as const;
  await assert.rejects(console.request("user-change", change), { code: "FORBIDDEN" });
  await admin.request("user-change", change);
  assert.equal(await isOn(), false);
  await admin.request("user-change", change);
  await assert.rejects(admin.request("user-change", { ...change, userId: "nobody" }), { code: "USER_NOT_FOUND" });
  // Turned on by nobody but the user.
  await assert.rejects(admin.request("user-change", { userId: user.id, twoFactor: true as unknown as false }), {
    code: "INVALID_PARAMS",
  });
});

test("an administrator can ask for a new password at the next sign-in", async (t) => {
  const { core, user } = await setUp(t);
  const admin = await core.console();
  await admin.request("user-change", { userId: user.id, mustChangePassword: true });
  await assert.rejects(core.signIn(user.username), /403.*PASSWORD_CHANGE_REQUIRED/);
  await admin.request("user-change", { userId: user.id, password: "another good password" });
  await core.signIn(user.username, "another good password");
  await admin.request("user-create", {
    username: "lee",
    password: adminPassword,
    role: "viewer",
    mustChangePassword: true,
  });
  await assert.rejects(core.signIn("lee"), /403.*PASSWORD_CHANGE_REQUIRED/);
  const { users } = await admin.request("user-list", {});
  assert.deepEqual(
    users.filter(({ mustChangePassword }) => mustChangePassword).map(({ username }) => username),
    ["lee"],
  );
});

test("the console gets a token for documents, which ends with its session", async (t) => {
  const { core, console, user } = await setUp(t);
  const { username, token, expiresAt, endpoint } = await console.request("documents-token", {});
  assert.deepEqual([username, endpoint], [user.username, "/cfms"]);
  assert.ok(expiresAt > core.core.clock.wallTime());
  const verified = await core.core.documentTokens.verify(username, token);
  assert.ok("user" in verified && verified.user.userId === user.id && !verified.user.isAdministrator);
  await core.core.sessions.revoke({ userId: user.id, username }, verified.user.sessionId);
  assert.deepEqual(await core.core.documentTokens.verify(username, token), { fault: "invalid" });
});

test("sessions of documents clients are listed beside those of consoles, and ended like them", async (t) => {
  const { core, console, user } = await setUp(t);
  const { documentTokens } = core.core;
  const origin = { address: "192.0.2.9", userAgent: "a client" };
  const { token } = await documentTokens.signIn({ username: user.username, password: adminPassword }, origin);
  const { sessions } = await console.request("session-list", {});
  assert.deepEqual(sessions.map(({ kind, current, address }) => [kind, current, address]).sort(), [
    ["console", true, "127.0.0.1"],
    ["documents", false, "192.0.2.9"],
  ]);
  const other = sessions.find(({ kind }) => kind === "documents");
  await console.request("session-revoke", { sessionId: other?.sessionId ?? "" });
  assert.deepEqual(await documentTokens.verify(user.username, token), { fault: "invalid" });
  const admin = await core.console();
  await assert.rejects(admin.request("session-revoke", { sessionId: sessions[0]?.sessionId ?? "" }), {
    code: "SESSION_NOT_FOUND",
  });
});
