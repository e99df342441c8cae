import type {
  AlertCondition,
  AlertRuleDraft,
  AlertScope,
  ConditionKind,
  logLevels,
  Severity,
} from "../../../../src-main/protocols/machines/messages/alerts.ts";
import type { MetricName } from "../../../../src-main/protocols/machines/messages/nodes.ts";
import { writtenUnit } from "../metricUnits.ts";

export type LogLevel = (typeof logLevels)[number];
/** What a number field has that is empty or no number. */
export type Amount = number | null | undefined;

/** What the form of a rule shows. What another kind of condition needs is kept while this one is chosen. */
export interface RuleFields {
  name: string;
  enabled: boolean;
  severity: Severity;
  kind: ConditionKind;
  metric: MetricName;
  comparison: "above" | "below";
  /** In the unit that people write; so is `change`. */
  value: Amount;
  change: Amount;
  /** Milliseconds. */
  per: number | undefined;
  /** Days. */
  fullWithin: Amount;
  pattern: string;
  level: LogLevel | "";
  count: Amount;
  logWithin: number | undefined;
  container: string;
  scope: AlertScope["kind"];
  nodeIds: readonly string[];
  tags: readonly string[];
  groups: readonly string[];
  /** Milliseconds that it must last. */
  lasting: number | undefined;
  renotifyEvery: number | null;
  channels: readonly string[];
  quiet: boolean;
  quietDays: readonly number[];
  quietFrom: string;
  quietTo: string;
  quietZone: string;
}

const minute = 60_000;

/** A state, not an event: it can last. */
export function canLast(kind: ConditionKind): boolean {
  return kind !== "command-failed" && kind !== "log-pattern" && kind !== "container-died";
}

/** @param timeZone where the user is, for quiet hours that are new */
export function newRuleFields(timeZone: string): RuleFields {
  return {
    name: "",
    enabled: true,
    severity: "warning",
    kind: "threshold",
    metric: "disk_usage",
    comparison: "above",
    value: 90,
    change: 20,
    per: 10 * minute,
    fullWithin: 3,
    pattern: "",
    level: "",
    count: 1,
    logWithin: 5 * minute,
    container: "*",
    scope: "all",
    nodeIds: [],
    tags: [],
    groups: [],
    lasting: 5 * minute,
    renotifyEvery: null,
    channels: [],
    quiet: false,
    quietDays: [0, 1, 2, 3, 4, 5, 6],
    quietFrom: "22:00",
    quietTo: "07:00",
    quietZone: timeZone,
  };
}

/** A rule as its form shows it. */
export function ruleFieldsOf(rule: AlertRuleDraft, timeZone: string): RuleFields {
  const { quietHours } = rule;
  return {
    ...newRuleFields(timeZone),
    name: rule.name,
    enabled: rule.enabled,
    severity: rule.severity,
    lasting: rule.for,
    renotifyEvery: rule.renotifyEvery,
    channels: rule.channels,
    ...conditionFields(rule.condition),
    ...scopeFields(rule.scope),
    ...(quietHours === null
      ? {}
      : {
          quiet: true,
          quietDays: quietHours.days,
          quietFrom: quietHours.from,
          quietTo: quietHours.to,
          quietZone: quietHours.timeZone,
        }),
  };
}

function conditionFields(condition: AlertCondition): Partial<RuleFields> {
  const { kind } = condition;
  switch (kind) {
    case "threshold": {
      const { metric, comparison, value } = condition;
      return { kind, metric, comparison, value: value / writtenUnit(metric).size };
    }
    case "rate": {
      const { metric, per, change } = condition;
      return { kind, metric, per, change: change / writtenUnit(metric).size };
    }
    case "disk-forecast":
      return { kind, fullWithin: condition.within };
    case "log-pattern":
      return {
        kind,
        pattern: condition.pattern,
        level: condition.level ?? "",
        count: condition.count,
        logWithin: condition.within,
      };
    case "container-died":
      return { kind, container: condition.name };
    default:
      return { kind };
  }
}

function scopeFields(scope: AlertScope): Partial<RuleFields> {
  switch (scope.kind) {
    case "all":
      return { scope: "all" };
    case "nodes":
      return { scope: "nodes", nodeIds: scope.nodeIds };
    case "tags":
      return { scope: "tags", tags: scope.tags };
    case "groups":
      return { scope: "groups", groups: scope.groups };
  }
}
