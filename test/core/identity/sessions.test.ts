import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, origin, password } from "../../support/openIdentity.ts";

failOnLeaks();

const day = 24 * 3_600_000;
const kimSignsIn = { username: "kim", password } as const;
const unauthorized = { code: "UNAUTHORIZED" } as const;

test("a sign-in gives tokens that stand for the user, and is written down", async (t) => {
  const { sessions, clock, kim, audit } = await openIdentity(t);
  const grant = await sessions.signIn(kimSignsIn, origin);
  assert.equal(grant.expiresIn, 3600);
  const found = await sessions.principalOf(grant.accessToken);
  assert.deepEqual(found?.principal, {
    userId: kim.id,
    username: "kim",
    role: "operator",
    groups: undefined,
    sessionId: grant.sessionId,
  });
  assert.equal(found?.expiresAt, clock.wallTime() + 3_600_000);
  const [session] = await sessions.list(kim.id);
  assert.deepEqual(session, {
    id: grant.sessionId,
    kind: "console",
    createdAt: clock.wallTime(),
    usedAt: clock.wallTime(),
    expiresAt: clock.wallTime() + 30 * day,
    ...origin,
  });
  const [record] = await audit.list({ limit: 5 });
  assert.deepEqual(
    [record?.actor, record?.action, record?.outcome, record?.details],
    ["kim", "session-create", "done", { ...origin }],
  );
});

test("a wrong password and an unknown name get the same answer, and both are written down", async (t) => {
  const { sessions, audit } = await openIdentity(t);
  for (const username of ["kim", "nobody"]) {
    await assert.rejects(sessions.signIn({ username, password: "wrong" }, origin), {
      code: "INVALID_CREDENTIALS",
      details: undefined,
    });
  }
  const records = await audit.list({ limit: 5, action: "session-create" });
  assert.deepEqual(
    records.map(({ target, outcome }) => [target, outcome]),
    [
      ["nobody", "refused"],
      ["kim", "refused"],
    ],
  );
});

test("guessing names does not fill the audit log", async (t) => {
  const { sessions, audit } = await openIdentity(t);
  for (let index = 0; index < 40; index += 1) {
    const guess = { username: `${index}`.padEnd(300, "x"), password: "wrong" };
    const from = { ...origin, address: `192.0.2.${index}` };
    await assert.rejects(sessions.signIn(guess, from), { code: "INVALID_CREDENTIALS" });
  }
  const records = await audit.list({ limit: 100 });
  assert.ok(records.length >= 10 && records.length <= 20, `${records.length} records`);
  assert.equal(records[0]?.target.length, 64);
});

test("what ended long ago is deleted at a later sign-in", async (t) => {
  const { sessions, clock, database } = await openIdentity(t);
  await sessions.signIn(kimSignsIn, origin);
  clock.advance(31 * day);
  await sessions.signIn(kimSignsIn, origin);
  assert.equal((await database.kysely.selectFrom("sessions").select("id").execute()).length, 1);
});

test("signing out ends the session at once; a stranger's token ends nothing", async (t) => {
  const { sessions, heard } = await openIdentity(t);
  const revoked = heard("session-revoked");
  const grant = await sessions.signIn(kimSignsIn, origin);
  const forged = `${grant.refreshToken.slice(0, -3)}AAA`;
  await sessions.signOut(forged);
  await sessions.signOut("nonsense");
  assert.notEqual(await sessions.principalOf(grant.accessToken), undefined);
  await sessions.signOut(grant.refreshToken);
  assert.equal(await sessions.principalOf(grant.accessToken), undefined);
  await assert.rejects(sessions.refresh(grant.refreshToken), unauthorized);
  await sessions.signOut(grant.refreshToken);
  assert.deepEqual(revoked, [{ sessionId: grant.sessionId }]);
});

test("a removed user is nobody from that moment on", async (t) => {
  const { sessions, users, kim } = await openIdentity(t);
  await users.create({ username: "root", password, role: "administrator" });
  const grant = await sessions.signIn(kimSignsIn, origin);
  await users.remove(kim.id);
  assert.equal(await sessions.principalOf(grant.accessToken), undefined);
  await assert.rejects(sessions.refresh(grant.refreshToken), unauthorized);
  await assert.rejects(sessions.signIn(kimSignsIn, origin), { code: "INVALID_CREDENTIALS" });
  await assert.rejects(sessions.signInAs(kim.id, origin), unauthorized);
});

test("a role or group that was changed holds for tokens that were given before", async (t) => {
  const { sessions, users, kim } = await openIdentity(t);
  await users.create({ username: "root", password, role: "administrator" });
  const { accessToken } = await sessions.signIn(kimSignsIn, origin);
  await users.change(kim.id, { role: "viewer", groups: ["a"] });
  const found = await sessions.principalOf(accessToken);
  assert.deepEqual([found?.principal.role, found?.principal.groups], ["viewer", ["a"]]);
});

test("ending all sessions spares the one that is named, and those of others", async (t) => {
  const { sessions, users, kim } = await openIdentity(t);
  await users.create({ username: "lee", password, role: "viewer" });
  const grants = [await sessions.signIn(kimSignsIn, origin), await sessions.signIn(kimSignsIn, origin)];
  const lee = await sessions.signIn({ username: "lee", password }, origin);
  await sessions.revokeAll(kim.id, { actor: "kim", except: grants[1]?.sessionId });
  assert.deepEqual(
    (await sessions.list(kim.id)).map(({ id }) => id),
    [grants[1]?.sessionId],
  );
  await sessions.revokeAll(kim.id, { actor: "root" });
  assert.deepEqual(await sessions.list(kim.id), []);
  assert.notEqual(await sessions.principalOf(lee.accessToken), undefined);
});

test("nobody ends a session of somebody else by its id", async (t) => {
  const { sessions, users, kim } = await openIdentity(t);
  const lee = await users.create({ username: "lee", password, role: "administrator" });
  const grant = await sessions.signIn(kimSignsIn, origin);
  const asLee = { userId: lee.id, username: "lee", role: "administrator", groups: undefined, sessionId: "s" } as const;
  await assert.rejects(sessions.revoke(asLee, grant.sessionId), { code: "SESSION_NOT_FOUND" });
  await assert.rejects(sessions.revoke(asLee, "unknown"), { code: "SESSION_NOT_FOUND" });
  await sessions.revoke({ ...asLee, userId: kim.id }, grant.sessionId);
  assert.equal(await sessions.principalOf(grant.accessToken), undefined);
});

test("after five failures a name waits a quarter of an hour, at that address only", async (t) => {
  const { sessions, clock } = await openIdentity(t);
  for (let index = 0; index < 5; index += 1) {
    await assert.rejects(sessions.signIn({ username: "kim", password: "wrong" }, origin), {
      code: "INVALID_CREDENTIALS",
    });
  }
  await assert.rejects(sessions.signIn(kimSignsIn, origin), { code: "RATE_LIMITED", details: "900" });
  await sessions.signIn(kimSignsIn, { ...origin, address: "198.51.100.1" });
  clock.advance(15 * 60_000);
  await sessions.signIn(kimSignsIn, origin);
  await sessions.signIn(kimSignsIn, origin);
});

test("the password is asked again as slowly as at the sign-in", async (t) => {
  const { sessions } = await openIdentity(t);
  const { accessToken } = await sessions.signIn(kimSignsIn, origin);
  const principal = (await sessions.principalOf(accessToken))?.principal;
  assert.ok(principal);
  assert.equal(await sessions.confirmPassword(principal, password), true);
  for (let index = 0; index < 5; index += 1) {
    assert.equal(await sessions.confirmPassword(principal, "wrong"), false);
  }
  await assert.rejects(sessions.confirmPassword(principal, password), { code: "RATE_LIMITED" });
});

test("only so many passwords are checked at a time; the rest is asked to come back", async (t) => {
  const { sessions } = await openIdentity(t);
  const attempts = Array.from({ length: 20 }, (_, index) =>
    sessions
      .signIn({ username: `name-${index}`, password: "wrong" }, origin)
      .catch(({ code }: { code: string }) => code),
  );
  const codes = await Promise.all(attempts);
  assert.equal(codes.filter((code) => code === "INVALID_CREDENTIALS").length, 8);
  assert.equal(codes.filter((code) => code === "RATE_LIMITED").length, 12);
  await sessions.signIn(kimSignsIn, origin);
});
