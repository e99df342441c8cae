import assert from "node:assert/strict";
import { test } from "node:test";
import { splitDuration } from "../../src-renderer/components/durationUnits.ts";
import { historyQuery, noHistoryFilter } from "../../src-renderer/views/alerts/history/historyFilter.ts";

const nodeIdOf = (label: string): string | undefined => (label === "web" ? "id-1" : undefined);

test("a filter of the history that says nothing asks for all", () => {
  assert.deepEqual(historyQuery(noHistoryFilter, nodeIdOf), { params: {}, from: undefined });
});

test("what a filter says is asked for", () => {
  const filter = { node: " web ", ruleId: "r", severity: "critical", from: "2026-01-02T03:04", to: "2026-01-02T03:05" };
  assert.deepEqual(historyQuery(filter, nodeIdOf), {
    params: { nodeId: "id-1", ruleId: "r", severity: "critical", before: Date.parse("2026-01-02T03:06") },
    from: Date.parse("2026-01-02T03:04"),
  });
});

test("a name that no node has is asked for as an id, and a severity that does not exist is not", () => {
  const { params } = historyQuery({ ...noHistoryFilter, node: "gone-7", severity: "awful" }, nodeIdOf);
  assert.deepEqual(params, { nodeId: "gone-7" });
});

const units = ["seconds", "minutes", "hours", "days"] as const;

for (const [milliseconds, amount, unit] of [
  [0, 0, "minutes"],
  [1_500, 1.5, "seconds"],
  [90_000, 90, "seconds"],
  [5_400_000, 90, "minutes"],
  [172_800_000, 2, "days"],
] as const) {
  test(`${milliseconds} ms are written as ${amount} ${unit}`, () => {
    assert.deepEqual(splitDuration(milliseconds, units), { amount, unit });
  });
}
