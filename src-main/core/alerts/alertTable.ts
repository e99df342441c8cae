import { type Compilable, sql } from "kysely";
import type { Database } from "../../store/database.ts";
import type { AlertsTable, IncidentsTable } from "../../store/tables.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import type { AlertFilter } from "./alert.ts";
import type { AlertRecord, IncidentRecord } from "./alertRecord.ts";
import type { AlertTexts } from "./alertTexts.ts";

/** Where a page begins: after this row of the page before, newest first. */
export interface Page {
  readonly before?: number | undefined;
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

export interface IncidentNodes {
  readonly nodeIds: readonly string[];
  readonly alerts: number;
  readonly open: number;
}

/** So many statements are one transaction: ten thousand alerts at once must not hold up the samples. */
const statementsPerStep = 500;
const nodesPerIncident = 1_000;

/** The rows of alerts and incidents. */
export class AlertTable {
  readonly #database: Database;
  readonly #nodes: NodeRegistry;

  constructor(database: Database, nodes: NodeRegistry) {
    this.#database = database;
    this.#nodes = nodes;
  }

  /** Writes alerts and incidents as they are now. */
  async save(alerts: readonly AlertRecord[], incidents: readonly IncidentRecord[]): Promise<void> {
    const { kysely } = this.#database;
    const statements: Compilable[] = [
      ...incidents.map((incident) => {
        const { id, ...values } = incidentRow(incident);
        return kysely
          .insertInto("incidents")
          .values({ id, ...values })
          .onConflict((conflict) => conflict.column("id").doUpdateSet(values));
      }),
      ...alerts.map((alert) => {
        const { id, ...values } = alertRow(alert);
        return kysely
          .insertInto("alerts")
          .values({ id, ...values })
          .onConflict((conflict) => conflict.column("id").doUpdateSet(values));
      }),
    ];
    for (let at = 0; at < statements.length; at += statementsPerStep) {
      await this.#database.transact(statements.slice(at, at + statementsPerStep));
    }
  }

  /** What goes on after a restart: open alerts, and incidents that are open or still to be told of. */
  async open(): Promise<{ readonly alerts: readonly AlertRecord[]; readonly incidents: readonly IncidentRecord[] }> {
    const { kysely } = this.#database;
    const alerts = await kysely.selectFrom("alerts").selectAll().where("resolved_at", "is", null).execute();
    const incidents = await kysely
      .selectFrom("incidents")
      .selectAll()
      .where((where) => where.or([where("resolved_at", "is", null), where("held", "=", 1)]))
      .execute();
    return { alerts: this.#toAlerts(alerts), incidents: incidents.map(toIncident) };
  }

  async get(id: string): Promise<AlertRecord | undefined> {
    const row = await this.#database.kysely.selectFrom("alerts").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : this.#toAlerts([row])[0];
  }

  async ofIncident(incidentId: string): Promise<readonly AlertRecord[]> {
    const select = this.#database.kysely.selectFrom("alerts").selectAll().where("incident_id", "=", incidentId);
    return this.#toAlerts(await select.orderBy("started_at").limit(nodesPerIncident).execute());
  }

  async list(filter: AlertFilter, { before, beforeId = "", limit }: Page): Promise<readonly AlertRecord[]> {
    const { kysely } = this.#database;
    let select = kysely.selectFrom("alerts").selectAll().orderBy("started_at", "desc").orderBy("id", "desc");
    const { state, nodeKeys, ruleId, severity, incidentId } = filter;
    if (state === "open") select = select.where("resolved_at", "is", null);
    else if (state !== undefined) select = select.where("state", "=", state);
    if (nodeKeys !== undefined) select = select.where(among("node_key", nodeKeys));
    if (ruleId !== undefined) select = select.where("rule_id", "=", ruleId);
    if (severity !== undefined) select = select.where("severity", "=", severity);
    if (incidentId !== undefined) select = select.where("incident_id", "=", incidentId);
    if (before !== undefined) select = select.where(sql<boolean>`(started_at, id) < (${before}, ${beforeId})`);
    return this.#toAlerts(await select.limit(limit).execute());
  }

  /** Incidents with at least one of the nodes. */
  async incidents(
    filter: { readonly nodeKeys: readonly number[] | undefined; readonly open: boolean | undefined },
    { before, beforeId = "", limit }: Page,
  ): Promise<readonly IncidentRecord[]> {
    const { kysely } = this.#database;
    let select = kysely.selectFrom("incidents").selectAll().orderBy("started_at", "desc").orderBy("id", "desc");
    if (filter.open !== undefined) select = select.where("resolved_at", filter.open ? "is" : "is not", null);
    if (before !== undefined) select = select.where(sql<boolean>`(started_at, id) < (${before}, ${beforeId})`);
    if (filter.nodeKeys !== undefined) {
      const of = kysely.selectFrom("alerts").select("incident_id").where(among("node_key", filter.nodeKeys));
      select = select.where("id", "in", of);
    }
    return (await select.limit(limit).execute()).map(toIncident);
  }

  /** Which of the nodes an incident has. */
  async nodesOf(incidentId: string, nodeKeys: ReadonlySet<number> | undefined): Promise<IncidentNodes> {
    const rows = await this.#database.kysely
      .selectFrom("alerts")
      .select(["node_key", "resolved_at"])
      .where("incident_id", "=", incidentId)
      .execute();
    const visible = rows.filter(({ node_key: key }) => nodeKeys?.has(key) ?? true);
    const ids = new Set(visible.map(({ node_key: key }) => this.#nodes.getByKey(key)?.nodeId));
    ids.delete(undefined);
    return {
      nodeIds: [...ids].filter((id) => id !== undefined).slice(0, nodesPerIncident),
      alerts: visible.length,
      open: visible.filter((row) => row.resolved_at === null).length,
    };
  }

  async removeOfNode(nodeKey: number): Promise<void> {
    const { kysely } = this.#database;
    await this.#database.transact([
      kysely.deleteFrom("alerts").where("node_key", "=", nodeKey),
      kysely.deleteFrom("alert_silences").where("node_key", "=", nodeKey),
    ]);
  }

  async removeOlderThan(time: number): Promise<void> {
    const { kysely } = this.#database;
    await this.#database.transact([
      kysely.deleteFrom("alerts").where("resolved_at", "<", time),
      kysely.deleteFrom("incidents").where("resolved_at", "<", time),
    ]);
  }

  /** Those of a node that is gone have nobody who could look at them. */
  #toAlerts(rows: readonly AlertsTable[]): AlertRecord[] {
    return rows.flatMap((row) => {
      const nodeId = this.#nodes.getByKey(row.node_key)?.nodeId;
      return nodeId === undefined ? [] : [toAlert(row, nodeId)];
    });
  }
}

/** One parameter, however many keys there are: a statement has room for some thirty thousand. */
function among(column: "node_key", keys: readonly number[]) {
  return sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(keys)}))`;
}

function alertRow(alert: AlertRecord): AlertsTable {
  return {
    id: alert.id,
    rule_id: alert.ruleId,
    rule_name: alert.rule,
    kind: alert.kind,
    severity: alert.severity,
    state: alert.state,
    node_key: alert.nodeKey,
    subject: alert.subject,
    incident_id: alert.incidentId,
    value: alert.value ?? null,
    threshold: alert.threshold ?? null,
    texts_json: JSON.stringify(alert.texts),
    started_at: Math.round(alert.startedAt),
    acknowledged_at: alert.acknowledgedAt ?? null,
    acknowledged_by: alert.acknowledgedBy ?? null,
    resolved_at: alert.resolvedAt ?? null,
  };
}

function toAlert(row: AlertsTable, nodeId: string): AlertRecord {
  const texts = JSON.parse(row.texts_json) as AlertTexts;
  return {
    id: row.id,
    ruleId: row.rule_id,
    rule: row.rule_name,
    kind: row.kind as AlertRecord["kind"],
    severity: row.severity as AlertRecord["severity"],
    state: row.state as AlertRecord["state"],
    nodeId,
    nodeKey: row.node_key,
    subject: row.subject,
    incidentId: row.incident_id,
    value: row.value ?? undefined,
    threshold: row.threshold ?? undefined,
    message: texts.en,
    texts,
    startedAt: row.started_at,
    acknowledgedAt: row.acknowledged_at ?? undefined,
    acknowledgedBy: row.acknowledged_by ?? undefined,
    resolvedAt: row.resolved_at ?? undefined,
  };
}

function incidentRow(incident: IncidentRecord): IncidentsTable {
  return {
    id: incident.id,
    rule_id: incident.ruleId,
    rule_name: incident.rule,
    severity: incident.severity,
    group_name: incident.group,
    started_at: Math.round(incident.startedAt),
    resolved_at: incident.resolvedAt ?? null,
    notified_at: incident.notifiedAt ?? null,
    notified_alerts: incident.notifiedAlerts,
    held: incident.held ? 1 : 0,
  };
}

function toIncident(row: IncidentsTable): IncidentRecord {
  return {
    id: row.id,
    ruleId: row.rule_id,
    rule: row.rule_name,
    severity: row.severity as IncidentRecord["severity"],
    group: row.group_name,
    startedAt: row.started_at,
    resolvedAt: row.resolved_at ?? undefined,
    notifiedAt: row.notified_at ?? undefined,
    notifiedAlerts: row.notified_alerts,
    held: row.held === 1,
  };
}
