import type { LogLevel } from "../logs/logEntry.ts";
import type { MetricName } from "../metrics/metricColumns.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { Severity } from "./alert.ts";

/** Which nodes a rule watches. */
export type AlertScope =
  | { readonly kind: "all" }
  | { readonly kind: "nodes"; readonly nodeIds: readonly string[] }
  /** Nodes that have one of the tags. */
  | { readonly kind: "tags"; readonly tags: readonly string[] }
  | { readonly kind: "groups"; readonly groups: readonly string[] };

/** What a rule waits for. Patterns are plain text in which `*` stands for anything; capitals do not matter. */
export type AlertCondition =
  | {
      readonly kind: "threshold";
      readonly metric: MetricName;
      readonly comparison: "above" | "below";
      readonly value: number;
    }
  /** The node is connected and sends no numbers. */
  | { readonly kind: "missing-data" }
  /** Within `per` milliseconds the value rose by `change`, or fell by it when it is negative. */
  | { readonly kind: "rate"; readonly metric: MetricName; readonly per: number; readonly change: number }
  /** At the pace of the last week the disk is full within so many days. */
  | { readonly kind: "disk-forecast"; readonly within: number }
  | { readonly kind: "node-offline" }
  /** A command failed, ran out of time or got lost. */
  | { readonly kind: "command-failed" }
  /** At least `count` log lines that fit, of this level or graver, within so many milliseconds. */
  | {
      readonly kind: "log-pattern";
      readonly pattern: string;
      readonly level?: LogLevel | undefined;
      readonly count: number;
      readonly within: number;
    }
  /** A container whose name fits ended by itself with an error, or for want of memory. */
  | { readonly kind: "container-died"; readonly name: string };

export interface QuietHours {
  /** 0 is Sunday. A stretch over midnight belongs to the day on which it begins. */
  readonly days: readonly number[];
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
  /** An IANA name, `Europe/Berlin`, or an offset, `+08:00`. */
  readonly timeZone: string;
}

export interface AlertRuleDraft {
  readonly name: string;
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly scope: AlertScope;
  readonly condition: AlertCondition;
  /** Milliseconds that it must last before it is an alert. */
  readonly for: number;
  readonly quietHours: QuietHours | undefined;
  /** Milliseconds between reminders while nobody acknowledged; undefined: none. */
  readonly renotifyEvery: number | undefined;
  /** Ids of notification channels beside the console, which is always told. */
  readonly channels: readonly string[];
}

export interface AlertRule extends AlertRuleDraft {
  readonly id: string;
  readonly createdAt: number;
  readonly changedAt: number;
}

export function watches(rule: AlertRuleDraft, node: NodeRecord): boolean {
  const { scope } = rule;
  switch (scope.kind) {
    case "all":
      return true;
    case "nodes":
      return scope.nodeIds.includes(node.nodeId);
    case "tags":
      return scope.tags.some((tag) => node.tags.includes(tag));
    case "groups":
      return scope.groups.includes(node.group);
  }
}
