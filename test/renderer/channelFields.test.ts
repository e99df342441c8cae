import assert from "node:assert/strict";
import { test } from "node:test";
import type { NotificationChannel } from "../../src-main/protocols/machines/messages/notifications.ts";
import { channelFieldsOf, channelSaveOf } from "../../src-renderer/views/alerts/channels/channelFields.ts";

const hook: NotificationChannel = {
  channelId: "c",
  kind: "webhook",
  name: "on call",
  enabled: true,
  language: "zh",
  email: null,
  address: "hooks.example",
  secretsSet: ["url", "secret"],
  waiting: 0,
  dropped: 0,
  lastSentAt: null,
  lastFailure: null,
};

const mail: NotificationChannel = {
  ...hook,
  kind: "email",
  email: {
    host: "mail.example",
    port: 465,
    security: "tls",
    username: "kim",
    from: "picket@example.org",
    to: ["kim@example.org", "lee@example.org"],
  },
  secretsSet: ["password"],
};

test("a secret that is left empty stays as it is: it is not sent", () => {
  assert.deepEqual(channelSaveOf(channelFieldsOf(hook, "en"), hook), {
    ok: true,
    value: {
      channelId: "c",
      channel: { kind: "webhook", name: "on call", enabled: true, language: "zh", email: null },
      secrets: {},
    },
  });
});

test("a secret is written, and taken away", () => {
  const fields = channelFieldsOf(hook, "en");
  fields.secrets.url = " https://hooks.example/new ";
  fields.cleared = ["secret"];
  const read = channelSaveOf(fields, hook);
  assert.deepEqual(read.ok && read.value.secrets, { url: "https://hooks.example/new", secret: null });
});

test("only the secrets of its kind are sent", () => {
  const fields = channelFieldsOf(undefined, "en");
  Object.assign(fields, {
    name: "chat",
    kind: "slack",
    secrets: { url: "http://s.example", secret: "s", password: "p" },
  });
  const read = channelSaveOf(fields, undefined);
  assert.deepEqual(read.ok && read.value.secrets, { url: "http://s.example" });
});

test("a mail channel is given back as it was", () => {
  const read = channelSaveOf(channelFieldsOf(mail, "en"), mail);
  assert.deepEqual(read.ok && read.value.channel.email, mail.email);
});

for (const url of ["", "ftp://files.example", "hooks.example", "https://"]) {
  test(`${JSON.stringify(url)} is no address of a new webhook`, () => {
    const fields = channelFieldsOf(undefined, "en");
    Object.assign(fields, { name: "hook" });
    fields.secrets.url = url;
    assert.deepEqual(channelSaveOf(fields, undefined), { ok: false, error: { url: "url" } });
  });
}

test("everything that a mail channel lacks is said", () => {
  const fields = channelFieldsOf(undefined, "en");
  Object.assign(fields, { kind: "email", port: null, to: "kim@example.org, lee" });
  assert.deepEqual(channelSaveOf(fields, undefined), {
    ok: false,
    error: { name: "name", host: "host", port: "port", from: "address", to: "address" },
  });
});
