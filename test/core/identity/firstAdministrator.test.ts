import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { LocalBus } from "../../../src-main/bus/localBus.ts";
import { ensureAdministrator } from "../../../src-main/core/identity/firstAdministrator.ts";
import {
  defaultPasswordPolicy,
  type PasswordPolicy,
  passwordClasses,
} from "../../../src-main/core/identity/passwordPolicy.ts";
import { loadSigningKey } from "../../../src-main/core/identity/signingKey.ts";
import { Users } from "../../../src-main/core/identity/users.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { openDatabase } from "../../support/openDatabase.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

const modeOf = (file: string): number => statSync(file).mode & 0o777;

async function setUp(t: Parameters<typeof openDatabase>[0], policy: PasswordPolicy = defaultPasswordPolicy) {
  const database = await openDatabase(t);
  const users = new Users({ database, bus: new LocalBus(silentLogger), clock: new ManualClock(), policy });
  return { users, policy, passwordFile: join(temporaryFolder(t), "admin-password") };
}

test("without a given password one is made up, returned once, and kept for the owner alone", async (t) => {
  const { users, policy, passwordFile } = await setUp(t);
  const made = await ensureAdministrator({ users, policy, passwordFile, password: undefined });
  assert.ok(made !== undefined && made.length >= 20);
  assert.equal(readFileSync(passwordFile, "utf8"), `${made}\n`);
  assert.equal(modeOf(passwordFile), 0o600);
  const admin = await users.authenticate("admin", made);
  assert.deepEqual([admin?.role, admin?.groups], ["administrator", undefined]);
  assert.equal(await ensureAdministrator({ users, policy, passwordFile, password: undefined }), undefined);
  assert.equal(await users.count(), 1);
});

test("a password file that everybody could read is the owner's alone afterwards", async (t) => {
  const { users, policy, passwordFile } = await setUp(t);
  writeFileSync(passwordFile, "left over", { mode: 0o644 });
  const made = await ensureAdministrator({ users, policy, passwordFile, password: undefined });
  assert.equal(readFileSync(passwordFile, "utf8"), `${made}\n`);
  assert.equal(modeOf(passwordFile), 0o600);
});

test("a given password is used, written nowhere and not returned", async (t) => {
  const { users, policy, passwordFile } = await setUp(t);
  assert.equal(await ensureAdministrator({ users, policy, passwordFile, password: "given password" }), undefined);
  assert.notEqual(await users.authenticate("admin", "given password"), undefined);
  assert.equal(existsSync(passwordFile), false);
});

test("a given password that is too weak makes nobody", async (t) => {
  const { users, policy, passwordFile } = await setUp(t);
  await assert.rejects(ensureAdministrator({ users, policy, passwordFile, password: "short" }), {
    code: "PASSWORD_TOO_WEAK",
  });
  assert.equal(await users.count(), 0);
});

test("where there is a user nothing is made, whatever password is given", async (t) => {
  const { users, policy, passwordFile } = await setUp(t);
  await users.create({ username: "kim", password: "kim's password", role: "administrator" });
  assert.equal(await ensureAdministrator({ users, policy, passwordFile, password: "given password" }), undefined);
  assert.deepEqual(
    (await users.list()).map(({ username }) => username),
    ["kim"],
  );
});

test("the signing key is made once, for the owner alone, and stays", (t) => {
  const file = join(temporaryFolder(t), "signing-key");
  const key = loadSigningKey(file);
  assert.equal(key.length, 32);
  assert.equal(modeOf(file), 0o600);
  assert.deepEqual(Buffer.from(loadSigningKey(file)), Buffer.from(key));
  const copy = join(temporaryFolder(t), "signing-key");
  writeFileSync(copy, readFileSync(file), { mode: 0o644 });
  assert.deepEqual(Buffer.from(loadSigningKey(copy)), Buffer.from(key));
  assert.equal(modeOf(copy), 0o600, "a key that was copied carelessly is closed again");
  assert.notDeepEqual(Buffer.from(loadSigningKey(join(temporaryFolder(t), "other"))), Buffer.from(key));
});

test("a signing key that is damaged is replaced: a short key would be guessed", (t) => {
  const file = join(temporaryFolder(t), "signing-key");
  writeFileSync(file, "c2hvcnQ=\n");
  assert.equal(loadSigningKey(file).length, 32);
});

test("a made-up password is one that the policy takes, however strict", async (t) => {
  for (const [minLength, maxLength] of [
    [1, 12],
    [40, 256],
  ] as const) {
    const strict = { ...defaultPasswordPolicy, minLength, maxLength, mustContain: passwordClasses };
    const { users, policy, passwordFile } = await setUp(t, strict);
    const made = await ensureAdministrator({ users, policy, passwordFile, password: undefined });
    assert.equal(made?.length, Math.max(minLength, maxLength === 12 ? 12 : 20));
    assert.notEqual(await users.authenticate("admin", made ?? ""), undefined);
  }
});
