import * as z from "zod/mini";
import { done, name, nodeId, request, text, time, whole } from "./define.ts";
import { metricNames } from "./nodes.ts";

export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];
export const alertStates = ["firing", "acknowledged", "resolved"] as const;
export const conditionKinds = [
  "threshold",
  "missing-data",
  "rate",
  "disk-forecast",
  "node-offline",
  "command-failed",
  "log-pattern",
  "container-died",
] as const;
export type ConditionKind = (typeof conditionKinds)[number];
/** From the least to the gravest. */
export const logLevels = ["debug", "info", "notice", "warning", "error", "critical"] as const;

const day = 86_400_000;
const id = name(64);
const amount = z.number().check(z.gte(-1e18), z.lte(1e18));

const scope = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("all") }),
  z.object({ kind: z.literal("nodes"), nodeIds: z.array(nodeId).check(z.minLength(1), z.maxLength(1000)) }),
  /** Nodes that have one of the tags. */
  z.object({ kind: z.literal("tags"), tags: z.array(name(64)).check(z.minLength(1), z.maxLength(64)) }),
  z.object({ kind: z.literal("groups"), groups: z.array(name(64)).check(z.minLength(1), z.maxLength(64)) }),
]);

/** Patterns are plain text in which `*` stands for anything; capitals do not matter. */
const condition = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("threshold"),
    metric: z.enum(metricNames),
    comparison: z.enum(["above", "below"]),
    value: amount,
  }),
  z.object({ kind: z.literal("missing-data") }),
  /** Rises by `change` (falls, when it is negative) within `per` milliseconds. */
  z.object({ kind: z.literal("rate"), metric: z.enum(metricNames), per: whole(10_000, day), change: amount }),
  /** Full within so many days, at the pace of the last week. */
  z.object({ kind: z.literal("disk-forecast"), within: z.number().check(z.gt(0), z.lte(365)) }),
  z.object({ kind: z.literal("node-offline") }),
  z.object({ kind: z.literal("command-failed") }),
  /** At least `count` lines of this level or graver within so many milliseconds. */
  z.object({
    kind: z.literal("log-pattern"),
    pattern: name(256),
    level: z.optional(z.enum(logLevels)),
    count: whole(1, 1000),
    within: whole(1_000, day),
  }),
  z.object({ kind: z.literal("container-died"), name: name(256) }),
]);

const timeOfDay = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/));

const quietHours = z.object({
  /** 0 is Sunday. A stretch over midnight belongs to the day on which it begins. */
  days: z.array(whole(0, 6)).check(z.minLength(1), z.maxLength(7)),
  from: timeOfDay,
  to: timeOfDay,
  /** An IANA name, `Europe/Berlin`, or an offset, `+08:00`. */
  timeZone: name(64),
});

const ruleFields = {
  name: name(128),
  enabled: z.boolean(),
  severity: z.enum(severities),
  scope,
  condition,
  /** Milliseconds that it must last before it is an alert. */
  for: whole(0, 7 * day),
  quietHours: z.nullable(quietHours),
  /** Milliseconds between reminders while nobody acknowledged; null: none. */
  renotifyEvery: z.nullable(whole(60_000, 30 * day)),
  /** Ids of notification channels beside the console, which is always told. */
  channels: z.array(id).check(z.maxLength(32)),
};

const ruleDraft = z.object(ruleFields);
const rule = z.object({ ruleId: z.string(), ...ruleFields, createdAt: time, changedAt: time });
export type AlertRuleDraft = z.infer<typeof ruleDraft>;
export type AlertRule = z.infer<typeof rule>;
export type AlertScope = z.infer<typeof scope>;
export type AlertCondition = z.infer<typeof condition>;
export type QuietHours = z.infer<typeof quietHours>;

const alert = z.object({
  alertId: z.string(),
  ruleId: z.string(),
  /** The rule's name when the alert began. */
  rule: z.string(),
  kind: z.enum(conditionKinds),
  severity: z.enum(severities),
  state: z.enum(alertStates),
  nodeId: z.string(),
  /** Which thing of the node: a container's name; empty for the node itself. */
  subject: z.string(),
  incidentId: z.string(),
  /** What was measured when it began, and what the rule compares with. */
  value: z.nullable(z.number()),
  threshold: z.nullable(z.number()),
  /** What happened, in one English sentence. */
  message: z.string(),
  startedAt: time,
  acknowledgedAt: z.nullable(time),
  acknowledgedBy: z.nullable(z.string()),
  resolvedAt: z.nullable(time),
});
export type Alert = z.infer<typeof alert>;

/** Alerts of one rule that began in one group within a minute: notified once. */
const incident = z.object({
  incidentId: z.string(),
  ruleId: z.string(),
  rule: z.string(),
  severity: z.enum(severities),
  group: z.string(),
  startedAt: time,
  resolvedAt: z.nullable(time),
  /** When the channels were told; null while it is gathered, held or silenced. */
  notifiedAt: z.nullable(time),
  /** Whether its notification waits for the end of the quiet hours. */
  held: z.boolean(),
  /** At most a thousand of them. */
  nodeIds: z.array(z.string()),
  alerts: z.number(),
  /** How many of its alerts are not resolved. */
  open: z.number(),
});

const silence = z.object({
  silenceId: z.string(),
  /** Null: of every rule. */
  ruleId: z.nullable(z.string()),
  /** Null: of every node. */
  nodeId: z.nullable(z.string()),
  until: time,
  createdBy: z.string(),
});
export type Silence = z.infer<typeof silence>;

const interval = z.object({
  from: time,
  /** Null: it would still be firing. */
  to: z.nullable(time),
});

export const alertRequests = {
  /**
   * Newest first, of the nodes that the user may see. The next page begins after `before` and `beforeId`, the last alert
   * of the page before.
   */
  "alert-list": request(
    z.object({
      /** `open` is firing or acknowledged. */
      state: z.optional(z.enum(["open", ...alertStates])),
      nodeId: z.optional(nodeId),
      ruleId: z.optional(id),
      severity: z.optional(z.enum(severities)),
      incidentId: z.optional(id),
      before: z.optional(time),
      beforeId: z.optional(id),
      limit: z.prefault(whole(1, 500), 100),
    }),
    z.object({
      alerts: z.array(alert),
      /** Of all that the user may see, whatever was asked for. */
      firing: z.object({ info: z.number(), warning: z.number(), critical: z.number() }),
      acknowledged: z.number(),
    }),
  ),
  /** Newest first; only with nodes that the user may see. */
  "incident-list": request(
    z.object({
      open: z.optional(z.boolean()),
      before: z.optional(time),
      beforeId: z.optional(id),
      limit: z.prefault(whole(1, 200), 50),
    }),
    z.object({ incidents: z.array(incident) }),
  ),
  /** No reminders any more. One that is acknowledged or resolved already stays as it is. */
  "alert-acknowledge": request(
    z.object({ alertIds: z.array(id).check(z.minLength(1), z.maxLength(500)) }),
    z.object({ alerts: z.array(alert) }),
  ),
  /** Holds back the notifications of a rule, of a node, or of one rule on one node, so many milliseconds. */
  "alert-silence": request(
    z.object({
      ruleId: z.prefault(z.nullable(id), null),
      nodeId: z.optional(nodeId),
      duration: whole(60_000, 30 * day),
    }),
    z.object({ silence }),
  ),
  "alert-silence-list": request(z.object({}), z.object({ silences: z.array(silence) })),
  "alert-silence-end": request(z.object({ silenceId: id }), done),
  /** The rules that may concern nodes which the user sees. */
  "alert-rule-list": request(z.object({}), z.object({ rules: z.array(rule) })),
  /** Without `ruleId` a new rule. */
  "alert-rule-save": request(z.object({ ruleId: z.optional(id), rule: ruleDraft }), z.object({ rule })),
  /** Its open alerts are resolved. */
  "alert-rule-remove": request(z.object({ ruleId: id }), done),
  /**
   * Where the rule would have fired in the last 30 days, from what is stored; nothing is written. A newer preview of the
   * same session ends the former with `CANCELLED`.
   */
  "alert-rule-preview": request(
    z.object({ rule: ruleDraft }),
    z.object({
      /** False for what leaves no history to look at: then the rest is empty. */
      supported: z.boolean(),
      from: time,
      to: time,
      /** How fine the history is that was looked at, in milliseconds. */
      resolution: z.number(),
      /** How often in all. */
      count: z.number(),
      /** Nodes with at least one interval, the worst first, at most 200; of each at most 200 intervals. */
      nodes: z.array(z.object({ nodeId: z.string(), count: z.number(), intervals: z.array(interval) })),
      nodesEvaluated: z.number(),
      /** More than were evaluated when the time did not suffice. */
      nodesInScope: z.number(),
    }),
  ),
  "alert-rule-preview-cancel": request(z.object({}), done),
};

export const alertPushes = {
  "alert-changed": z.object({ alert }),
  /** Null: the rule was removed. */
  "alert-rule-changed": z.object({ ruleId: text(64), rule: z.nullable(rule) }),
};
