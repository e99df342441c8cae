import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The tokens of rooms. Who is in a room is known only while it is open, and stored nowhere. */
export const rooms: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema
      .createTable("room_tokens")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("secret_hash", "text", (column) => column.notNull())
      .addColumn("name", "text")
      .addColumn("max_clients", "integer")
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("expires_at", "integer")
      .addColumn("revoked_at", "integer")
      .execute();
  },
};
