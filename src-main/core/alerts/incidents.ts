import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import type { NotificationContent, NotificationKind } from "../notifications/notificationContent.ts";
import type { AlertJournal } from "./alertJournal.ts";
import type { AlertRecord, IncidentRecord } from "./alertRecord.ts";
import type { AlertRule } from "./alertRule.ts";
import { isQuiet } from "./quietHours.ts";
import type { RuleBook } from "./ruleBook.ts";
import type { Silences } from "./silences.ts";

export interface IncidentsOptions {
  readonly clock: Clock;
  /** The time that the core was awake: see `AwakeTime`. */
  readonly awake: () => number;
  readonly rules: RuleBook;
  readonly silences: Silences;
  readonly journal: AlertJournal;
  /** What people call a node. */
  readonly nameOf: (nodeKey: number) => string;
  /** Hands a notification to these channels. */
  readonly notify: (content: NotificationContent, channels: readonly string[]) => void;
}

interface Live {
  record: IncidentRecord;
  /** Its alerts by id, also those that are resolved. */
  readonly alerts: Map<string, AlertRecord>;
  /** How many of them are not resolved. */
  open: number;
  /** Since when, on the awake time; the same for when the newest joined, and for the last notification. */
  readonly startedAwake: number;
  joinedAwake: number;
  toldAwake: number;
  /** Its end is nobody's business: the rule or the node was taken away. */
  muted: boolean;
}

/** Alerts that begin within this of the first are the same incident. */
const joinWithin = 60_000;
/** How long an incident is gathered after its newest alert before anybody is told, and at most. */
const gatherLost = 30_000;
const gatherOther = 5_000;
const gatherAtMost = 90_000;
const alertsInNotification = 50;

/** Makes one incident, and one notification, of what began together: a switch that dies is not forty alarms. */
export class Incidents {
  readonly #options: IncidentsOptions;
  readonly #live = new Map<string, Live>();
  /** The newest incident by rule and group: what begins now joins it. */
  readonly #joinable = new Map<string, Live>();

  constructor(options: IncidentsOptions) {
    this.#options = options;
  }

  /** Takes up an incident that was open, or held, when the core stopped. */
  restore(record: IncidentRecord, alerts: readonly AlertRecord[]): void {
    const awake = this.#options.awake();
    const live: Live = {
      record,
      alerts: new Map(alerts.map((alert) => [alert.id, alert])),
      open: alerts.filter(isOpen).length,
      // A stopped core gathers nothing: what begins now is a new incident.
      startedAwake: awake - joinWithin,
      joinedAwake: awake,
      toldAwake: awake,
      muted: false,
    };
    this.#live.set(record.id, live);
    // The core stopped between the two.
    if (live.open === 0 && record.resolvedAt === undefined) this.#close(live);
  }

  /** The incident of an alert that begins now. */
  join(rule: AlertRule, node: NodeRecord): string {
    const awake = this.#options.awake();
    const key = `${rule.id}\n${node.group}`;
    const known = this.#joinable.get(key);
    if (known?.record.resolvedAt === undefined && known !== undefined && awake - known.startedAwake <= joinWithin) {
      known.joinedAwake = awake;
      return known.record.id;
    }
    const record: IncidentRecord = {
      id: randomUUID(),
      ruleId: rule.id,
      rule: rule.name,
      severity: rule.severity,
      group: node.group,
      startedAt: this.#options.clock.wallTime(),
      resolvedAt: undefined,
      notifiedAt: undefined,
      notifiedAlerts: 0,
      held: false,
    };
    const since = { startedAwake: awake, joinedAwake: awake, toldAwake: awake };
    const live: Live = { record, alerts: new Map(), open: 0, ...since, muted: false };
    this.#live.set(record.id, live);
    this.#joinable.set(key, live);
    this.#options.journal.incidentChanged(record);
    return record.id;
  }

  alertChanged(alert: AlertRecord): void {
    const live = this.#live.get(alert.incidentId);
    if (live === undefined) return;
    const before = live.alerts.get(alert.id);
    live.alerts.set(alert.id, alert);
    live.open += Number(isOpen(alert)) - Number(before !== undefined && isOpen(before));
    if (live.open === 0 && live.record.resolvedAt === undefined) this.#close(live);
  }

  /** The end of this alert's incident is not told: its rule or its node was taken away. */
  muteFor(alert: AlertRecord): void {
    const live = this.#live.get(alert.incidentId);
    if (live?.open === 1) live.muted = true;
  }

  /** Tells what is due. */
  tick(): void {
    const summaries = new Map<string, Live[]>();
    for (const live of [...this.#live.values()]) {
      const rule = this.#options.rules.get(live.record.ruleId);
      if (rule === undefined) {
        if (live.record.resolvedAt !== undefined) this.#live.delete(live.record.id);
      } else if (live.record.held) {
        if (!this.#isQuiet(rule)) for (const id of channelsOf(rule)) pushTo(summaries, id, live);
      } else if (live.record.resolvedAt === undefined) {
        this.#tellWhatIsDue(live, rule);
      }
    }
    this.#summarise(summaries);
    const awake = this.#options.awake();
    for (const [key, live] of this.#joinable) {
      if (awake - live.startedAwake > joinWithin) this.#joinable.delete(key);
    }
  }

  #tellWhatIsDue(live: Live, rule: AlertRule): void {
    const awake = this.#options.awake();
    const { notifiedAt, notifiedAlerts } = live.record;
    const gather = rule.condition.kind === "node-offline" || rule.condition.kind === "missing-data";
    const gatheredAt = live.joinedAwake + (gather ? gatherLost : gatherOther);
    const gathered = awake >= Math.min(gatheredAt, live.startedAwake + gatherAtMost);
    let kind: NotificationKind | undefined;
    if (notifiedAt === undefined) kind = gathered ? "firing" : undefined;
    else if (live.alerts.size > notifiedAlerts) {
      kind = gathered && awake - live.startedAwake > joinWithin ? "update" : undefined;
    } else if (rule.renotifyEvery !== undefined && awake - live.toldAwake >= rule.renotifyEvery) {
      kind = hasUnacknowledged(live) ? "reminder" : undefined;
    }
    if (kind === undefined || this.#isSilenced(live)) return;
    if (!this.#isQuiet(rule)) this.#tell(live, kind, rule);
    else if (kind !== "reminder") this.#change(live, { held: true });
  }

  #tell(live: Live, kind: NotificationKind, rule: AlertRule): void {
    live.toldAwake = this.#options.awake();
    this.#options.notify({ kind, incidents: [this.#contentOf(live)] }, channelsOf(rule));
    this.#change(live, { notifiedAt: this.#options.clock.wallTime(), notifiedAlerts: live.alerts.size });
  }

  /** Everything that happened in the quiet hours, in one notification a channel. */
  #summarise(summaries: ReadonlyMap<string, readonly Live[]>): void {
    const told = new Set<Live>();
    for (const [channel, lives] of summaries) {
      const content = { kind: "summary", incidents: lives.map((live) => this.#contentOf(live)) } as const;
      this.#options.notify(content, [channel]);
      for (const live of lives) told.add(live);
    }
    for (const live of told) {
      live.toldAwake = this.#options.awake();
      this.#change(live, {
        held: false,
        notifiedAt: this.#options.clock.wallTime(),
        notifiedAlerts: live.alerts.size,
      });
      if (live.record.resolvedAt !== undefined) this.#live.delete(live.record.id);
    }
  }

  /** The last of its alerts is over. */
  #close(live: Live): void {
    const rule = this.#options.rules.get(live.record.ruleId);
    const wasTold = live.record.notifiedAt !== undefined;
    this.#change(live, { resolvedAt: this.#options.clock.wallTime() });
    const silent = live.muted || !wasTold || rule === undefined || this.#isSilenced(live);
    // What was told is to be known as over: after the quiet hours, when it ends in them.
    if (!silent && this.#isQuiet(rule)) this.#change(live, { held: true });
    else if (!silent && !live.record.held) this.#tell(live, "resolved", rule);
    if (live.muted && live.record.held) this.#change(live, { held: false });
    if (!live.record.held) this.#live.delete(live.record.id);
  }

  #isQuiet({ quietHours }: AlertRule): boolean {
    return quietHours !== undefined && isQuiet(quietHours, this.#options.clock.wallTime());
  }

  #isSilenced({ record, alerts }: Live): boolean {
    const concerned = [...alerts.values()].filter(
      ({ resolvedAt }) => resolvedAt === undefined || record.resolvedAt !== undefined,
    );
    return concerned.every(({ nodeKey }) => this.#options.silences.covers(record.ruleId, nodeKey));
  }

  #change(live: Live, change: Partial<IncidentRecord>): void {
    live.record = { ...live.record, ...change };
    this.#options.journal.incidentChanged(live.record);
  }

  #contentOf(live: Live): NotificationContent["incidents"][number] {
    const { id, ruleId, rule, severity, group, startedAt, resolvedAt } = live.record;
    const alerts = [...live.alerts.values()];
    return {
      incidentId: id,
      ruleId,
      rule,
      severity,
      group,
      startedAt,
      resolvedAt,
      total: alerts.length,
      open: live.open,
      alerts: alerts.slice(0, alertsInNotification).map((alert) => ({
        alertId: alert.id,
        nodeId: alert.nodeId,
        node: this.#options.nameOf(alert.nodeKey),
        subject: alert.subject,
        state: alert.state,
        value: alert.value,
        threshold: alert.threshold,
        texts: alert.texts,
        startedAt: alert.startedAt,
      })),
    };
  }
}

/** The console is always told. */
function channelsOf({ channels }: AlertRule): readonly string[] {
  return ["console", ...new Set(channels.filter((id) => id !== "console"))];
}

function isOpen({ resolvedAt }: AlertRecord): boolean {
  return resolvedAt === undefined;
}

function hasUnacknowledged({ alerts }: Live): boolean {
  for (const { state } of alerts.values()) if (state === "firing") return true;
  return false;
}

function pushTo(map: Map<string, Live[]>, key: string, live: Live): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [live]);
  else known.push(live);
}
