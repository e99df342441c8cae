import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, origin, password, type TestIdentity } from "../../support/openIdentity.ts";
import { totpCode } from "../../support/totpCode.ts";

failOnLeaks();

const kimSignsIn = { username: "kim", password } as const;
const nextPassword = "another good password";
const day = 86_400_000;

async function withSecondFactor({ twoFactor, kim, clock }: TestIdentity): Promise<{
  readonly backupCodes: readonly string[];
  code(): string;
}> {
  const { secret, backupCodes } = await twoFactor.setUp(kim.id);
  await twoFactor.confirm(kim.id, totpCode(secret, clock.wallTime()));
  clock.advance(60_000);
  return { backupCodes, code: () => totpCode(secret, clock.wallTime()) };
}

test("with a second factor the password alone opens nothing", async (t) => {
  const identity = await openIdentity(t);
  const { sessions, kim } = identity;
  const { code, backupCodes } = await withSecondFactor(identity);
  await assert.rejects(sessions.signIn(kimSignsIn, origin), { code: "TWO_FACTOR_REQUIRED" });
  await assert.rejects(sessions.signIn({ ...kimSignsIn, code: "000000" }, origin), {
    code: "INVALID_CREDENTIALS",
    details: "code",
  });
  assert.deepEqual(await sessions.list(kim.id), []);
  await sessions.signIn({ ...kimSignsIn, code: code() }, origin);
  await sessions.signIn({ ...kimSignsIn, code: backupCodes[3] }, origin);
  assert.equal((await sessions.list(kim.id)).length, 2);
});

test("a good code with a wrong password is not used up, and says no more than any wrong password", async (t) => {
  const identity = await openIdentity(t);
  const { sessions } = identity;
  const { code } = await withSecondFactor(identity);
  const given = code();
  for (const username of ["kim", "nobody"]) {
    await assert.rejects(sessions.signIn({ username, password: "wrong", code: given }, origin), {
      code: "INVALID_CREDENTIALS",
      details: undefined,
    });
  }
  await sessions.signIn({ ...kimSignsIn, code: given }, origin);
});

test("codes can be guessed no more often than passwords, also by whoever knows the password", async (t) => {
  const identity = await openIdentity(t);
  const { sessions } = identity;
  const { code } = await withSecondFactor(identity);
  for (let index = 0; index < 5; index += 1) {
    // Asking without a code in between forgets nothing.
    await assert.rejects(sessions.signIn(kimSignsIn, origin), { code: "TWO_FACTOR_REQUIRED" });
    await assert.rejects(sessions.signIn({ ...kimSignsIn, code: `00000${index}` }, origin), {
      code: "INVALID_CREDENTIALS",
    });
  }
  await assert.rejects(sessions.signIn({ ...kimSignsIn, code: code() }, origin), { code: "RATE_LIMITED" });
});

test("a missing code or an old password is no failure", async (t) => {
  const identity = await openIdentity(t);
  const { sessions, users, kim } = identity;
  await withSecondFactor(identity);
  for (let index = 0; index < 8; index += 1) {
    await assert.rejects(sessions.signIn(kimSignsIn, origin), { code: "TWO_FACTOR_REQUIRED" });
  }
  await users.change(kim.id, { mustChangePassword: true });
  for (let index = 0; index < 8; index += 1) {
    await assert.rejects(sessions.signIn(kimSignsIn, origin), { code: "PASSWORD_CHANGE_REQUIRED" });
  }
});

test("a password must be changed when somebody asks, when the policy is stricter, and when it is old", async (t) => {
  const asked = await openIdentity(t);
  await asked.users.change(asked.kim.id, { mustChangePassword: true });
  await assert.rejects(asked.sessions.signIn(kimSignsIn, origin), {
    code: "PASSWORD_CHANGE_REQUIRED",
    details: "asked",
  });
  const aged = await openIdentity(t, { policy: { expiresAfterDays: 30 } });
  aged.clock.advance(30 * day);
  await aged.sessions.signIn(kimSignsIn, origin);
  aged.clock.advance(1);
  await assert.rejects(aged.sessions.signIn(kimSignsIn, origin), {
    code: "PASSWORD_CHANGE_REQUIRED",
    details: "expired",
  });
  const strict = await openIdentity(t);
  await strict.users.change(strict.kim.id, { password: "short", bypassPolicy: true });
  await assert.rejects(strict.sessions.signIn({ username: "kim", password: "short" }, origin), {
    code: "PASSWORD_CHANGE_REQUIRED",
    details: "policy",
  });
  await assert.rejects(strict.sessions.signIn({ username: "kim", password: "wrong" }, origin), {
    code: "INVALID_CREDENTIALS",
  });
});

test("whoever must change the password can do it with the old one, and signs in with the new one", async (t) => {
  const { sessions, users, kim } = await openIdentity(t);
  const { sessionId } = await sessions.signIn(kimSignsIn, origin);
  await users.change(kim.id, { mustChangePassword: true });
  const change = { credentials: kimSignsIn, newPassword: nextPassword, origin };
  const wrong = { ...change, credentials: { ...kimSignsIn, password: "wrong" } };
  await assert.rejects(sessions.changePassword(wrong), { code: "INVALID_CREDENTIALS" });
  await assert.rejects(sessions.changePassword({ ...change, newPassword: "short" }), { code: "PASSWORD_TOO_WEAK" });
  await assert.rejects(sessions.changePassword({ ...change, newPassword: password }), {
    code: "CONFLICT",
    details: "same password",
  });
  const permit = async (): Promise<void> => {
    throw new Error("not you");
  };
  await assert.rejects(sessions.changePassword({ ...change, permit }), /not you/);
  assert.equal((await sessions.list(kim.id))[0]?.id, sessionId, "nothing has changed so far");
  assert.equal((await sessions.changePassword(change)).id, kim.id);
  assert.deepEqual(await sessions.list(kim.id), [], "every session ended");
  assert.equal((await users.get(kim.id))?.mustChangePassword, false);
  await sessions.signIn({ username: "kim", password: nextPassword }, origin);
  await assert.rejects(sessions.signIn(kimSignsIn, origin), { code: "INVALID_CREDENTIALS" });
});

test("with a second factor a stolen password does not change the password either", async (t) => {
  const identity = await openIdentity(t);
  const { sessions } = identity;
  const { code } = await withSecondFactor(identity);
  const change = { newPassword: nextPassword, origin };
  await assert.rejects(sessions.changePassword({ ...change, credentials: kimSignsIn }), {
    code: "TWO_FACTOR_REQUIRED",
  });
  await sessions.changePassword({ ...change, credentials: { ...kimSignsIn, code: code() } });
});

test("a password that is set for somebody ends the sessions, and may have to be changed at once", async (t) => {
  const { sessions, users, kim } = await openIdentity(t);
  const kept = await sessions.signIn(kimSignsIn, origin);
  await sessions.signIn(kimSignsIn, origin);
  await sessions.setPassword({ userId: kim.id, password: nextPassword, actor: "root", except: kept.sessionId });
  assert.deepEqual(
    (await sessions.list(kim.id)).map(({ id }) => id),
    [kept.sessionId],
  );
  const asked = { userId: kim.id, password: "a third password", actor: "root", mustChangePassword: true };
  await sessions.setPassword(asked);
  assert.deepEqual(await sessions.list(kim.id), []);
  assert.equal((await users.get(kim.id))?.mustChangePassword, true);
});

test("who came with the old password while it was changed does not stay", async (t) => {
  const { sessions, users, clock, kim } = await openIdentity(t);
  clock.advance(1);
  await users.change(kim.id, { password: nextPassword });
  // As if the password had been checked before the change, and the session was written after.
  await assert.rejects(sessions.open(kim, { kind: "console", origin, lifetime: day }), { code: "INVALID_CREDENTIALS" });
  assert.deepEqual(await sessions.list(kim.id), []);
});

test("when somebody last signed in is known, and a refused try is no sign-in", async (t) => {
  const { sessions, users, clock, kim } = await openIdentity(t);
  assert.equal(kim.lastLoginAt, undefined);
  await assert.rejects(sessions.signIn({ ...kimSignsIn, password: "wrong" }, origin));
  assert.equal((await users.get(kim.id))?.lastLoginAt, undefined);
  await sessions.signIn(kimSignsIn, origin);
  assert.equal((await users.get(kim.id))?.lastLoginAt, clock.wallTime());
});

test("an unknown name is looked at as long as a known one", async (t) => {
  const { users } = await openIdentity(t);
  const times = { kim: [] as number[], nobody: [] as number[] };
  for (let index = 0; index < 8; index += 1) {
    for (const name of ["kim", "nobody"] as const) {
      const before = process.hrtime.bigint();
      await users.authenticate(name, "wrong password");
      times[name].push(Number(process.hrtime.bigint() - before));
    }
  }
  const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[4] ?? 0;
  const ratio = middle(times.nobody) / middle(times.kim);
  // Without the decoy it is less than a fiftieth.
  assert.ok(ratio > 0.2 && ratio < 5, `${ratio}`);
});
