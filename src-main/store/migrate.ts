import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { PicketError } from "../base/errors.ts";
import { trunk } from "./migrations/0001Trunk.ts";
import { monitoring } from "./migrations/0002Monitoring.ts";
import { rooms } from "./migrations/0003Rooms.ts";
import { alerts } from "./migrations/0004Alerts.ts";
import { documents } from "./migrations/0005Documents.ts";

/** Every step from an empty database to this version's, in order. A step that was released is never changed. */
const migrations = {
  "0001_trunk": trunk,
  "0002_monitoring": monitoring,
  "0003_rooms": rooms,
  "0004_alerts": alerts,
  "0005_documents": documents,
};

/**
 * Brings the database up to this version.
 *
 * @throws {PicketError} `DATA_FOLDER_TOO_NEW` before anything is changed, when a newer version wrote it
 */
export async function migrate(kysely: Kysely<unknown>): Promise<void> {
  const tables = await kysely.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.some((table) => table.name === "kysely_migration")) await refuseNewer(kysely);
  const migrator = new Migrator({ db: kysely, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new PicketError("DATABASE_ERROR", { cause: error, details: "migration failed" });
}

async function refuseNewer(kysely: Kysely<unknown>): Promise<void> {
  const executed = await (kysely as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom("kysely_migration")
    .select("name")
    .execute();
  const unknown = executed.filter(({ name }) => !Object.hasOwn(migrations, name)).map(({ name }) => name);
  if (unknown.length > 0) throw new PicketError("DATA_FOLDER_TOO_NEW", { details: `it has ${unknown.join(", ")}` });
}
