import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Servers of the monitoring protocol: the keys with which they come in. */
export const monitoring: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    const { schema } = database;
    await schema
      .createTable("api_keys")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("secret_hash", "text", (column) => column.notNull())
      .addColumn("node_key", "integer", (column) => column.notNull().references("nodes.key").onDelete("cascade"))
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("last_used_at", "integer")
      .addColumn("revoked_at", "integer")
      .execute();
    // One key in force a server, whoever makes two in the same moment.
    await schema
      .createIndex("api_keys_node")
      .unique()
      .on("api_keys")
      .column("node_key")
      .where(sql.ref("revoked_at"), "is", null)
      .execute();
  },
};
