import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, origin, password } from "../../support/openIdentity.ts";

failOnLeaks();

const day = 24 * 3_600_000;
const kimSignsIn = { username: "kim", password } as const;
const unauthorized = { code: "UNAUTHORIZED" } as const;

test("the database holds only a hash of a refresh token", async (t) => {
  const { sessions, database } = await openIdentity(t);
  const { refreshToken, sessionId } = await sessions.signIn(kimSignsIn, origin);
  const secret = refreshToken.slice(refreshToken.indexOf(sessionId) + sessionId.length + 1);
  assert.ok(secret.length >= 43, "256 bits");
  const rows = await database.kysely.selectFrom("sessions").selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes(secret));
});

test("a refresh gives a new pair every time, and the session stays the same", async (t) => {
  const { sessions, clock, kim } = await openIdentity(t);
  const first = await sessions.signIn(kimSignsIn, origin);
  let { refreshToken } = first;
  const seen = new Set([refreshToken]);
  for (let index = 0; index < 5; index += 1) {
    clock.advance(20 * day);
    const next = await sessions.refresh(refreshToken);
    assert.equal(next.sessionId, first.sessionId);
    assert.notEqual(await sessions.principalOf(next.accessToken), undefined);
    refreshToken = next.refreshToken;
    seen.add(refreshToken);
  }
  assert.equal(seen.size, 6);
  const [session] = await sessions.list(kim.id);
  assert.equal(session?.usedAt, clock.wallTime());
  assert.equal(session?.createdAt, clock.wallTime() - 100 * day);
});

test("a refresh token that is used twice ends the whole session, also for who holds the newest", async (t) => {
  const { sessions, audit, heard } = await openIdentity(t);
  const revoked = heard("session-revoked");
  const stolen = await sessions.signIn(kimSignsIn, origin);
  const other = await sessions.signIn(kimSignsIn, origin);
  const second = await sessions.refresh(stolen.refreshToken);
  const third = await sessions.refresh(second.refreshToken);
  await assert.rejects(sessions.refresh(stolen.refreshToken), unauthorized);
  await assert.rejects(sessions.refresh(third.refreshToken), unauthorized);
  assert.equal(await sessions.principalOf(third.accessToken), undefined);
  assert.deepEqual(revoked, [{ sessionId: stolen.sessionId }]);
  assert.notEqual(await sessions.principalOf(other.accessToken), undefined, "another sign-in is not touched");
  const [record] = await audit.list({ limit: 1 });
  assert.deepEqual(
    [record?.actor, record?.action, record?.target, record?.details],
    ["kim", "session-revoke", stolen.sessionId, { reason: "refresh token used twice" }],
  );
});

test("two refreshes with one token in the same moment: one of them gets the new pair", async (t) => {
  const { sessions } = await openIdentity(t);
  const { refreshToken } = await sessions.signIn(kimSignsIn, origin);
  const outcomes = await Promise.allSettled([sessions.refresh(refreshToken), sessions.refresh(refreshToken)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

test("what is no refresh token, or one of another kind, is refused", async (t) => {
  const { sessions, tokens } = await openIdentity(t);
  const { refreshToken, accessToken } = await sessions.signIn(kimSignsIn, origin);
  const { token } = await tokens.create({ uses: 1, group: "default", createdBy: "test" });
  const wrong = ["", "x", accessToken, token, `${refreshToken}x`.replace(/^[a-z]+/, "enrol"), "a".repeat(5_000)];
  for (const text of wrong) await assert.rejects(sessions.refresh(text), unauthorized, text.slice(0, 40));
  assert.notEqual(await sessions.principalOf(accessToken), undefined, "a guess without its id ends nobody's session");
});

test("a session ends when it was not used for 30 days", async (t) => {
  const { sessions, clock, kim } = await openIdentity(t);
  const { refreshToken } = await sessions.signIn(kimSignsIn, origin);
  clock.advance(30 * day - 1);
  const { refreshToken: next } = await sessions.refresh(refreshToken);
  clock.advance(30 * day);
  await assert.rejects(sessions.refresh(next), unauthorized);
  assert.deepEqual(await sessions.list(kim.id), []);
});
