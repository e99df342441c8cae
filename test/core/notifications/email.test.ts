import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openMailSink } from "../../support/mailSink.ts";
import { anIncident, firing, openNotifications } from "../../support/openNotifications.ts";

failOnLeaks();

const settings = {
  host: "127.0.0.1",
  security: "none",
  username: "",
  from: "picket@example.org",
  to: ["one@example.org", "two@example.org"],
} as const;

test("an e-mail reaches everybody it is for, in the channel's language", async (t) => {
  const sink = await openMailSink(t);
  const core = await openNotifications(t);
  const email = { ...settings, port: sink.port };
  const id = await core.channel({ kind: "email", language: "zh", email });
  core.notifications.notify(firing, [id]);
  const [mail] = await sink.count(1);
  await core.newest(id, "sent");
  assert.deepEqual([mail?.from, mail?.to], ["picket@example.org", ["one@example.org", "two@example.org"]]);
  assert.match(mail?.text ?? "", /Subject: =\?UTF-8\?/);
  assert.match(mail?.text ?? "", /Auto-Submitted: auto-generated/);
});

test("a node's name cannot add a header", async (t) => {
  const sink = await openMailSink(t);
  const core = await openNotifications(t);
  const id = await core.channel({ kind: "email", email: { ...settings, port: sink.port } });
  const incident = anIncident();
  const alerts = incident.alerts.map((alert) => ({ ...alert, node: "x\r\nBcc: all@example.org" }));
  core.notifications.notify({ kind: "firing", incidents: [{ ...incident, alerts }] }, [id]);
  const [mail] = await sink.count(1);
  assert.ok(!/^Bcc:/im.test(mail?.text ?? ""));
  assert.deepEqual(mail?.to, ["one@example.org", "two@example.org"]);
  await core.newest(id, "sent");
});

test("a wrong password is said in the mail server's words; the right one works and stays with its server", async (t) => {
  const sink = await openMailSink(t, { authOptional: false });
  const core = await openNotifications(t);
  const email = { ...settings, port: sink.port, username: "picket" };
  const base = { kind: "email", name: "Mail", enabled: true, language: "en" } as const;
  const id = await core.channel({ ...base, email }, { password: "wrong" });
  const refused = await core.notifications.test(id);
  assert.ok(!refused.ok && refused.error.includes("the password is wrong"), JSON.stringify(refused));
  await core.notifications.saveChannel(id, { ...base, email }, { password: "right" });
  const taken = await core.notifications.test(id);
  assert.ok(taken.ok && /^250/.test(taken.value), JSON.stringify(taken));
  assert.equal(sink.mails[0]?.user, "picket");
  await core.notifications.saveChannel(id, { ...base, name: "Renamed", email }, {});
  assert.ok((await core.notifications.test(id)).ok, "the password is still there");
  const elsewhere = core.notifications.saveChannel(id, { ...base, email: { ...email, host: "evil.example" } }, {});
  await assert.rejects(elsewhere, { code: "INVALID_PARAMS" });
});

test("a mail server that says nothing is not waited for", async (t) => {
  const server = createServer(() => {});
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const core = await openNotifications(t);
  const email = { ...settings, port: (server.address() as AddressInfo).port };
  const id = await core.channel({ kind: "email", email });
  const tested = core.notifications.test(id);
  await once(server, "connection");
  core.clock.advance(10_000);
  assert.deepEqual(await tested, { ok: false, error: "no answer within 10 s" });
});
