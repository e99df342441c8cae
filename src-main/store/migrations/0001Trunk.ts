import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** The tables of the first version. */
export const trunk: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    await schema
      .createTable("nodes")
      .addColumn("key", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("node_id", "text", (column) => column.notNull().unique())
      .addColumn("name", "text")
      .addColumn("hostname", "text", (column) => column.notNull())
      .addColumn("ip_address", "text", (column) => column.notNull())
      .addColumn("os_info", "text")
      .addColumn("group_name", "text", (column) => column.notNull())
      .addColumn("tags_json", "text", (column) => column.notNull())
      .addColumn("capabilities_json", "text", (column) => column.notNull())
      .addColumn("facts_json", "text")
      .addColumn("public_key", "text")
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("last_seen_at", "integer")
      .execute();
    await schema
      .createTable("enrolment_tokens")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("secret_hash", "text", (column) => column.notNull())
      .addColumn("name", "text")
      .addColumn("group_name", "text", (column) => column.notNull())
      .addColumn("uses", "integer", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("expires_at", "integer")
      .addColumn("revoked_at", "integer")
      .execute();
    await schema
      .createTable("token_enrolments")
      .addColumn("token_id", "text", (column) => column.notNull())
      .addColumn("node_id", "text", (column) => column.notNull())
      .addColumn("enrolled_at", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("token_enrolments_key", ["token_id", "node_id"])
      .execute();
    await schema
      .createTable("users")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("username", sql`text collate nocase`, (column) => column.notNull().unique())
      .addColumn("password_hash", "text", (column) => column.notNull())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("groups_json", "text")
      .addColumn("created_at", "integer", (column) => column.notNull())
      .execute();
    await schema
      .createTable("sessions")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
      .addColumn("refresh_hash", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("used_at", "integer", (column) => column.notNull())
      .addColumn("expires_at", "integer", (column) => column.notNull())
      .addColumn("revoked_at", "integer")
      .addColumn("address", "text", (column) => column.notNull())
      .addColumn("user_agent", "text", (column) => column.notNull())
      .execute();
    await schema.createIndex("sessions_user").on("sessions").column("user_id").execute();
    await schema
      .createTable("commands")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("node_key", "integer", (column) => column.notNull())
      .addColumn("command_text", "text", (column) => column.notNull())
      .addColumn("timeout", "integer", (column) => column.notNull())
      .addColumn("status", "text", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("expires_at", "integer", (column) => column.notNull())
      .addColumn("sent_at", "integer")
      .addColumn("started_at", "integer")
      .addColumn("finished_at", "integer")
      .addColumn("exit_code", "integer")
      .addColumn("stdout", "text")
      .addColumn("stderr", "text")
      .addColumn("execution_time_ms", "integer")
      .addColumn("error_code", "text")
      .execute();
    await schema.createIndex("commands_node").on("commands").columns(["node_key", "created_at"]).execute();
    await schema.createIndex("commands_status").on("commands").columns(["status", "expires_at"]).execute();
    await schema
      .createTable("audit")
      .addColumn("sequence", "integer", (column) => column.primaryKey())
      .addColumn("time", "integer", (column) => column.notNull())
      .addColumn("actor", "text", (column) => column.notNull())
      .addColumn("action", "text", (column) => column.notNull())
      .addColumn("target", "text", (column) => column.notNull())
      .addColumn("outcome", "text", (column) => column.notNull())
      .addColumn("details_json", "text", (column) => column.notNull())
      .addColumn("hash", "text", (column) => column.notNull())
      .execute();
    await schema
      .createTable("metric_journal")
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("samples", "blob", (column) => column.notNull())
      .execute();
    await schema
      .createTable("metric_series")
      .addColumn("node_key", "integer", (column) => column.primaryKey())
      .addColumn("folded_through", "integer", (column) => column.notNull())
      .addColumn("newest", "blob", (column) => column.notNull())
      .execute();
    await schema
      .createTable("metric_raw")
      .addColumn("node_key", "integer", (column) => column.notNull())
      .addColumn("start", "integer", (column) => column.notNull())
      .addColumn("end", "integer", (column) => column.notNull())
      .addColumn("block", "blob", (column) => column.notNull())
      .addPrimaryKeyConstraint("metric_raw_key", ["node_key", "start"])
      // Clustered: the blocks of one node lie side by side, so a cold chart reads a few pages, not one per block.
      .modifyEnd(sql`without rowid`)
      .execute();
    await schema
      .createTable("metric_cuts")
      .addColumn("tier", "text", (column) => column.primaryKey())
      .addColumn("until", "integer", (column) => column.notNull())
      .execute();
    for (const table of ["metric_minutes", "metric_quarters"]) {
      await schema
        .createTable(table)
        .addColumn("node_key", "integer", (column) => column.notNull())
        .addColumn("start", "integer", (column) => column.notNull())
        .addColumn("block", "blob", (column) => column.notNull())
        .addPrimaryKeyConstraint(`${table}_key`, ["node_key", "start"])
        .modifyEnd(sql`without rowid`)
        .execute();
    }
  },
};
