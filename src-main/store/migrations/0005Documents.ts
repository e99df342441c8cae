import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Documents, and what the people who use them have besides a role: groups, permissions, a second factor. */
export const documents: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await addIdentity(database);
    await addTree(database);
    await addFiles(database);
    await addAccess(database);
    const { schema } = database;
    await schema
      .createTable("settings")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("value_json", "text", (column) => column.notNull())
      .execute();
    await schema
      .createTable("document_servers")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("name", "text", (column) => column.notNull().unique())
      .addColumn("url", "text", (column) => column.notNull())
      .addColumn("fingerprint", "text")
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("audit_action").on("audit").columns(["action", "sequence"]).execute();
  },
};

async function addIdentity({ schema }: Kysely<unknown>): Promise<void> {
  const users = schema.alterTable("users");
  await users.addColumn("nickname", "text").execute();
  await users.addColumn("last_login_at", "integer").execute();
  await users.addColumn("password_changed_at", "integer").execute();
  await users.addColumn("must_change_password", "integer", (column) => column.notNull().defaultTo(0)).execute();
  await users.addColumn("avatar_document_id", "text").execute();
  await users.addColumn("totp_secret", "blob").execute();
  await users.addColumn("totp_confirmed_at", "integer").execute();
  await users.addColumn("totp_last_step", "integer").execute();
  await schema
    .alterTable("sessions")
    .addColumn("kind", "text", (column) => column.notNull().defaultTo("console"))
    .execute();
  await schema
    .createTable("user_backup_codes")
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("code_hash", "text", (column) => column.notNull())
    .addColumn("used_at", "integer")
    .addPrimaryKeyConstraint("user_backup_codes_key", ["user_id", "code_hash"])
    .execute();
  await schema
    .createTable("document_tokens")
    .addColumn("token_hash", "text", (column) => column.primaryKey())
    .addColumn("session_id", "text", (column) => column.notNull().references("sessions.id").onDelete("cascade"))
    .addColumn("expires_at", "integer", (column) => column.notNull())
    .execute();
  await schema.createIndex("document_tokens_session").on("document_tokens").column("session_id").execute();
  await schema
    .createTable("user_groups")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("display_name", "text")
    .addColumn("created_at", "integer", (column) => column.notNull())
    .execute();
  await schema
    .createTable("user_group_members")
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("group_name", "text", (column) => column.notNull().references("user_groups.name").onDelete("cascade"))
    .addColumn("start_at", "integer", (column) => column.notNull())
    .addColumn("end_at", "integer")
    .addPrimaryKeyConstraint("user_group_members_key", ["user_id", "group_name"])
    .execute();
  await schema
    .createTable("permission_grants")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("user_id", "text", (column) => column.references("users.id").onDelete("cascade"))
    .addColumn("group_name", "text", (column) => column.references("user_groups.name").onDelete("cascade"))
    .addColumn("permission", "text", (column) => column.notNull())
    .addColumn("granted", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("start_at", "integer", (column) => column.notNull())
    .addColumn("end_at", "integer")
    .execute();
  await schema.createIndex("permission_grants_user").on("permission_grants").column("user_id").execute();
  await schema.createIndex("permission_grants_group").on("permission_grants").column("group_name").execute();
}

async function addTree({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("tree_entries")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("parent_id", "text", (column) => column.references("tree_entries.id").onDelete("cascade"))
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("current_revision_id", "text")
    .addColumn("trashed_at", "integer")
    .addColumn("trashed_by", "text")
    .addColumn("trash_id", "text")
    .execute();
  // Folders and documents of one folder share their names, whoever makes two in the same moment.
  await schema
    .createIndex("tree_entries_name")
    .unique()
    .on("tree_entries")
    .expression(sql`coalesce(parent_id, ''), name`)
    .where(sql.ref("trashed_at"), "is", null)
    .execute();
  await schema.createIndex("tree_entries_parent").on("tree_entries").column("parent_id").execute();
  await schema
    .createIndex("tree_entries_trash")
    .on("tree_entries")
    .columns(["trash_id", "trashed_at"])
    .where(sql.ref("trash_id"), "is not", null)
    .execute();
}

async function addFiles({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("blobs")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("size", "integer", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("checked_at", "integer")
    .addColumn("fault", "text")
    .execute();
  await schema
    .createTable("revisions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("document_id", "text", (column) => column.notNull().references("tree_entries.id").onDelete("cascade"))
    .addColumn("file_id", "text", (column) => column.notNull().unique())
    .addColumn("blob_hash", "text", (column) => column.references("blobs.hash"))
    .addColumn("size", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("activated_at", "integer")
    .execute();
  await schema.createIndex("revisions_document").on("revisions").columns(["document_id", "created_at"]).execute();
  await schema.createIndex("revisions_blob").on("revisions").column("blob_hash").execute();
  await schema
    .createTable("file_tasks")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("mode", "text", (column) => column.notNull())
    .addColumn("form", "text", (column) => column.notNull())
    .addColumn("revision_id", "text", (column) => column.notNull().references("revisions.id").onDelete("cascade"))
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("start_at", "integer", (column) => column.notNull())
    .addColumn("end_at", "integer", (column) => column.notNull())
    .execute();
  await schema.createIndex("file_tasks_revision").on("file_tasks").column("revision_id").execute();
  await schema.createIndex("file_tasks_end").on("file_tasks").column("end_at").execute();
}

async function addAccess({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("access_rules")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("entry_id", "text", (column) => column.notNull().references("tree_entries.id").onDelete("cascade"))
    .addColumn("access_type", "text", (column) => column.notNull())
    .addColumn("rule_json", "text", (column) => column.notNull())
    .execute();
  await schema.createIndex("access_rules_entry").on("access_rules").column("entry_id").execute();
  await schema
    .createTable("access_grants")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("user_id", "text", (column) => column.references("users.id").onDelete("cascade"))
    .addColumn("group_name", "text")
    .addColumn("entry_id", "text", (column) => column.notNull().references("tree_entries.id").onDelete("cascade"))
    .addColumn("access_type", "text", (column) => column.notNull())
    .addColumn("start_at", "integer", (column) => column.notNull())
    .addColumn("end_at", "integer")
    .execute();
  await schema.createIndex("access_grants_entry").on("access_grants").column("entry_id").execute();
  await schema
    .createTable("user_blocks")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("entry_id", "text", (column) => column.references("tree_entries.id").onDelete("cascade"))
    .addColumn("access_types_json", "text", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .addColumn("end_at", "integer")
    .addColumn("lifted_at", "integer")
    .execute();
  await schema.createIndex("user_blocks_user").on("user_blocks").column("user_id").execute();
  await schema.createIndex("user_blocks_entry").on("user_blocks").column("entry_id").execute();
}
