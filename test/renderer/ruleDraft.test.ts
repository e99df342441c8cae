import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlertCondition, AlertRuleDraft, AlertScope } from "../../src-main/protocols/machines/messages/alerts.ts";
import { parseParams } from "../../src-main/protocols/machines/messages.ts";
import { type RuleFaults, ruleDraftOf } from "../../src-renderer/views/alerts/rules/ruleDraft.ts";
import { newRuleFields, type RuleFields, ruleFieldsOf } from "../../src-renderer/views/alerts/rules/ruleFields.ts";

const conditions: readonly AlertCondition[] = [
  { kind: "threshold", metric: "disk_available", comparison: "below", value: 5 * 2 ** 30 },
  { kind: "missing-data" },
  { kind: "rate", metric: "network_rx", per: 60_000, change: -(2 ** 20) },
  { kind: "disk-forecast", within: 2.5 },
  { kind: "node-offline" },
  { kind: "command-failed" },
  { kind: "log-pattern", pattern: "panic", count: 2, within: 60_000 },
  { kind: "log-pattern", pattern: "panic", level: "error", count: 2, within: 60_000 },
  { kind: "container-died", name: "web-*" },
];

const scopes: readonly AlertScope[] = [
  { kind: "all" },
  { kind: "nodes", nodeIds: ["a", "b"] },
  { kind: "tags", tags: ["db"] },
  { kind: "groups", groups: ["lab"] },
];

const draft: AlertRuleDraft = {
  name: "rule",
  enabled: false,
  severity: "critical",
  scope: { kind: "all" },
  condition: { kind: "node-offline" },
  for: 120_000,
  quietHours: { days: [1, 5], from: "22:00", to: "06:30", timeZone: "Europe/Berlin" },
  renotifyEvery: 3_600_000,
  channels: ["one", "two"],
};

for (const condition of conditions) {
  for (const scope of scopes) {
    test(`the form gives back ${JSON.stringify(condition)} of ${scope.kind} as it was`, () => {
      const lasts = !["command-failed", "log-pattern", "container-died"].includes(condition.kind);
      const rule = { ...draft, condition, scope, for: lasts ? draft.for : 0 };
      const read = ruleDraftOf(ruleFieldsOf(rule, "UTC"));
      assert.deepEqual(read, { ok: true, value: rule });
      assert.equal(parseParams("alert-rule-save", { rule }).ok, true, "the core takes it");
    });
  }
}

test("what the form begins with lacks only a name", () => {
  assert.deepEqual(ruleDraftOf(newRuleFields("UTC")), { ok: false, error: { name: "name" } });
});

for (const [change, faults] of [
  [{ value: null }, { value: "value" }],
  [{ value: Number.NaN }, { value: "value" }],
  [
    { kind: "rate", change: 0, per: 9_999 },
    { change: "value", per: "duration" },
  ],
  [{ kind: "disk-forecast", fullWithin: 0 }, { fullWithin: "value" }],
  [
    { kind: "log-pattern", pattern: " ", count: 1.5, logWithin: undefined },
    { pattern: "pattern", count: "value", logWithin: "duration" },
  ],
  [{ kind: "container-died", container: "" }, { container: "pattern" }],
  [{ scope: "nodes" }, { scope: "scope" }],
  [{ scope: "tags" }, { scope: "scope" }],
  [{ lasting: undefined }, { lasting: "duration" }],
  [{ lasting: 8 * 86_400_000 }, { lasting: "duration" }],
  [
    { quiet: true, quietDays: [], quietTo: "22:00" },
    { days: "days", times: "times" },
  ],
] as const satisfies readonly (readonly [Partial<RuleFields>, RuleFaults])[]) {
  test(`with ${JSON.stringify(change)} the form says ${JSON.stringify(faults)}`, () => {
    assert.deepEqual(ruleDraftOf({ ...newRuleFields("UTC"), name: "rule", ...change }), { ok: false, error: faults });
  });
}

test("what another kind of condition needs does not stop this one", () => {
  const read = ruleDraftOf({ ...newRuleFields("UTC"), name: "rule", kind: "command-failed", value: null, pattern: "" });
  assert.deepEqual(read.ok && read.value.condition, { kind: "command-failed" });
});
