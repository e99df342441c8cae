import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const minute = 60_000;

/** What every new installation watches. Told to the console only; an administrator may change and remove them. */
const defaultRules = [
  {
    id: "disk-nearly-full",
    name: "Disk nearly full",
    severity: "critical",
    condition: { kind: "threshold", metric: "disk_usage", comparison: "above", value: 90 },
    for: 5 * minute,
  },
  {
    id: "disk-full-soon",
    name: "Disk full within three days",
    severity: "warning",
    condition: { kind: "disk-forecast", within: 3 },
    for: 0,
  },
  {
    id: "node-offline",
    name: "Node offline",
    severity: "critical",
    condition: { kind: "node-offline" },
    for: 2 * minute,
  },
  {
    id: "memory-nearly-full",
    name: "Memory nearly full",
    severity: "warning",
    condition: { kind: "threshold", metric: "memory_usage", comparison: "above", value: 95 },
    for: 10 * minute,
  },
] as const;

/** Rules, alerts, incidents, silences, channels and what they were told. */
export const alerts: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    await schema
      .createTable("alert_rules")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("rule_json", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("changed_at", "integer", (column) => column.notNull())
      .execute();
    await schema
      .createTable("incidents")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("rule_id", "text", (column) => column.notNull())
      .addColumn("rule_name", "text", (column) => column.notNull())
      .addColumn("severity", "text", (column) => column.notNull())
      .addColumn("group_name", "text", (column) => column.notNull())
      .addColumn("started_at", "integer", (column) => column.notNull())
      .addColumn("resolved_at", "integer")
      .addColumn("notified_at", "integer")
      .addColumn("notified_alerts", "integer", (column) => column.notNull())
      .addColumn("held", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("incidents_started").on("incidents").columns(["started_at", "id"]).execute();
    await schema
      .createTable("alerts")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("rule_id", "text", (column) => column.notNull())
      .addColumn("rule_name", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("severity", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("node_key", "integer", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("incident_id", "text", (column) => column.notNull())
      .addColumn("value", "real")
      .addColumn("threshold", "real")
      .addColumn("texts_json", "text", (column) => column.notNull())
      .addColumn("started_at", "integer", (column) => column.notNull())
      .addColumn("acknowledged_at", "integer")
      .addColumn("acknowledged_by", "text")
      .addColumn("resolved_at", "integer")
      .execute();
    await schema.createIndex("alerts_started").on("alerts").columns(["started_at", "id"]).execute();
    await schema.createIndex("alerts_node").on("alerts").columns(["node_key", "started_at"]).execute();
    await schema.createIndex("alerts_incident").on("alerts").column("incident_id").execute();
    await schema.createIndex("alerts_resolved").on("alerts").column("resolved_at").execute();
    await schema
      .createTable("alert_silences")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("rule_id", "text")
      .addColumn("node_key", "integer")
      .addColumn("until", "integer", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .execute();
    await schema
      .createTable("notification_channels")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("enabled", "integer", (column) => column.notNull())
      .addColumn("language", "text", (column) => column.notNull())
      .addColumn("email_json", "text")
      .addColumn("secrets", "blob", (column) => column.notNull())
      .addColumn("dropped", "integer", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .execute();
    await schema
      .createTable("notifications")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("channel_id", "text", (column) => column.notNull())
      .addColumn("incident_id", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("title", "text", (column) => column.notNull())
      .addColumn("content_json", "text", (column) => column.notNull())
      .addColumn("attempts", "integer", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("next_attempt_at", "integer")
      .addColumn("sent_at", "integer")
      .addColumn("error", "text")
      .execute();
    await schema.createIndex("notifications_created").on("notifications").columns(["created_at", "id"]).execute();
    await schema
      .createIndex("notifications_channel")
      .on("notifications")
      .columns(["channel_id", "state", "created_at"])
      .execute();
    const now = Date.now();
    const rules = defaultRules.map(({ id, ...rule }) => ({
      id,
      rule_json: JSON.stringify({ ...rule, enabled: true, scope: { kind: "all" }, channels: [] }),
      created_at: now,
      changed_at: now,
    }));
    await (database as Kysely<{ alert_rules: (typeof rules)[number] }>)
      .insertInto("alert_rules")
      .values(rules)
      .execute();
  },
};
