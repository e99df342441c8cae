// A core's documents in a process of their own, without sockets: how long it takes to read a large folder and to decide.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { type Documents, openDocuments } from "../../../src-main/core/documents/documents.ts";
import type { DocumentUser } from "../../../src-main/core/identity/documentTokens.ts";
import { Permissions } from "../../../src-main/core/identity/permissions.ts";
import { Database } from "../../../src-main/store/database.ts";
import { serveCalls } from "../support/child.ts";

interface Open {
  readonly folder: string;
  readonly documents: number;
  /** How many folders are around the large one. */
  readonly depth: number;
  readonly users: number;
}

const nobody: DocumentUser = {
  userId: "0",
  username: "bench",
  isAdministrator: false,
  rights: { permissions: new Set(["p"]), groups: new Set() },
  sessionId: "bench",
};
const rule = { match: "all", match_groups: [{ rights: { require: ["p"] } }] };
const atOnce = 1_000;

let documents: Documents | undefined;
let bare: DatabaseSync | undefined;
let large = "";

const calls = {
  /** Makes the folder, each folder around it with a rule that is met. */
  async open({ folder, documents: count, depth, users }: Open): Promise<void> {
    const database = await Database.open({ file: join(folder, "picket.db") });
    documents = await openDocuments({
      folder,
      database,
      clock: systemClock,
      logger: silentLogger,
      permissions: new Permissions({ database, clock: systemClock }),
      limits: { perUser: 0, perFile: 0 },
      keepDeleted: 1,
    });
    for (let level = 0; level < depth; level += 1) {
      const parentId = large === "" ? undefined : large;
      const made = { parentId, name: `level ${level}`, by: nobody, rules: { read: [rule] } };
      large = (await documents.tree.createFolder(made)).id;
    }
    for (let first = 0; first < count; first += atOnce) await fill(database, first);
    await addUsers(database, users);
    bare = new DatabaseSync(join(folder, "picket.db"));
  },

  /** Milliseconds until the whole folder is there, once. */
  async list(expected: number): Promise<number> {
    const startedAt = performance.now();
    const content = await documents?.tree.list(large);
    const milliseconds = performance.now() - startedAt;
    if (content?.documents.length !== expected) throw new Error(`${content?.documents.length} documents are listed`);
    return milliseconds;
  },

  /** The same rows with nothing around them, on the thread that asks. */
  listBare(expected: number): number {
    const startedAt = performance.now();
    const rows = bare
      ?.prepare(
        `select entry.*, current.size, current.blob_hash, current.created_at as modified_at from tree_entries as entry
          join revisions as current on current.id = entry.current_revision_id where parent_id = ? order by name`,
      )
      .all(large);
    const milliseconds = performance.now() - startedAt;
    if (rows?.length !== expected) throw new Error(`${rows?.length} rows are there`);
    return milliseconds;
  },

  /** Milliseconds of one decision, of many one after another. */
  async check(count: number): Promise<number> {
    const startedAt = performance.now();
    for (let done = 0; done < count; done += 1) await documents?.access.check(nobody, "read", large);
    return (performance.now() - startedAt) / count;
  },

  /** Milliseconds until it is known of every user. */
  async whoCan(): Promise<number> {
    const startedAt = performance.now();
    await documents?.access.whoCan("read", large);
    return performance.now() - startedAt;
  },
};

export type FolderReader = typeof calls;

/** Documents that look as if they had been uploaded. */
async function fill(database: Database, first: number): Promise<void> {
  const { kysely } = database;
  const time = 1_760_000_000_000;
  const statements = Array.from({ length: atOnce }, (_, index) => {
    const number = first + index;
    const id = number.toString(16).padStart(64, "0");
    const made = { created_at: time + number, created_by: "somebody" };
    return [
      kysely.insertInto("blobs").values({ hash: id, size: number, created_at: time, checked_at: null, fault: null }),
      kysely.insertInto("tree_entries").values({
        ...{ id, parent_id: large, kind: "document", name: `Quarterly report ${number}.pdf`, ...made },
        ...{ current_revision_id: id, trashed_at: null, trashed_by: null, trash_id: null },
      }),
      kysely.insertInto("revisions").values({
        ...{ id, document_id: id, file_id: id, blob_hash: id, size: number, ...made, activated_at: time },
      }),
    ];
  });
  await database.transact(statements.flat());
}

/** Half of them with the permission that the rules ask for, through a group. */
async function addUsers(database: Database, count: number): Promise<void> {
  const { kysely } = database;
  const times = { start_at: 0, end_at: null };
  const user = { password_hash: "", role: "viewer", groups_json: "[]", created_at: 0 };
  const nothing = {
    ...{ nickname: null, last_login_at: null, password_changed_at: null, avatar_document_id: null },
    ...{ totp_secret: null, totp_confirmed_at: null, totp_last_step: null },
  };
  await database.transact([
    kysely.insertInto("user_groups").values({ name: "readers", display_name: null, created_at: 0 }),
    kysely.insertInto("permission_grants").values({ user_id: null, group_name: "readers", permission: "p", ...times }),
    ...Array.from({ length: count }, (_, number) =>
      kysely.insertInto("users").values({ id: `${number}`, username: `user ${number}`, ...user, ...nothing }),
    ),
    ...Array.from({ length: count / 2 }, (_, number) =>
      kysely.insertInto("user_group_members").values({ user_id: `${number}`, group_name: "readers", ...times }),
    ),
  ]);
}

serveCalls(calls);
