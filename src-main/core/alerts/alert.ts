import type { AlertCondition } from "./alertRule.ts";

export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

/** Firing until somebody acknowledges it; resolved by itself when what it warns of is over. */
export const alertStates = ["firing", "acknowledged", "resolved"] as const;
export type AlertState = (typeof alertStates)[number];

/** One rule's warning about one node. */
export interface Alert {
  readonly id: string;
  readonly ruleId: string;
  /** The rule's name when the alert began. */
  readonly rule: string;
  readonly kind: AlertCondition["kind"];
  readonly severity: Severity;
  readonly state: AlertState;
  readonly nodeId: string;
  /** Which thing of the node: a container's name; empty for the node itself. */
  readonly subject: string;
  readonly incidentId: string;
  /** What was measured when it began; undefined where nothing is measured. */
  readonly value: number | undefined;
  /** What the rule compares with. */
  readonly threshold: number | undefined;
  /** What happened, in one English sentence. */
  readonly message: string;
  /** Milliseconds since 1970, as are all times here. */
  readonly startedAt: number;
  readonly acknowledgedAt: number | undefined;
  /** The user's name. */
  readonly acknowledgedBy: string | undefined;
  readonly resolvedAt: number | undefined;
}

/** What began together for one reason: alerts of one rule in one group within a minute. It is notified once. */
export interface Incident {
  readonly id: string;
  readonly ruleId: string;
  readonly rule: string;
  readonly severity: Severity;
  /** The group of its nodes. */
  readonly group: string;
  readonly startedAt: number;
  readonly resolvedAt: number | undefined;
  /** When the channels were told; undefined while it is gathered, held or silenced. */
  readonly notifiedAt: number | undefined;
  /** Whether its notification waits for the end of the quiet hours. */
  readonly held: boolean;
}

/** Holds back the notifications of a rule, of a node, or of both together. */
export interface Silence {
  readonly id: string;
  readonly ruleId: string | undefined;
  readonly nodeId: string | undefined;
  readonly until: number;
  readonly createdBy: string;
}

/** Which alerts to list; without any field all of them. */
export interface AlertFilter {
  readonly state?: AlertState | "open" | undefined;
  readonly nodeKeys?: readonly number[] | undefined;
  readonly ruleId?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly incidentId?: string | undefined;
}
