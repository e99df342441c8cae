import type { AlertTexts } from "../alerts/alertTexts.ts";

export const notificationKinds = ["firing", "update", "reminder", "resolved", "summary"] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** What a notification tells, in no language yet. Kept on the disk until it is delivered. */
export interface NotificationContent {
  readonly kind: NotificationKind;
  /** One, or those of a summary. */
  readonly incidents: readonly NotifiedIncident[];
}

export interface NotifiedIncident {
  readonly incidentId: string;
  readonly ruleId: string;
  readonly rule: string;
  readonly severity: "info" | "warning" | "critical";
  readonly group: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly resolvedAt: number | undefined;
  /** How many alerts there are in all. */
  readonly total: number;
  /** How many of them are not resolved. */
  readonly open: number;
  /** The first of them. */
  readonly alerts: readonly NotifiedAlert[];
}

export interface NotifiedAlert {
  readonly alertId: string;
  readonly nodeId: string;
  /** What people call the node. */
  readonly node: string;
  readonly subject: string;
  readonly state: "firing" | "acknowledged" | "resolved";
  readonly value: number | undefined;
  readonly threshold: number | undefined;
  readonly texts: AlertTexts;
  readonly startedAt: number;
}
