import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { PicketError } from "../../src-main/base/errors.ts";
import { Database } from "../../src-main/store/database.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const tables = [
  "access_grants",
  "access_rules",
  "alert_rules",
  "alert_silences",
  "alerts",
  "api_keys",
  "audit",
  "blobs",
  "commands",
  "document_servers",
  "document_tokens",
  "enrolment_tokens",
  "file_tasks",
  "incidents",
  "metric_cuts",
  "metric_journal",
  "metric_minutes",
  "metric_quarters",
  "metric_raw",
  "metric_series",
  "nodes",
  "notification_channels",
  "notifications",
  "permission_grants",
  "revisions",
  "room_tokens",
  "sessions",
  "settings",
  "token_enrolments",
  "tree_entries",
  "user_backup_codes",
  "user_blocks",
  "user_group_members",
  "user_groups",
  "users",
];

/** Every file of a folder with what is in it. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}

test("an empty folder gets every table", async (t) => {
  const database = await Database.open({ file: join(temporaryFolder(t), "picket.db") });
  const found = await database.kysely.introspection.getTables();
  await database.close();
  assert.deepEqual(
    found.map(({ name }) => name).filter((name) => !name.startsWith("sqlite_")),
    tables,
  );
});

test("opened again, the database is as it was left", async (t) => {
  const file = join(temporaryFolder(t), "picket.db");
  const user = { id: "1", username: "anna", password_hash: "x", role: "viewer", groups_json: null, created_at: 5 };
  const first = await Database.open({ file });
  await first.transact([first.kysely.insertInto("users").values(user)]);
  await first.close();
  for (let time = 0; time < 2; time += 1) {
    const again = await Database.open({ file });
    const columns = ["id", "username", "password_hash", "role", "groups_json", "created_at"] as const;
    assert.deepEqual(await again.kysely.selectFrom("users").select(columns).execute(), [user]);
    await again.close();
  }
});

test("what closed in order leaves one file: nothing waits in a journal beside it", async (t) => {
  const folder = temporaryFolder(t);
  const database = await Database.open({ file: join(folder, "picket.db") });
  await database.close();
  assert.deepEqual(readdirSync(folder), ["picket.db"]);
});

test("a database of a newer version is refused, and not a byte of it is changed", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "picket.db");
  await (await Database.open({ file })).close();
  const newer = new DatabaseSync(file);
  newer.exec("insert into kysely_migration (name, timestamp) values ('0002_from_the_future', '2031-01-01')");
  newer.close();
  const before = contents(folder);
  for (let time = 0; time < 2; time += 1) {
    await assert.rejects(Database.open({ file }), (error) => {
      assert.ok(error instanceof PicketError);
      assert.equal(error.code, "DATA_FOLDER_TOO_NEW");
      assert.match(error.details ?? "", /0002_from_the_future/);
      return true;
    });
    assert.deepEqual(contents(folder), before);
  }
});

for (const [what, content] of [
  ["text", "this is no database\n".repeat(1_000)],
  ["a header and nothing behind it", `SQLite format 3\0${"x".repeat(84)}`],
] as const) {
  test(`a file that is ${what} is refused and left as it is`, async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, "picket.db");
    writeFileSync(file, content);
    await assert.rejects(
      Database.open({ file }),
      (error) => error instanceof PicketError && error.code === "DATABASE_ERROR",
    );
    assert.equal(readFileSync(file, "utf8"), content);
  });
}

test("a folder that is not there is an error of the database, not a crash", async (t) => {
  await assert.rejects(
    Database.open({ file: join(temporaryFolder(t), "missing", "picket.db") }),
    (error) => error instanceof PicketError && error.code === "DATABASE_ERROR",
  );
});
