import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { ManualClock } from "../support/manualClock.ts";
import { type Answer, postJson } from "../support/request.ts";
import { adminPassword, startCore, type TestCore } from "../support/startCore.ts";
import { totpCode } from "../support/totpCode.ts";

failOnLeaks();

const kim = { username: "kim", password: adminPassword } as const;
const nextPassword = "another good password";

const poster =
  ({ httpUrl }: TestCore) =>
  (call: string, body: unknown): Promise<Answer> =>
    postJson(httpUrl, `/api/v1/auth/${call}`, { body });

const bodyOf = ({ text }: Answer): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
const errorOf = (answer: Answer): unknown => {
  const { code, details } = bodyOf(answer)["error"] as { readonly code: string; readonly details?: string };
  return details === undefined ? [answer.status, code] : [answer.status, code, details];
};

/** A core whose user kim has a second factor. */
async function setUp(context: Parameters<typeof startCore>[0]) {
  const clock = new ManualClock();
  const core = await startCore(context, { clock });
  const { users, twoFactor } = core.core;
  const { id } = await users.create({ ...kim, role: "viewer" });
  const { secret, backupCodes } = await twoFactor.setUp(id);
  await twoFactor.confirm(id, totpCode(secret, clock.wallTime()));
  clock.advance(60_000);
  return { core, id, post: poster(core), backupCodes, code: () => totpCode(secret, clock.wallTime()) };
}

test("without its code a second factor is asked for with 202, and nobody is signed in", async (t) => {
  const { core, id, post } = await setUp(t);
  const answer = await post("login", { ...kim, cookie: true });
  assert.deepEqual([answer.status, bodyOf(answer)], [202, { method: "totp" }]);
  assert.equal(answer.headers["set-cookie"], undefined);
  assert.deepEqual(await core.core.sessions.list(id), []);
});

test("with its code, or a backup code, the sign-in is as any other; a code opens once", async (t) => {
  const { core, post, code, backupCodes } = await setUp(t);
  const given = code();
  for (const [totp, status] of [
    [given, 200],
    [given, 401],
    [backupCodes[0], 200],
    [backupCodes[0], 401],
  ]) {
    const answer = await post("login", { ...kim, totp });
    assert.equal(answer.status, status, answer.text);
    if (status === 200) assert.ok(await core.core.sessions.principalOf(String(bodyOf(answer)["access_token"])));
    else assert.deepEqual(errorOf(answer), [401, "INVALID_CREDENTIALS", "code"]);
  }
});

test("a code says nothing where the password is wrong, and what is no text is refused", async (t) => {
  const { post, code } = await setUp(t);
  assert.deepEqual(errorOf(await post("login", { ...kim, password: "wrong", totp: code() })), [
    401,
    "INVALID_CREDENTIALS",
  ]);
  for (const totp of [123456, "", null, {}]) {
    assert.deepEqual(errorOf(await post("login", { ...kim, totp })), [
      400,
      "INVALID_PARAMS",
      "totp is missing or wrong",
    ]);
  }
});

test("wrong codes lock like wrong passwords", async (t) => {
  const { post, code } = await setUp(t);
  for (let index = 0; index < 5; index += 1) {
    assert.deepEqual(errorOf(await post("login", { ...kim, totp: "000000" })), [401, "INVALID_CREDENTIALS", "code"]);
  }
  const answer = await post("login", { ...kim, totp: code() });
  assert.equal(answer.status, 429);
  assert.equal(answer.headers["retry-after"], "900");
});

test("a password that must be changed is 403, and is changed with the old one in one request", async (t) => {
  const core = await startCore(t);
  const { users, sessions } = core.core;
  const { id } = await users.create({ ...kim, role: "viewer", mustChangePassword: true });
  const post = poster(core);
  assert.deepEqual(errorOf(await post("login", kim)), [403, "PASSWORD_CHANGE_REQUIRED", "asked"]);
  const change = { ...kim, new_password: nextPassword };
  assert.deepEqual(errorOf(await post("password", { ...change, password: "wrong" })), [401, "INVALID_CREDENTIALS"]);
  assert.deepEqual(errorOf(await post("password", { ...change, username: "nobody" })), [401, "INVALID_CREDENTIALS"]);
  assert.deepEqual(errorOf(await post("password", { ...change, new_password: "short" })), [
    400,
    "PASSWORD_TOO_WEAK",
    "it must have 10 to 256 characters",
  ]);
  assert.deepEqual(errorOf(await post("password", { ...change, new_password: kim.password })), [
    409,
    "CONFLICT",
    "same password",
  ]);
  assert.deepEqual(errorOf(await post("password", kim)), [400, "INVALID_PARAMS", "new_password is missing or wrong"]);
  const answer = await post("password", { ...change, cookie: true });
  assert.equal(answer.status, 200, answer.text);
  assert.ok(await sessions.principalOf(String(bodyOf(answer)["access_token"])));
  assert.match(String(answer.headers["set-cookie"]), /^picket_refresh=pkt_refresh_/);
  assert.equal((await sessions.list(id)).length, 1);
  assert.equal((await post("login", kim)).status, 401);
  assert.equal((await post("login", { ...kim, password: nextPassword })).status, 200);
});

test("changing a password ends the sessions of before, and asks for the code as well", async (t) => {
  const { core, id, post, code } = await setUp(t);
  const before = await core.core.sessions.signInAs(id, { address: "192.0.2.1", userAgent: "before" });
  const change = { ...kim, new_password: nextPassword };
  const asked = await post("password", change);
  assert.deepEqual([asked.status, bodyOf(asked)], [202, { method: "totp" }]);
  assert.ok(await core.core.sessions.principalOf(before.accessToken));
  assert.deepEqual(errorOf(await post("password", { ...change, totp: "000000" })), [
    401,
    "INVALID_CREDENTIALS",
    "code",
  ]);
  assert.equal((await post("password", { ...change, totp: code() })).status, 200);
  assert.equal(await core.core.sessions.principalOf(before.accessToken), undefined);
});

test("guessing at the old password through the change is locked with the sign-in", async (t) => {
  const core = await startCore(t);
  const post = poster(core);
  const guess = { username: "admin", password: "wrong", new_password: nextPassword };
  for (let index = 0; index < 5; index += 1) assert.equal((await post("password", guess)).status, 401);
  assert.equal((await post("password", guess)).status, 429);
  assert.equal((await post("login", { username: "admin", password: adminPassword })).status, 429);
});
