import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity, password, type TestIdentity } from "../../support/openIdentity.ts";
import { totpCode } from "../../support/totpCode.ts";

failOnLeaks();

const codeAt = (secret: string, time: number): string => totpCode(secret, time);
const step = 30_000;

/** Kim with a second factor that is on, and a clock two steps after. */
async function enabled(
  t: Parameters<typeof openIdentity>[0],
): Promise<TestIdentity & { readonly secret: string; readonly backupCodes: readonly string[] }> {
  const identity = await openIdentity(t);
  const { twoFactor, clock, kim } = identity;
  const { secret, backupCodes } = await twoFactor.setUp(kim.id);
  await twoFactor.confirm(kim.id, codeAt(secret, clock.wallTime()));
  clock.advance(2 * step);
  return { ...identity, secret, backupCodes };
}

test("codes are those of RFC 6238 for the secret that is shown", () => {
  // The appendix of the RFC, with the last six of its eight digits; the secret is "12345678901234567890" in base32.
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  for (const [seconds, code] of [
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_234_567_890, "005924"],
    [20_000_000_000, "353130"],
  ] as const) {
    assert.equal(codeAt(secret, seconds * 1000), code);
  }
});

test("a set-up shows a secret, its address and ten backup codes, and counts once a code was seen", async (t) => {
  const { twoFactor, users, kim, clock, heard } = await openIdentity(t);
  const changes = heard("user-changed");
  const { secret, uri, backupCodes } = await twoFactor.setUp(kim.id);
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.equal(uri, `otpauth://totp/Picket:kim?secret=${secret}&issuer=Picket`);
  assert.equal(new Set(backupCodes).size, 10);
  for (const code of backupCodes) assert.match(code, /^[0-9a-f]{8}$/);
  assert.deepEqual(await twoFactor.status(kim.id), { enabled: false, pending: true, backupCodesLeft: 10 });
  assert.equal((await users.get(kim.id))?.twoFactor, false);
  const code = codeAt(secret, clock.wallTime());
  assert.equal(await twoFactor.verify(kim.id, code), false, "it is not on yet");
  await assert.rejects(twoFactor.confirm(kim.id, "000000"), { code: "INVALID_CREDENTIALS" });
  await assert.rejects(twoFactor.confirm(kim.id, backupCodes[0] ?? ""), { code: "INVALID_CREDENTIALS" });
  await twoFactor.confirm(kim.id, code);
  assert.deepEqual(await twoFactor.status(kim.id), { enabled: true, pending: false, backupCodesLeft: 10 });
  assert.equal((await users.get(kim.id))?.twoFactor, true);
  assert.equal(changes.length, 1);
  assert.equal(await twoFactor.verify(kim.id, code), false, "the code that turned it on was used by that");
});

test("a code is good one step before and after its own, and no further", async (t) => {
  const { twoFactor, kim, clock, secret } = await enabled(t);
  for (const [off, good] of [
    [-2, false],
    [-1, true],
    [2, false],
    [1, true],
  ] as const) {
    const code = codeAt(secret, clock.wallTime() + off * step);
    assert.equal(await twoFactor.verify(kim.id, code), good, `${off} steps off`);
  }
});

test("a code works once, and none before it works after it", async (t) => {
  const { twoFactor, kim, clock, secret } = await enabled(t);
  const older = codeAt(secret, clock.wallTime() - step);
  const code = codeAt(secret, clock.wallTime());
  const answers = await Promise.all([1, 2, 3, 4].map(() => twoFactor.verify(kim.id, code)));
  assert.equal(answers.filter(Boolean).length, 1, "of those who come in the same moment one");
  assert.equal(await twoFactor.verify(kim.id, code), false);
  assert.equal(await twoFactor.verify(kim.id, older), false);
  clock.advance(step);
  assert.equal(await twoFactor.verify(kim.id, codeAt(secret, clock.wallTime())), true);
});

test("a code that was taken while the clock was wrong keeps nobody out when it is right again", async (t) => {
  const { twoFactor, kim, clock, secret } = await enabled(t);
  clock.jump(86_400_000);
  assert.equal(await twoFactor.verify(kim.id, codeAt(secret, clock.wallTime())), true);
  clock.jump(-86_400_000);
  assert.equal(await twoFactor.verify(kim.id, codeAt(secret, clock.wallTime())), true);
});

test("a backup code works once, however it is written", async (t) => {
  const { twoFactor, kim, backupCodes } = await enabled(t);
  const [first = "", second = ""] = backupCodes;
  const written = `${first.slice(0, 4).toUpperCase()}-${first.slice(4)} `;
  const answers = await Promise.all([written, first, first].map((code) => twoFactor.verify(kim.id, code)));
  assert.equal(answers.filter(Boolean).length, 1);
  assert.equal((await twoFactor.status(kim.id)).backupCodesLeft, 9);
  assert.equal(await twoFactor.verify(kim.id, second), true);
  for (const wrong of ["", "0", "12345", "1234567", "abcdefgh", "'--", "x".repeat(10_000)]) {
    assert.equal(await twoFactor.verify(kim.id, wrong), false, wrong.slice(0, 10));
  }
});

test("codes of one user are nothing to another", async (t) => {
  const { twoFactor, users, clock, secret, backupCodes } = await enabled(t);
  const lee = await users.create({ username: "lee", password, role: "viewer" });
  const own = await twoFactor.setUp(lee.id);
  await twoFactor.confirm(lee.id, codeAt(own.secret, clock.wallTime()));
  clock.advance(2 * step);
  assert.equal(await twoFactor.verify(lee.id, codeAt(secret, clock.wallTime())), false);
  assert.equal(await twoFactor.verify(lee.id, backupCodes[0] ?? ""), false);
});

test("another set-up replaces one that was not confirmed, and none that is on", async (t) => {
  const { twoFactor, kim, clock } = await openIdentity(t);
  const first = await twoFactor.setUp(kim.id);
  const second = await twoFactor.setUp(kim.id);
  await assert.rejects(twoFactor.confirm(kim.id, codeAt(first.secret, clock.wallTime())), {
    code: "INVALID_CREDENTIALS",
  });
  await twoFactor.confirm(kim.id, codeAt(second.secret, clock.wallTime()));
  await assert.rejects(twoFactor.setUp(kim.id), { code: "CONFLICT" });
  await assert.rejects(twoFactor.confirm(kim.id, "000000"), { code: "CONFLICT", details: "enabled" });
  await assert.rejects(twoFactor.cancelSetUp(kim.id), { code: "CONFLICT" });
  assert.equal(await twoFactor.verify(kim.id, second.backupCodes[0] ?? ""), true, "the codes are those of before");
  assert.equal(await twoFactor.verify(kim.id, first.backupCodes[0] ?? ""), false);
});

test("turned off or given up, nothing is left of it", async (t) => {
  const { twoFactor, kim, database, clock, secret, backupCodes } = await enabled(t);
  await twoFactor.disable(kim.id);
  assert.equal(await twoFactor.verify(kim.id, codeAt(secret, clock.wallTime())), false);
  assert.equal(await twoFactor.verify(kim.id, backupCodes[0] ?? ""), false);
  await assert.rejects(twoFactor.disable(kim.id), { code: "CONFLICT" });
  await assert.rejects(twoFactor.confirm(kim.id, "000000"), { code: "CONFLICT", details: "not set up" });
  await twoFactor.setUp(kim.id);
  await twoFactor.cancelSetUp(kim.id);
  await assert.rejects(twoFactor.cancelSetUp(kim.id), { code: "CONFLICT" });
  const [row] = await database.kysely.selectFrom("users").select(["totp_secret", "totp_last_step"]).execute();
  assert.deepEqual(row, { totp_secret: null, totp_last_step: null });
  assert.deepEqual(await database.kysely.selectFrom("user_backup_codes").selectAll().execute(), []);
});

test("the database alone gives away neither the secret nor a backup code", async (t) => {
  const { database, secret, backupCodes } = await enabled(t);
  const [row] = await database.kysely.selectFrom("users").select("totp_secret").execute();
  const sealed = Buffer.from(row?.totp_secret ?? []);
  assert.ok(sealed.length > 32);
  assert.ok(!sealed.includes(secret));
  const hashes = await database.kysely.selectFrom("user_backup_codes").select("code_hash").execute();
  const [code = ""] = backupCodes;
  // With eight hex digits, whatever can be worked out without the key can be searched through.
  const plain = [createHmac("sha256", "").update(code).digest("hex"), code];
  assert.ok(hashes.every(({ code_hash }) => !plain.includes(code_hash) && code_hash.length === 64));
});

test("of a user that is not there nothing can be asked", async (t) => {
  const { twoFactor } = await openIdentity(t);
  for (const asked of [
    twoFactor.setUp("nobody"),
    twoFactor.confirm("nobody", "000000"),
    twoFactor.disable("nobody"),
    twoFactor.cancelSetUp("nobody"),
    twoFactor.status("nobody"),
    twoFactor.verify("nobody", "000000"),
  ]) {
    await assert.rejects(asked, { code: "USER_NOT_FOUND" });
  }
});
