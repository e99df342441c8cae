import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { AlertJournal } from "./alertJournal.ts";
import type { AlertRecord } from "./alertRecord.ts";
import type { AlertRule } from "./alertRule.ts";
import { alertTexts } from "./alertTexts.ts";
import type { Incidents } from "./incidents.ts";

/** What a rule found on a node. */
export interface Finding {
  readonly rule: AlertRule;
  readonly node: NodeRecord;
  /** Which thing of the node, a container's name. @default the node itself */
  readonly subject?: string;
  readonly value?: number | undefined;
  /** Milliseconds since 1970. @default now */
  readonly time?: number;
}

/** Which alert: there is at most one open of each. */
export interface AlertPlace {
  readonly ruleId: string;
  readonly nodeKey: number;
  /** @default the node itself */
  readonly subject?: string;
}

export interface OpenAlertsOptions {
  readonly clock: Clock;
  readonly journal: AlertJournal;
  readonly incidents: Incidents;
}

/** The alerts that are not resolved. */
export class OpenAlerts {
  readonly #options: OpenAlertsOptions;
  readonly #byPlace = new Map<string, AlertRecord>();
  readonly #byId = new Map<string, AlertRecord>();
  readonly #byNode = new Map<number, Map<string, AlertRecord>>();

  constructor(options: OpenAlertsOptions) {
    this.#options = options;
  }

  /** Takes up those that were open when the core stopped. */
  restore(alerts: readonly AlertRecord[]): void {
    for (const alert of alerts) this.#keep(alert);
  }

  list(): readonly AlertRecord[] {
    return [...this.#byId.values()];
  }

  /** Those of one node: with ten thousand nodes down, each one that comes back looks at its own only. */
  ofNode(nodeKey: number): readonly AlertRecord[] {
    return [...(this.#byNode.get(nodeKey)?.values() ?? [])];
  }

  get(id: string): AlertRecord | undefined {
    return this.#byId.get(id);
  }

  isOpen(place: AlertPlace): boolean {
    return this.#byPlace.has(keyOf(place));
  }

  /** Opens an alert, unless it is open already. */
  raise({ rule, node, subject = "", value, time }: Finding): void {
    const { clock, journal, incidents } = this.#options;
    const place = { ruleId: rule.id, nodeKey: node.key, subject };
    if (this.isOpen(place)) return;
    const { condition } = rule;
    const texts = alertTexts({ condition, for: rule.for, value, subject });
    const alert: AlertRecord = {
      id: randomUUID(),
      ...place,
      rule: rule.name,
      kind: condition.kind,
      severity: rule.severity,
      state: "firing",
      nodeId: node.nodeId,
      incidentId: incidents.join(rule, node),
      value,
      threshold: thresholdOf(rule),
      message: texts.en,
      texts,
      startedAt: time ?? clock.wallTime(),
      acknowledgedAt: undefined,
      acknowledgedBy: undefined,
      resolvedAt: undefined,
    };
    this.#keep(alert);
    incidents.alertChanged(alert);
    journal.alertChanged(alert);
  }

  /** What it warned of is over. */
  resolve(place: AlertPlace): void {
    const alert = this.#byPlace.get(keyOf(place));
    if (alert !== undefined) this.#resolve(alert);
  }

  /** Ends alerts whose reason to be is gone, a rule or a node: nobody is notified. */
  withdraw(alert: AlertRecord): void {
    this.#options.incidents.muteFor(alert);
    this.#resolve(alert);
  }

  /** Forgets the alerts of a node that was removed. */
  dropNode(nodeKey: number): void {
    for (const alert of this.ofNode(nodeKey)) this.withdraw(alert);
    this.#options.journal.drop(nodeKey);
  }

  /** Undefined when it is not open. One that is acknowledged stays as it is. */
  acknowledge(id: string, user: string): AlertRecord | undefined {
    const alert = this.#byId.get(id);
    if (alert?.state !== "firing") return alert;
    const { clock, journal, incidents } = this.#options;
    const changed: AlertRecord = {
      ...alert,
      state: "acknowledged",
      acknowledgedAt: clock.wallTime(),
      acknowledgedBy: user,
    };
    this.#keep(changed);
    incidents.alertChanged(changed);
    journal.alertChanged(changed);
    return changed;
  }

  #keep(alert: AlertRecord): void {
    this.#byPlace.set(keyOf(alert), alert);
    this.#byId.set(alert.id, alert);
    const ofNode = this.#byNode.get(alert.nodeKey) ?? new Map<string, AlertRecord>();
    this.#byNode.set(alert.nodeKey, ofNode.set(alert.id, alert));
  }

  #resolve(alert: AlertRecord): void {
    const { clock, journal, incidents } = this.#options;
    this.#byPlace.delete(keyOf(alert));
    this.#byId.delete(alert.id);
    const ofNode = this.#byNode.get(alert.nodeKey);
    ofNode?.delete(alert.id);
    if (ofNode?.size === 0) this.#byNode.delete(alert.nodeKey);
    const resolved: AlertRecord = { ...alert, state: "resolved", resolvedAt: clock.wallTime() };
    journal.alertChanged(resolved);
    incidents.alertChanged(resolved);
  }
}

function keyOf({ ruleId, nodeKey, subject = "" }: AlertPlace): string {
  return `${ruleId}\n${nodeKey}\n${subject}`;
}

function thresholdOf({ condition }: AlertRule): number | undefined {
  switch (condition.kind) {
    case "threshold":
      return condition.value;
    case "rate":
      return condition.change;
    case "disk-forecast":
      return condition.within;
    case "log-pattern":
      return condition.count;
    default:
      return undefined;
  }
}
