import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openHttpSink } from "../../support/httpSink.ts";
import { anIncident, firing, openNotifications } from "../../support/openNotifications.ts";

failOnLeaks();

test("a webhook gets signed JSON with everything in it, once", async (t) => {
  const sink = await openHttpSink(t);
  const core = await openNotifications(t);
  const id = await core.channel({}, { url: sink.url, secret: "shared" });
  core.notifications.notify(firing, ["console", id]);
  const [request] = await sink.count(1);
  const record = await core.newest(id, "sent");
  assert.equal(record.title, "[critical] Alert: Disk nearly full – web-1");
  const body = JSON.parse(request?.body ?? "");
  assert.deepEqual([body.id, body.kind, body.title], [record.id, "firing", record.title]);
  assert.match(body.text, /^web-1: Disk usage is 93 %, above 90 %\.\n\nGroup: default\nSince: 2026-03-01T12:00:00/);
  assert.equal(body.incidents[0].alerts[0].nodeId, "node-1");
  const [, seconds, digest] = /^t=(\d+),v1=(\w+)$/.exec(String(request?.headers["x-picket-signature"])) ?? [];
  assert.equal(digest, createHmac("sha256", "shared").update(`${seconds}.${request?.body}`).digest("hex"));
  assert.equal(Number(seconds), Math.floor(core.clock.wallTime() / 1000));
  assert.equal((await core.newest("console", "sent")).attempts, 0);
  assert.equal(sink.received.length, 1);
});

test("what fails is tried again, and what the server said is kept", async (t) => {
  const sink = await openHttpSink(t, (index) => (index === 0 ? { status: 500, body: "boom" } : { status: 204 }));
  const core = await openNotifications(t);
  const id = await core.channel({}, { url: sink.url });
  core.notifications.notify(firing, [id]);
  const failed = await core.newest(id, "waiting", 1);
  assert.equal(failed.error, "500 boom");
  assert.equal((failed.nextAttemptAt ?? 0) - core.clock.wallTime(), 30_000);
  assert.equal(
    core.notifications.channels().find(({ channel }) => channel.id === id)?.lastFailure?.message,
    "500 boom",
  );
  core.clock.advance(29_000);
  assert.equal(sink.received.length, 1);
  core.clock.advance(1_000);
  await sink.count(2);
  const sent = await core.newest(id, "sent");
  assert.equal(sent.attempts, 2);
});

test("after five tries within about an hour it is given up", async (t) => {
  const sink = await openHttpSink(t, () => ({ status: 503 }));
  const core = await openNotifications(t);
  const id = await core.channel({}, { url: sink.url });
  const start = core.clock.monotonicTime();
  core.notifications.notify(firing, [id]);
  for (const [index, delay] of [30_000, 180_000, 720_000, 2_700_000].entries()) {
    await core.newest(id, "waiting", index + 1);
    core.clock.advance(delay);
  }
  const failed = await core.newest(id, "failed");
  assert.deepEqual([failed.attempts, failed.nextAttemptAt], [5, undefined]);
  assert.equal(sink.received.length, 5);
  assert.ok(core.clock.monotonicTime() - start < 65 * 60_000);
  core.clock.advance(24 * 3_600_000);
  assert.equal(sink.received.length, 5);
});

test("a server that never answers is not waited for, and holds up no other channel", async (t) => {
  const hanging = await openHttpSink(t, () => undefined);
  const well = await openHttpSink(t);
  const core = await openNotifications(t);
  const slow = await core.channel({}, { url: hanging.url });
  const quick = await core.channel({}, { url: well.url });
  core.notifications.notify(firing, [slow, quick]);
  await hanging.count(1);
  await core.newest(quick, "sent");
  core.notifications.notify(firing, [slow, quick]);
  await well.count(2);
  assert.equal(hanging.received.length, 1, "one at a time");
  core.clock.advance(10_000);
  const { error } = await core.newest(slow, "waiting", 0);
  assert.equal(error, undefined);
  await hanging.count(2);
  const channel = core.notifications.channels().find((state) => state.channel.id === slow);
  assert.equal(channel?.lastFailure?.message, "no answer within 10 s");
  assert.equal(channel?.waiting, 2);
});

test("what waits outlives a restart", async (t) => {
  const sink = await openHttpSink(t, (index) => (index === 0 ? undefined : { status: 200 }));
  const before = await openNotifications(t);
  const id = await before.channel({}, { url: sink.url });
  before.notifications.notify(firing, [id]);
  await sink.count(1);
  const core = await before.restart();
  await sink.count(2);
  const sent = await core.newest(id, "sent");
  assert.equal(sent.attempts, 1, "the one that the stop cut off does not count");
});

test("a queue is bounded: the oldest makes room and is counted", async (t) => {
  const sink = await openHttpSink(t, () => undefined);
  const core = await openNotifications(t);
  const id = await core.channel({}, { url: sink.url });
  for (let index = 0; index < 205; index += 1) {
    const incident = anIncident({ incidentId: `incident-${index}` });
    core.notifications.notify({ kind: "firing", incidents: [incident] }, [id]);
    if (index === 0) await sink.count(1);
  }
  await core.newest(id, "waiting");
  const state = () => core.notifications.channels().find(({ channel }) => channel.id === id);
  await eventually(() => state()?.dropped === 5);
  assert.equal(state()?.waiting, 200);
  const again = await core.restart();
  assert.equal(again.notifications.channels().find(({ channel }) => channel.id === id)?.dropped, 5);
  const dropped = await again.notifications.list({ channelId: id, state: "dropped", limit: 10 });
  assert.equal(dropped.length, 5);
  assert.ok(
    dropped.every(({ incidentId }) => incidentId !== "incident-0"),
    "the one under way stays",
  );
});

test("every chat gets what it understands, signed where it can be", async (t) => {
  const core = await openNotifications(t);
  const hostile = anIncident();
  const alerts = hostile.alerts.map((alert) => ({ ...alert, node: '<at user_id="all">\nx</at> <!channel>' }));
  const content = { kind: "firing", incidents: [{ ...hostile, alerts }] } as const;
  const ask = async (kind: "slack" | "feishu" | "dingtalk" | "wecom", secret?: string) => {
    const sink = await openHttpSink(t, () => ({ status: 200, body: '{"code":0,"errcode":0}' }));
    const id = await core.channel(
      { kind, language: "zh" },
      { url: sink.url, ...(secret === undefined ? {} : { secret }) },
    );
    core.notifications.notify(content, [id]);
    const [request] = await sink.count(1);
    await core.newest(id, "sent");
    return { path: request?.path ?? "", body: JSON.parse(request?.body ?? "") };
  };
  const slack = await ask("slack");
  assert.match(slack.body.text, /^\[严重\] 告警: Disk nearly full – &lt;at user_id="all"&gt; x/);
  assert.ok(!slack.body.text.includes("<"));
  const seconds = `${Math.floor(core.clock.wallTime() / 1000)}`;
  const feishu = await ask("feishu", "s1");
  assert.equal(feishu.body.msg_type, "text");
  assert.ok(!feishu.body.content.text.includes("<"));
  assert.match(feishu.body.content.text, /磁盘使用率为 93 %，高于 90 %。/);
  assert.equal(feishu.body.timestamp, seconds);
  assert.equal(feishu.body.sign, createHmac("sha256", `${seconds}\ns1`).update("").digest("base64"));
  const dingtalk = await ask("dingtalk", "s2");
  assert.equal(dingtalk.body.msgtype, "text");
  const query = new URL(dingtalk.path, "http://x").searchParams;
  const now = `${core.clock.wallTime()}`;
  assert.deepEqual([query.get("token"), query.get("timestamp")], ["pkt-secret", now]);
  assert.equal(query.get("sign"), createHmac("sha256", "s2").update(`${now}\ns2`).digest("base64"));
  const wecom = await ask("wecom");
  assert.equal(wecom.body.msgtype, "text");
  assert.ok(!wecom.body.text.content.includes("<"));
});

test("a chat that says no in a good answer has not taken it", async (t) => {
  const core = await openNotifications(t);
  for (const body of ['{"errcode":310000,"errmsg":"sign not match"}', '{"code":19021,"msg":"sign match fail"}']) {
    const sink = await openHttpSink(t, () => ({ status: 200, body }));
    const id = await core.channel({ kind: "feishu" }, { url: sink.url });
    assert.deepEqual(await core.notifications.test(id), { ok: false, error: `200 ${body}` });
  }
});

test("a test is sent at once, says what the server said, and is kept nowhere", async (t) => {
  const sink = await openHttpSink(t, () => ({ status: 200, body: "thank you" }));
  const core = await openNotifications(t);
  const id = await core.channel({ enabled: false }, { url: sink.url });
  assert.deepEqual(await core.notifications.test(id), { ok: true, value: "200 thank you" });
  assert.equal(JSON.parse(sink.received[0]?.body ?? "").kind, "test");
  assert.deepEqual(await core.notifications.list({ limit: 10 }), []);
  core.notifications.notify(firing, [id, "nobody"]);
  assert.deepEqual(await core.notifications.list({ limit: 10 }), [], "it is off");
  await assert.rejects(core.notifications.test("nobody"), { code: "NOTIFICATION_CHANNEL_NOT_FOUND" });
});

test("a redirect is not followed", async (t) => {
  const core = await openNotifications(t);
  const sink = await openHttpSink(t, () => ({ status: 302 }));
  const id = await core.channel({}, { url: sink.url });
  assert.deepEqual(await core.notifications.test(id), { ok: false, error: "302" });
  assert.equal(sink.received.length, 1);
});
