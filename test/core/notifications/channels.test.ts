import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SecretBox } from "../../../src-main/core/identity/secretBox.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openNotifications } from "../../support/openNotifications.ts";

failOnLeaks();

const url = "https://hooks.example/services/T0/very-secret";

test("secrets lie sealed in the database and come back after a restart", async (t) => {
  const before = await openNotifications(t);
  const id = await before.channel({}, { url, secret: "shared" });
  const rows = await before.database.kysely.selectFrom("notification_channels").selectAll().execute();
  const stored = Buffer.from(rows[0]?.secrets ?? []).toString("latin1") + JSON.stringify(rows);
  assert.ok(!stored.includes("very-secret") && !stored.includes("shared"));
  const key = join(before.folder, "notification-key");
  assert.equal(statSync(key).mode & 0o777, 0o600);
  const core = await before.restart();
  const known = core.notifications.channels().find(({ channel }) => channel.id === id);
  assert.deepEqual(known?.channel.secrets, { url, secret: "shared" });
});

test("a lost key file costs the secrets and nothing else", async (t) => {
  const before = await openNotifications(t);
  const id = await before.channel({}, { url });
  writeFileSync(join(before.folder, "notification-key"), `${randomBytes(32).toString("base64")}\n`);
  const core = await before.restart();
  const known = core.notifications.channels().find(({ channel }) => channel.id === id);
  assert.deepEqual(known?.channel.secrets, {});
  assert.equal((await core.notifications.test(id)).ok, false);
});

test("a secret is left, changed and taken away", async (t) => {
  const core = await openNotifications(t);
  const settings = { kind: "webhook", name: "Hook", enabled: true, language: "en", email: undefined } as const;
  const { channel } = await core.notifications.saveChannel(undefined, settings, { url, secret: "one" });
  const save = async (change: object) =>
    (await core.notifications.saveChannel(channel.id, { ...settings, name: "New" }, change)).channel;
  assert.deepEqual((await save({})).secrets, { url, secret: "one" });
  assert.deepEqual((await save({ secret: "two" })).secrets, { url, secret: "two" });
  assert.deepEqual((await save({ secret: null })).secrets, { url });
  assert.equal((await save({})).name, "New");
  const slack = core.notifications.saveChannel(channel.id, { ...settings, kind: "slack" }, {});
  await assert.rejects(slack, { code: "INVALID_PARAMS" }, "another kind begins without secrets");
});

test("what is no channel is refused", async (t) => {
  const core = await openNotifications(t);
  const email = { host: "h", port: 25, security: "none", username: "", from: "a@b", to: ["c@d"] } as const;
  for (const [settings, secrets] of [
    [{}, {}],
    [{}, { url: "file:///etc/passwd" }],
    [{}, { url: "gopher://x/" }],
    [{}, { url: "not an address" }],
    [{ kind: "wecom" }, { url, secret: "x" }],
    [{ kind: "email" }, {}],
    [{ kind: "slack", email }, { url }],
    [{ kind: "console" }, {}],
  ] as const) {
    await assert.rejects(
      core.channel(settings, secrets),
      { code: "INVALID_PARAMS" },
      JSON.stringify([settings, secrets]),
    );
  }
  await assert.rejects(core.notifications.removeChannel("nobody"), { code: "NOTIFICATION_CHANNEL_NOT_FOUND" });
  assert.deepEqual(
    core.notifications.channels().map(({ channel }) => channel.id),
    ["console"],
  );
});

test("what was sealed for one cannot be opened for another, nor when it was changed", () => {
  const box = new SecretBox(randomBytes(32));
  const sealed = box.seal("one", "secret 密码");
  assert.equal(box.unseal("one", sealed), "secret 密码");
  assert.throws(() => box.unseal("two", sealed), { code: "INTERNAL_ERROR" });
  assert.throws(() => new SecretBox(randomBytes(32)).unseal("one", sealed), { code: "INTERNAL_ERROR" });
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Uint8Array.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.throws(() => box.unseal("one", changed), { code: "INTERNAL_ERROR" });
  }
  assert.throws(() => box.unseal("one", sealed.subarray(0, 5)), { code: "INTERNAL_ERROR" });
  assert.notDeepEqual(box.seal("one", "x"), box.seal("one", "x"));
});

test("the key file is made once", async (t) => {
  const core = await openNotifications(t);
  const file = join(core.folder, "notification-key");
  const key = readFileSync(file, "utf8");
  await core.restart();
  assert.equal(readFileSync(file, "utf8"), key);
});
