import type { Clock } from "../../base/clock.ts";
import { DisposableStore } from "../../base/disposable.ts";
import { describeError, PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";
import type { MetricStore } from "../metrics/metricStore.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import type { NotificationContent } from "../notifications/notificationContent.ts";
import type { Alert, AlertFilter, Silence } from "./alert.ts";
import { AlertJournal } from "./alertJournal.ts";
import type { AlertRecord, IncidentRecord } from "./alertRecord.ts";
import { type AlertRule, type AlertRuleDraft, watches } from "./alertRule.ts";
import { AlertTable, type IncidentNodes, type Page } from "./alertTable.ts";
import { AwakeTime } from "./awakeTime.ts";
import { DataWatch } from "./dataWatch.ts";
import type { ContainerSource, LogSource } from "./eventSources.ts";
import { EventWatch } from "./eventWatch.ts";
import { ForecastWatch } from "./forecastWatch.ts";
import { Incidents } from "./incidents.ts";
import { OpenAlerts } from "./openAlerts.ts";
import { PresenceWatch } from "./presenceWatch.ts";
import { type Preview, type PreviewRequest, previewRule } from "./preview.ts";
import { RuleBook } from "./ruleBook.ts";
import { SampleWatch } from "./sampleWatch.ts";
import { type NewSilence, Silences } from "./silences.ts";

export interface AlertsOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodes: NodeRegistry;
  readonly metrics: MetricStore;
  readonly logs?: LogSource | undefined;
  readonly containers?: ContainerSource | undefined;
  /** Hands a notification to these channels. */
  readonly notify: (content: NotificationContent, channels: readonly string[]) => void;
}

const tick = 2_000;
const keepFor = 90 * 24 * 3_600_000;
const pruneEvery = 6 * 3_600_000;

/** The rules, what they found, and who is told. */
export class Alerts {
  readonly #options: AlertsOptions;
  readonly #table: AlertTable;
  readonly #rules: RuleBook;
  readonly #silences: Silences;
  readonly #journal: AlertJournal;
  readonly #incidents: Incidents;
  readonly #open: OpenAlerts;
  readonly #samples: SampleWatch;
  readonly #presence: PresenceWatch;
  readonly #data: DataWatch;
  readonly #forecast: ForecastWatch;
  readonly #events: EventWatch;
  readonly #owned = new DisposableStore();

  private constructor(options: AlertsOptions, opened: Opened) {
    const { clock, bus, logger, nodes } = options;
    const { rules, silences, table } = opened;
    this.#options = options;
    this.#table = table;
    this.#rules = rules;
    this.#silences = silences;
    const awakeTime = new AwakeTime(clock, 3 * tick);
    const awake = (): number => awakeTime.now;
    this.#journal = new AlertJournal({ table, bus, logger });
    this.#incidents = new Incidents({
      clock,
      awake,
      rules,
      silences,
      journal: this.#journal,
      nameOf: (key) => nameOf(nodes, key),
      notify: options.notify,
    });
    this.#open = new OpenAlerts({ clock, journal: this.#journal, incidents: this.#incidents });
    this.#open.restore(opened.alerts);
    for (const { incident, alerts } of opened.incidents) this.#incidents.restore(incident, alerts);
    const watch = { ...options, awake, rules, open: this.#open };
    this.#samples = this.#owned.add(new SampleWatch(watch));
    this.#presence = new PresenceWatch(watch);
    this.#data = this.#owned.add(new DataWatch(watch));
    this.#forecast = new ForecastWatch(watch);
    this.#events = this.#owned.add(new EventWatch({ ...watch, logs: options.logs, containers: options.containers }));
    this.#events.restore(opened.alerts.filter(({ kind }) => eventKinds.has(kind)));
    this.#owned.add(bus.subscribe("node-changed", ({ nodeId }) => this.#nodeChanged(nodeId)));
    this.#owned.add(clock.repeat(pruneEvery, () => void this.#prune()));
    this.#owned.add(
      clock.repeat(tick, () => {
        awakeTime.tick();
        for (const part of [this.#presence, this.#data, this.#forecast, this.#events, this.#incidents]) part.tick();
        this.#journal.retry();
      }),
    );
  }

  /** Opens the rules and takes up what was open when the core stopped. @throws {PicketError} `DATABASE_ERROR` */
  static async open(options: AlertsOptions): Promise<Alerts> {
    const { database, clock, nodes } = options;
    const table = new AlertTable(database, nodes);
    const { alerts, incidents } = await table.open();
    return new Alerts(options, {
      table,
      alerts,
      rules: await RuleBook.open(database, clock),
      silences: await Silences.open({ database, clock, nodes }),
      incidents: await Promise.all(
        incidents.map(async (incident) => ({ incident, alerts: await table.ofIncident(incident.id) })),
      ),
    });
  }

  /** The alerts that are not resolved. */
  open(filter: AlertFilter = {}): readonly Alert[] {
    const { state, ruleId, severity, incidentId } = filter;
    const nodeKeys = filter.nodeKeys === undefined ? undefined : new Set(filter.nodeKeys);
    return this.#open
      .list()
      .filter(
        (alert) =>
          (state === undefined || state === "open" || alert.state === state) &&
          (nodeKeys === undefined || nodeKeys.has(alert.nodeKey)) &&
          (ruleId === undefined || alert.ruleId === ruleId) &&
          (severity === undefined || alert.severity === severity) &&
          (incidentId === undefined || alert.incidentId === incidentId),
      );
  }

  /** An alert, open or not. */
  async get(id: string): Promise<Alert | undefined> {
    return this.#open.get(id) ?? this.#journal.unwritten(id) ?? (await this.#table.get(id));
  }

  /** Newest first, open or not. */
  async list(filter: AlertFilter, page: Page): Promise<readonly Alert[]> {
    await this.#journal.flush();
    return filter.nodeKeys?.length === 0 ? [] : this.#table.list(filter, page);
  }

  /** Newest first; those with at least one of the nodes, and of their nodes only these. */
  async incidents(
    filter: { readonly nodeKeys: readonly number[] | undefined; readonly open: boolean | undefined },
    page: Page,
  ): Promise<readonly { readonly incident: IncidentRecord; readonly nodes: IncidentNodes }[]> {
    await this.#journal.flush();
    const keys = filter.nodeKeys === undefined ? undefined : new Set(filter.nodeKeys);
    const found = await this.#table.incidents(filter, page);
    return Promise.all(
      found.map(async (incident) => ({ incident, nodes: await this.#table.nodesOf(incident.id, keys) })),
    );
  }

  /**
   * Somebody takes care of it: no reminders any more. One that is acknowledged or resolved stays as it is.
   *
   * @throws {PicketError} `ALERT_NOT_FOUND`
   */
  async acknowledge(id: string, user: string): Promise<Alert> {
    const alert = this.#open.acknowledge(id, user) ?? (await this.get(id));
    if (alert === undefined) throw new PicketError("ALERT_NOT_FOUND");
    await this.#journal.flush();
    return alert;
  }

  rules(): readonly AlertRule[] {
    return this.#rules.list();
  }

  rule(id: string): AlertRule | undefined {
    return this.#rules.get(id);
  }

  /** Without an id a new one. @throws {PicketError} `ALERT_RULE_NOT_FOUND`, `INVALID_PARAMS`, `CONFLICT` */
  async saveRule(id: string | undefined, draft: AlertRuleDraft): Promise<AlertRule> {
    const rule = await this.#rules.save(id, draft);
    this.#rulesChanged(rule.id);
    return rule;
  }

  /** Its open alerts are over. @throws {PicketError} `ALERT_RULE_NOT_FOUND` */
  async removeRule(id: string): Promise<void> {
    await this.#rules.remove(id);
    this.#rulesChanged(id);
  }

  /** @throws {PicketError} `CANCELLED`, `INVALID_PARAMS` */
  preview(request: PreviewRequest): Promise<Preview> {
    return previewRule(this.#options, request);
  }

  silences(): readonly Silence[] {
    return this.#silences.list();
  }

  /** @throws {PicketError} `CONFLICT` when there are too many */
  silence(silence: NewSilence): Promise<Silence> {
    return this.#silences.add(silence);
  }

  endSilence(id: string): Promise<void> {
    return this.#silences.end(id);
  }

  /** Forgets the alerts of a node that was removed. */
  async removeOfNode(nodeKey: number): Promise<void> {
    this.#open.dropNode(nodeKey);
    for (const part of [this.#samples, this.#presence, this.#data, this.#events]) part.nodeRemoved(nodeKey);
    await this.#journal.flush();
    await this.#table.removeOfNode(nodeKey);
  }

  /** Stores what is on its way. */
  async close(): Promise<void> {
    this.#owned.dispose();
    await this.#forecast.close();
    await this.#journal.flush();
  }

  #nodeChanged(nodeId: string): void {
    const node = this.#options.nodes.get(nodeId);
    if (node === undefined) return;
    this.#presence.nodeChanged(node);
    this.#withdraw(this.#open.ofNode(node.key));
  }

  #rulesChanged(ruleId: string): void {
    this.#withdraw(this.#open.list().filter((alert) => alert.ruleId === ruleId));
    for (const part of [this.#samples, this.#presence, this.#data, this.#forecast, this.#events]) part.rulesChanged();
    this.#options.bus.publish("alert-rule-changed", { ruleId });
  }

  /** Ends alerts that no rule stands behind any more. */
  #withdraw(alerts: readonly AlertRecord[]): void {
    for (const alert of alerts) {
      const rule = this.#rules.get(alert.ruleId);
      const node = this.#options.nodes.getByKey(alert.nodeKey);
      const stands = rule?.enabled === true && rule.condition.kind === alert.kind && node !== undefined;
      if (!stands || !watches(rule, node)) this.#open.withdraw(alert);
    }
  }

  async #prune(): Promise<void> {
    try {
      await this.#table.removeOlderThan(this.#options.clock.wallTime() - keepFor);
    } catch (error) {
      this.#options.logger.warn("old alerts could not be removed", { error: describeError(error) });
    }
  }
}

interface Opened {
  readonly table: AlertTable;
  readonly rules: RuleBook;
  readonly silences: Silences;
  readonly alerts: readonly AlertRecord[];
  readonly incidents: readonly { readonly incident: IncidentRecord; readonly alerts: readonly AlertRecord[] }[];
}

const eventKinds: ReadonlySet<string> = new Set(["command-failed", "log-pattern", "container-died"]);

function nameOf(nodes: NodeRegistry, nodeKey: number): string {
  const node = nodes.getByKey(nodeKey);
  return node?.name ?? node?.hostname ?? "";
}
