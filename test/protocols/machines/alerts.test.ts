import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { MachinesClient } from "../../../src-main/protocols/machines/client.ts";
import type { ParamsInput, PushData } from "../../../src-main/protocols/machines/messages.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openHttpSink } from "../../support/httpSink.ts";
import { openMailSink } from "../../support/mailSink.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const minute = 60_000;

type RuleDraft = ParamsInput<"alert-rule-save">["rule"];

const cpuRule: RuleDraft = {
  name: "CPU busy",
  enabled: true,
  severity: "critical",
  scope: { kind: "all" },
  condition: { kind: "threshold", metric: "cpu_usage", comparison: "above", value: 90 },
  for: 60_000,
  quietHours: null,
  renotifyEvery: null,
  channels: [],
};

interface Scene {
  readonly clock: ManualClock;
  readonly core: TestCore;
  readonly administrator: MachinesClient;
}

async function openScene(t: TestContext): Promise<Scene> {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const administrator = await core.console();
  return { clock, core, administrator };
}

interface Beats {
  readonly nodes: readonly PlainNode[];
  readonly cpu: number;
  readonly lasting: number;
}

/** Heartbeats of nodes every ten seconds, each stored before the next. */
async function beat({ core, clock }: Scene, { nodes, cpu, lasting }: Beats): Promise<void> {
  for (let passed = 0; passed < lasting; passed += 10_000) {
    clock.advance(10_000);
    for (const node of nodes) await node.heartbeat({ cpu_usage: cpu }, new Date(clock.wallTime()).toISOString());
  }
  assert.equal(core.core.metrics.failure, undefined);
}

/** Waits until everything that channels were to be told is delivered; meanwhile no time passes. */
function delivered({ administrator }: Scene, count: number) {
  return eventually(async () => {
    const { notifications } = await administrator.request("notification-list", {});
    return notifications.length === count && notifications.every(({ state }) => state === "sent") && notifications;
  });
}

test("fire, notify by web and mail, acknowledge, resolve: everything a console sees of it", async (t) => {
  const scene = await openScene(t);
  const { clock, core, administrator } = scene;
  const hook = await openHttpSink(t);
  const mail = await openMailSink(t);
  const node = await PlainNode.join(t, core);
  const { channel: web } = await administrator.request("notification-channel-save", {
    channel: { kind: "webhook", name: "Hook", enabled: true, language: "en", email: null },
    secrets: { url: hook.url, secret: "shared" },
  });
  const email = {
    host: "127.0.0.1",
    port: mail.port,
    security: "none" as const,
    username: "",
    from: "picket@example.org",
    to: ["ops@example.org"],
  };
  const { channel: post } = await administrator.request("notification-channel-save", {
    channel: { kind: "email", name: "Mail", enabled: true, language: "en", email },
  });
  assert.deepEqual([web.secretsSet, web.address.startsWith("127.0.0.1:")], [["url", "secret"], true]);
  assert.ok(!JSON.stringify(await administrator.request("notification-channel-list", {})).includes("pkt-secret"));
  assert.ok(!JSON.stringify(await core.core.audit.list({ limit: 100 })).includes("pkt-secret"));
  const changes: PushData<"alert-changed">["alert"][] = [];
  const rules: (string | undefined)[] = [];
  administrator.onPush("alert-changed", ({ alert }) => changes.push(alert));
  administrator.onPush("alert-rule-changed", ({ rule }) => rules.push(rule?.name));
  await administrator.subscribe({ topic: "alerts" });
  const { rule } = await administrator.request("alert-rule-save", {
    rule: { ...cpuRule, channels: [web.channelId, post.channelId] },
  });
  await eventually(() => rules.includes("CPU busy"));
  await beat(scene, { nodes: [node], cpu: 97, lasting: 70_000 });
  clock.advance(6_000);
  await delivered(scene, 3);
  const firing = await eventually(() => {
    clock.advance(250);
    return changes.find(({ state }) => state === "firing");
  });
  assert.deepEqual([firing.ruleId, firing.nodeId, firing.value], [rule.ruleId, "node-1", 97]);
  const [request] = await hook.count(1);
  assert.match(JSON.parse(request?.body ?? "").title, /^\[critical\] Alert: CPU busy/);
  const [letter] = await mail.count(1);
  assert.match(letter?.text ?? "", /CPU usage is 97 %, above 90 %\./);
  const { alerts, firing: counts } = await administrator.request("alert-list", { state: "open" });
  assert.deepEqual(
    [alerts.map(({ alertId }) => alertId), counts],
    [[firing.alertId], { info: 0, warning: 0, critical: 1 }],
  );
  const acknowledged = await administrator.request("alert-acknowledge", { alertIds: [firing.alertId] });
  assert.deepEqual(
    acknowledged.alerts.map(({ state, acknowledgedBy }) => [state, acknowledgedBy]),
    [["acknowledged", "admin"]],
  );
  await beat(scene, { nodes: [node], cpu: 5, lasting: 70_000 });
  const sent = await delivered(scene, 6);
  await eventually(() => {
    clock.advance(250);
    return changes.some(({ state }) => state === "resolved");
  });
  await hook.count(2);
  await mail.count(2);
  const { incidents } = await administrator.request("incident-list", { open: false });
  assert.deepEqual(
    incidents.map(({ nodeIds, open, alerts: count }) => [nodeIds, open, count]),
    [[["node-1"], 0, 1]],
  );
  assert.deepEqual(sent.map(({ kind }) => kind).sort(), [
    "firing",
    "firing",
    "firing",
    "resolved",
    "resolved",
    "resolved",
  ]);
  const actions = (await core.core.audit.list({ limit: 100 })).map(({ action }) => action);
  for (const action of ["notification-channel-save", "alert-rule-save", "alert-acknowledge"]) {
    assert.ok(actions.includes(action), action);
  }
});

test("a user of some groups sees the alerts, incidents and rules of these, and nothing of others", async (t) => {
  const scene = await openScene(t);
  const { clock, core, administrator } = scene;
  const seen = await PlainNode.join(t, core, { nodeId: "seen", group: "red" });
  const unseen = await PlainNode.join(t, core, { nodeId: "unseen", group: "blue" });
  await administrator.request("alert-rule-save", { rule: { ...cpuRule, for: 0 } });
  const groups = { kind: "groups" as const, groups: ["blue"] };
  await administrator.request("alert-rule-save", { rule: { ...cpuRule, name: "Blue only", scope: groups } });
  const viewer = await core.console(await core.userToken("viewer", ["red"]));
  const changes: string[] = [];
  const rules: (string | undefined)[] = [];
  viewer.onPush("alert-changed", ({ alert }) => changes.push(alert.nodeId));
  viewer.onPush("alert-rule-changed", ({ rule }) => rules.push(rule?.name));
  await viewer.subscribe({ topic: "alerts" });
  await beat(scene, { nodes: [unseen, seen], cpu: 99, lasting: 20_000 });
  await eventually(() => {
    clock.advance(250);
    return changes.includes("seen");
  });
  assert.deepEqual([...new Set(changes)], ["seen"]);
  const { alerts, firing } = await viewer.request("alert-list", {});
  assert.deepEqual([alerts.map(({ nodeId }) => nodeId), firing.critical], [["seen"], 1]);
  const { incidents } = await viewer.request("incident-list", {});
  assert.deepEqual(
    incidents.map(({ group, nodeIds }) => [group, nodeIds]),
    [["red", ["seen"]]],
  );
  const names = (await viewer.request("alert-rule-list", {})).rules.map(({ name }) => name);
  assert.ok(names.includes("CPU busy") && !names.includes("Blue only"));
  const everything = (await administrator.request("alert-list", {})).alerts;
  const hidden = everything.find(({ nodeId }) => nodeId === "unseen")?.alertId ?? "";
  const operator = await core.console(await core.userToken("operator", ["red"]));
  await assert.rejects(operator.request("alert-acknowledge", { alertIds: [hidden] }), { code: "ALERT_NOT_FOUND" });
  const mixed = [hidden, alerts[0]?.alertId ?? ""];
  await assert.rejects(operator.request("alert-acknowledge", { alertIds: mixed }), { code: "ALERT_NOT_FOUND" });
  assert.ok((await administrator.request("alert-list", {})).alerts.every(({ state }) => state === "firing"));
  await assert.rejects(operator.request("alert-silence", { ruleId: everything[0]?.ruleId ?? "", duration: minute }), {
    code: "FORBIDDEN",
  });
  await assert.rejects(operator.request("alert-silence", { duration: minute }), { code: "INVALID_PARAMS" });
  const { silence } = await operator.request("alert-silence", { nodeId: "seen", duration: minute });
  assert.deepEqual((await viewer.request("alert-silence-list", {})).silences, [silence]);
  await operator.request("alert-silence-end", { silenceId: silence.silenceId });
  assert.deepEqual((await viewer.request("alert-silence-list", {})).silences, []);
});

test("alert-list pages through everything once, newest first", async (t) => {
  const scene = await openScene(t);
  const { core, administrator } = scene;
  const nodes = await Promise.all(
    Array.from({ length: 5 }, (_, index) => PlainNode.join(t, core, { nodeId: `node-${index}` })),
  );
  await administrator.request("alert-rule-save", { rule: { ...cpuRule, for: 0 } });
  await administrator.request("alert-rule-save", { rule: { ...cpuRule, name: "Twice", for: 0 } });
  await beat(scene, { nodes, cpu: 99, lasting: 20_000 });
  const ids: string[] = [];
  let last: { readonly startedAt: number; readonly alertId: string } | undefined;
  for (;;) {
    const page = last === undefined ? {} : { before: last.startedAt, beforeId: last.alertId };
    const { alerts } = await administrator.request("alert-list", { ...page, limit: 3 });
    ids.push(...alerts.map(({ alertId }) => alertId));
    last = alerts.at(-1);
    if (alerts.length < 3) break;
  }
  assert.deepEqual([ids.length, new Set(ids).size], [10, 10]);
});

test("a new preview ends the former one, and a rule that is none is refused", async (t) => {
  const { core, administrator } = await openScene(t);
  for (let index = 0; index < 30; index += 1) await PlainNode.join(t, core, { nodeId: `node-${index}` });
  const first = administrator.request("alert-rule-preview", { rule: cpuRule });
  const second = administrator.request("alert-rule-preview", { rule: cpuRule });
  await assert.rejects(first, { code: "CANCELLED" });
  assert.equal((await second).nodesEvaluated, 30);
  const third = administrator.request("alert-rule-preview", { rule: cpuRule });
  await administrator.request("alert-rule-preview-cancel", {});
  await assert.rejects(third, { code: "CANCELLED" });
  const quietHours = { days: [1], from: "22:00", to: "07:00", timeZone: "Mars/Olympus" };
  await assert.rejects(administrator.request("alert-rule-save", { rule: { ...cpuRule, quietHours } }), {
    code: "INVALID_PARAMS",
  });
  await assert.rejects(administrator.request("alert-rule-save", { ruleId: "nobody", rule: cpuRule }), {
    code: "ALERT_RULE_NOT_FOUND",
  });
});

test("a new installation watches disk, memory and presence, and may stop doing so for good", async (t) => {
  const { core, administrator } = await openScene(t);
  const { rules } = await administrator.request("alert-rule-list", {});
  assert.deepEqual(rules.map(({ condition, enabled }) => [condition.kind, enabled]).sort(), [
    ["disk-forecast", true],
    ["node-offline", true],
    ["threshold", true],
    ["threshold", true],
  ]);
  for (const { ruleId } of rules) await administrator.request("alert-rule-remove", { ruleId });
  const { dataFolder } = core;
  await core.close();
  const again = await (await startCore(t, { dataFolder })).console();
  assert.deepEqual((await again.request("alert-rule-list", {})).rules, []);
});
