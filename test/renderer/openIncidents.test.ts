import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert } from "../../src-main/protocols/machines/messages/alerts.ts";
import { en } from "../../src-renderer/i18n/en.ts";
import { Formats } from "../../src-renderer/i18n/formats.ts";
import { alertReading } from "../../src-renderer/views/alerts/alertReading.ts";
import { openIncidents } from "../../src-renderer/views/alerts/firing/incidents.ts";

function alert(alertId: string, change: Partial<Alert>): Alert {
  return {
    alertId,
    ruleId: "r",
    rule: "Offline",
    kind: "node-offline",
    severity: "warning",
    state: "firing",
    nodeId: alertId,
    subject: "",
    incidentId: alertId,
    value: null,
    threshold: null,
    message: "",
    startedAt: 1_000,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    ...change,
  };
}

test("one cause is one incident, and what nobody looks after comes first", () => {
  const incidents = openIncidents([
    alert("calm", { state: "acknowledged", severity: "critical" }),
    alert("late", { incidentId: "cut", startedAt: 3_000 }),
    alert("early", { incidentId: "cut", startedAt: 2_000 }),
    alert("seen", { incidentId: "cut", startedAt: 2_500, state: "acknowledged" }),
    alert("old", { severity: "critical", startedAt: 10 }),
    alert("new", { startedAt: 9_000 }),
  ]);
  assert.deepEqual(
    incidents.map(({ incidentId, firing, alerts }) => [incidentId, firing, alerts.map(({ alertId }) => alertId)]),
    [
      ["old", 1, ["old"]],
      ["new", 1, ["new"]],
      ["cut", 2, ["early", "seen", "late"]],
      ["calm", 0, ["calm"]],
    ],
  );
  assert.equal(incidents[2]?.startedAt, 2_000);
});

const speech = { t: en, format: new Formats("en") };

for (const [what, reading, condition, text] of [
  [
    "a limit from above",
    { kind: "threshold", value: 93.26, threshold: 90 },
    { kind: "threshold", metric: "disk_usage", comparison: "above", value: 90 },
    "93.3%, limit 90%",
  ],
  [
    "a limit from below",
    { kind: "threshold", value: 2 ** 29, threshold: 2 ** 30 },
    { kind: "threshold", metric: "memory_available", comparison: "below", value: 2 ** 30 },
    "512 MiB, lower limit 1 GiB",
  ],
  ["nothing measured", { kind: "node-offline", value: null, threshold: null }, { kind: "node-offline" }, ""],
  [
    "a rule that is another one now",
    { kind: "threshold", value: 93, threshold: 90 },
    { kind: "node-offline" },
    "93, limit 90",
  ],
  ["days", { kind: "disk-forecast", value: 1.5, threshold: 3 }, { kind: "disk-forecast", within: 3 }, "full in 1d 12h"],
] as const) {
  test(`the reading of ${what}`, () => assert.equal(alertReading(reading, { condition }, speech), text));
}
