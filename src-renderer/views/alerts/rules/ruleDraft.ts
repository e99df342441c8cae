import { fail, type Result, succeed } from "../../../../src-main/base/result.ts";
import type {
  AlertCondition,
  AlertRuleDraft,
  AlertScope,
  QuietHours,
} from "../../../../src-main/protocols/machines/messages/alerts.ts";
import { writtenUnit } from "../metricUnits.ts";
import { type Amount, canLast, type RuleFields } from "./ruleFields.ts";

export type FaultField =
  | "name"
  | "value"
  | "change"
  | "per"
  | "fullWithin"
  | "pattern"
  | "count"
  | "logWithin"
  | "container"
  | "scope"
  | "lasting"
  | "days"
  | "times";
/** What is wrong with which field: the key of a text. */
export type RuleFaults = Partial<
  Record<FaultField, "name" | "value" | "pattern" | "scope" | "duration" | "days" | "times">
>;

const longest = 7 * 86_400_000;
const day = 86_400_000;

/** What the form of a rule says as the core is told it, or what is missing. */
export function ruleDraftOf(fields: RuleFields): Result<AlertRuleDraft, RuleFaults> {
  const faults: RuleFaults = {};
  const name = fields.name.trim();
  if (name === "") faults.name = "name";
  const { enabled, severity, renotifyEvery } = fields;
  const draft: AlertRuleDraft = {
    name,
    enabled,
    severity,
    scope: scopeOf(fields, faults),
    condition: conditionOf(fields, faults),
    for: canLast(fields.kind) ? duration(fields.lasting, { least: 0, most: longest, field: "lasting", faults }) : 0,
    quietHours: fields.quiet ? quietHoursOf(fields, faults) : null,
    renotifyEvery,
    channels: [...fields.channels],
  };
  return Object.keys(faults).length > 0 ? fail(faults) : succeed(draft);
}

function conditionOf(fields: RuleFields, faults: RuleFaults): AlertCondition {
  const { kind, metric, comparison } = fields;
  const { size } = writtenUnit(metric);
  switch (kind) {
    case "threshold":
      return { kind, metric, comparison, value: amount(fields.value, { field: "value", faults }) * size };
    case "rate": {
      const change = amount(fields.change, { field: "change", faults, fits: (value) => value !== 0 });
      return {
        kind,
        metric,
        per: duration(fields.per, { least: 10_000, most: day, field: "per", faults }),
        change: change * size,
      };
    }
    case "disk-forecast": {
      const fits = (value: number): boolean => value > 0 && value <= 365;
      return { kind, within: amount(fields.fullWithin, { field: "fullWithin", faults, fits }) };
    }
    case "log-pattern": {
      const fits = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 1_000;
      return {
        kind,
        pattern: pattern(fields.pattern, "pattern", faults),
        ...(fields.level === "" ? {} : { level: fields.level }),
        count: amount(fields.count, { field: "count", faults, fits }),
        within: duration(fields.logWithin, { least: 1_000, most: day, field: "logWithin", faults }),
      };
    }
    case "container-died":
      return { kind, name: pattern(fields.container, "container", faults) };
    case "missing-data":
    case "node-offline":
    case "command-failed":
      return { kind };
  }
}

function scopeOf({ scope, nodeIds, tags, groups }: RuleFields, faults: RuleFaults): AlertScope {
  const some = (names: readonly string[]): string[] => {
    if (names.length === 0) faults.scope = "scope";
    return [...names];
  };
  switch (scope) {
    case "all":
      return { kind: "all" };
    case "nodes":
      return { kind: "nodes", nodeIds: some(nodeIds) };
    case "tags":
      return { kind: "tags", tags: some(tags) };
    case "groups":
      return { kind: "groups", groups: some(groups) };
  }
}

function quietHoursOf({ quietDays, quietFrom, quietTo, quietZone }: RuleFields, faults: RuleFaults): QuietHours {
  if (quietDays.length === 0) faults.days = "days";
  if (quietFrom === "" || quietTo === "" || quietFrom === quietTo) faults.times = "times";
  return { days: [...quietDays], from: quietFrom, to: quietTo, timeZone: quietZone };
}

interface Place {
  readonly field: FaultField;
  readonly faults: RuleFaults;
}

function amount(
  value: Amount,
  { field, faults, fits = () => true }: Place & { readonly fits?: (value: number) => boolean },
): number {
  if (typeof value === "number" && Number.isFinite(value) && fits(value)) return value;
  faults[field] = "value";
  return 0;
}

/** Milliseconds, whole. */
function duration(
  value: number | undefined,
  { field, faults, least, most }: Place & { readonly least: number; readonly most: number },
): number {
  if (value !== undefined && value >= least && value <= most) return Math.round(value);
  faults[field] = "duration";
  return 0;
}

function pattern(text: string, field: FaultField, faults: RuleFaults): string {
  const trimmed = text.trim();
  if (trimmed === "") faults[field] = "pattern";
  return trimmed;
}
