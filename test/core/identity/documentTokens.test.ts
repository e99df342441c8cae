import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, origin, password } from "../../support/openIdentity.ts";

failOnLeaks();

const kimSignsIn = { username: "kim", password } as const;
const hour = 3_600_000;
const part = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString("utf8"));
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a sign-in gives a token of a name and a time, for a session of its own", async (t) => {
  const { documentTokens, sessions, clock, kim, audit, permissions } = await openIdentity(t);
  const { token, expiresAt, user } = await documentTokens.signIn(kimSignsIn, origin);
  assert.deepEqual(part(token, 0), { alg: "HS256", typ: "JWT" });
  assert.deepEqual(part(token, 1), { username: "kim", exp: expiresAt / 1000 });
  assert.ok(expiresAt >= clock.wallTime() + hour && expiresAt < clock.wallTime() + hour + 1);
  const [session] = await sessions.list(kim.id);
  assert.deepEqual(user, {
    userId: kim.id,
    username: "kim",
    isAdministrator: false,
    rights: await permissions.of(kim.id),
    sessionId: session?.id,
  });
  assert.deepEqual([session?.kind, session?.address], ["documents", origin.address]);
  assert.deepEqual(await documentTokens.verify("kim", token), { user });
  const [record] = await audit.list({ limit: 1 });
  assert.deepEqual([record?.action, record?.details], ["session-create", { ...origin, kind: "documents" }]);
});

test("a name in another case is the same user, another name is not", async (t) => {
  const { documentTokens, users } = await openIdentity(t);
  await users.create({ username: "lee", password, role: "administrator" });
  const { token } = await documentTokens.signIn({ username: "KIM", password }, origin);
  assert.ok("user" in (await documentTokens.verify("Kim", token)));
  for (const [name, fault] of [
    ["lee", "invalid"],
    ["nobody", "invalid"],
    ["", "missing"],
  ]) {
    assert.deepEqual(await documentTokens.verify(name ?? "", token), { fault });
  }
  const lee = await documentTokens.verify(
    "lee",
    (await documentTokens.signIn({ username: "lee", password }, origin)).token,
  );
  assert.equal("user" in lee && lee.user.isAdministrator, true);
});

test("a token that is missing, forged, changed or too old is told apart", async (t) => {
  const { documentTokens, clock, kim } = await openIdentity(t);
  const { token } = await documentTokens.signIn(kimSignsIn, origin);
  const [header = "", , signature = ""] = token.split(".");
  const claims = { username: "kim", exp: clock.wallTime() / 1000 + 9_999 };
  const key = createHmac("sha256", new Uint8Array(32)).update(`documents\n${kim.id}`).digest();
  const forged = `${header}.${encode(claims)}`;
  const faults = [
    ["", "missing"],
    ["nonsense", "invalid"],
    [`${header}.${encode(claims)}.${signature}`, "invalid"],
    [`${forged}.${createHmac("sha256", key).update(forged).digest("base64url")}`, "invalid"],
    [`${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.`, "invalid"],
    [token.slice(0, -2), "invalid"],
  ] as const;
  for (const [text, fault] of faults) assert.deepEqual(await documentTokens.verify("kim", text), { fault }, text);
  clock.advance(hour);
  assert.ok("user" in (await documentTokens.verify("kim", token)), "its fraction of a millisecond is left");
  clock.advance(1);
  assert.deepEqual(await documentTokens.verify("kim", token), { fault: "expired" });
  await documentTokens.signIn(kimSignsIn, origin);
  assert.deepEqual(await documentTokens.verify("kim", token), { fault: "expired" }, "also when it was cleared away");
});

test("tokens of one moment are different, and each counts", async (t) => {
  const { documentTokens, sessions, kim } = await openIdentity(t);
  const grants = await Promise.all([1, 2, 3, 4].map(() => documentTokens.signIn(kimSignsIn, origin)));
  assert.equal(new Set(grants.map(({ token }) => token)).size, 4);
  assert.equal((await sessions.list(kim.id)).length, 4);
  for (const { token } of grants) assert.ok("user" in (await documentTokens.verify("kim", token)));
});

test("a refresh gives a further hour, and the token before stays good until its end", async (t) => {
  const { documentTokens, clock, sessions, kim } = await openIdentity(t);
  const first = await documentTokens.signIn(kimSignsIn, origin);
  clock.advance(hour / 2);
  const second = await documentTokens.refresh("kim", first.token);
  assert.ok(second.expiresAt >= clock.wallTime() + hour);
  assert.equal((await sessions.list(kim.id)).length, 1);
  assert.ok("user" in (await documentTokens.verify("kim", first.token)));
  clock.advance(hour / 2 + 1);
  assert.deepEqual(await documentTokens.verify("kim", first.token), { fault: "expired" });
  assert.ok("user" in (await documentTokens.verify("kim", second.token)));
  await assert.rejects(documentTokens.refresh("kim", first.token), { code: "UNAUTHORIZED", details: "expired" });
  await assert.rejects(documentTokens.refresh("kim", ""), { code: "UNAUTHORIZED", details: "missing" });
  await assert.rejects(documentTokens.refresh("kim", "x"), { code: "UNAUTHORIZED", details: "invalid" });
});

test("a session that is ended takes its tokens with it at once", async (t) => {
  const { documentTokens, sessions, kim } = await openIdentity(t);
  const kept = await documentTokens.signIn(kimSignsIn, origin);
  const ended = await documentTokens.signIn(kimSignsIn, origin);
  const further = await documentTokens.refresh("kim", ended.token);
  await sessions.revoke({ userId: kim.id, username: "kim" }, ended.user.sessionId);
  for (const { token } of [ended, further]) {
    assert.deepEqual(await documentTokens.verify("kim", token), { fault: "invalid" });
    await assert.rejects(documentTokens.refresh("kim", token), { code: "UNAUTHORIZED" });
  }
  assert.ok("user" in (await documentTokens.verify("kim", kept.token)));
});

test("a token of the console's session ends with that session", async (t) => {
  const { documentTokens, sessions, kim, clock } = await openIdentity(t);
  const { sessionId, refreshToken } = await sessions.signIn(kimSignsIn, origin);
  const { username, token } = await documentTokens.issueFor({ userId: kim.id, sessionId });
  assert.equal(username, "kim");
  const verified = await documentTokens.verify("kim", token);
  assert.equal("user" in verified && verified.user.sessionId, sessionId);
  const [session] = await sessions.list(kim.id);
  assert.ok((session?.expiresAt ?? 0) > clock.wallTime() + hour + 1, "it does not shorten the console's session");
  await sessions.signOut(refreshToken);
  assert.deepEqual(await documentTokens.verify("kim", token), { fault: "invalid" });
  await assert.rejects(documentTokens.issueFor({ userId: kim.id, sessionId }), { code: "UNAUTHORIZED" });
  await assert.rejects(documentTokens.issueFor({ userId: kim.id, sessionId: undefined }), { code: "UNAUTHORIZED" });
  await assert.rejects(documentTokens.issueFor({ userId: "local", sessionId }), { code: "UNAUTHORIZED" });
});

test("nobody gets a token for somebody else's session", async (t) => {
  const { documentTokens, sessions, users } = await openIdentity(t);
  const lee = await users.create({ username: "lee", password, role: "administrator" });
  const { sessionId } = await sessions.signIn(kimSignsIn, origin);
  await assert.rejects(documentTokens.issueFor({ userId: lee.id, sessionId }), { code: "UNAUTHORIZED" });
});

test("a password that is changed ends every token, also of the session that goes on", async (t) => {
  const { documentTokens, sessions, kim, clock } = await openIdentity(t);
  const { sessionId } = await sessions.signIn(kimSignsIn, origin);
  const ofConsole = await documentTokens.issueFor({ userId: kim.id, sessionId });
  const ofClient = await documentTokens.signIn(kimSignsIn, origin);
  clock.advance(1);
  const change = { userId: kim.id, password: "another good password", actor: "kim", except: sessionId };
  await sessions.setPassword(change);
  for (const { token } of [ofConsole, ofClient]) {
    assert.deepEqual(await documentTokens.verify("kim", token), { fault: "invalid" });
  }
  const { token } = await documentTokens.issueFor({ userId: kim.id, sessionId });
  assert.ok("user" in (await documentTokens.verify("kim", token)));
});

test("a removed user's tokens are worth nothing, also when the name is given again", async (t) => {
  const { documentTokens, users, kim } = await openIdentity(t);
  await users.create({ username: "root", password, role: "administrator" });
  const { token } = await documentTokens.signIn(kimSignsIn, origin);
  await users.remove(kim.id);
  assert.deepEqual(await documentTokens.verify("kim", token), { fault: "invalid" });
  await users.create({ username: "kim", password, role: "administrator" });
  assert.deepEqual(await documentTokens.verify("kim", token), { fault: "invalid" });
});

test("rights are looked up at every request, not when the token was made", async (t) => {
  const { documentTokens, userGroups, kim } = await openIdentity(t);
  const { token } = await documentTokens.signIn(kimSignsIn, origin);
  await userGroups.setPermissionsOf(kim.id, [{ name: "shutdown", startAt: 0, endAt: undefined }]);
  const more = await documentTokens.verify("kim", token);
  assert.ok("user" in more && more.user.rights.permissions.has("shutdown"));
  await userGroups.setPermissionsOf(kim.id, []);
  const less = await documentTokens.verify("kim", token);
  assert.ok("user" in less && !less.user.rights.permissions.has("shutdown"));
});

test("a documents session opens nothing at the console, whoever knows its id", async (t) => {
  const { documentTokens, sessions, accessTokens, kim } = await openIdentity(t);
  const { user } = await documentTokens.signIn(kimSignsIn, origin);
  assert.equal(await sessions.principalOf(await accessTokens.sign(kim.id, user.sessionId)), undefined);
  await assert.rejects(sessions.refresh(`pkt_refresh_${user.sessionId}_x`), { code: "UNAUTHORIZED" });
  assert.equal((await sessions.list(kim.id)).length, 1, "and it goes on");
});

test("the database holds no token, and no more of them than anybody needs", async (t) => {
  const { documentTokens, database } = await openIdentity(t);
  const { token } = await documentTokens.signIn(kimSignsIn, origin);
  let newest = token;
  for (let index = 0; index < 120; index += 1) newest = (await documentTokens.refresh("kim", newest)).token;
  const rows = await database.kysely.selectFrom("document_tokens").selectAll().execute();
  assert.ok(rows.length <= 100, `${rows.length}`);
  assert.ok(!JSON.stringify(rows).includes(newest));
});
