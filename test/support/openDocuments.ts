import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { silentLogger } from "../../src-main/base/logger.ts";
import { type Documents, openDocuments as openNoun } from "../../src-main/core/documents/documents.ts";
import type { DocumentUser } from "../../src-main/core/identity/documentTokens.ts";
import { Permissions } from "../../src-main/core/identity/permissions.ts";
import type { Database } from "../../src-main/store/database.ts";
import { ManualClock } from "./manualClock.ts";
import { openDatabase } from "./openDatabase.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface Rights {
  readonly permissions?: readonly string[];
  readonly groups?: readonly string[];
}

export interface TestDocuments extends Documents {
  readonly database: Database;
  readonly clock: ManualClock;
  readonly permissions: Permissions;
  /** Somebody without any rights who made everything that does not say otherwise. */
  readonly kim: DocumentUser;
  /** A new user who holds these rights, in the database too. */
  user(username: string, rights?: Rights): Promise<DocumentUser>;
  /** A new folder's id. */
  folder(name: string, parentId?: string, rules?: unknown): Promise<string>;
  /** The id of a new document that shows, with `size` bytes that are not on the disk. */
  document(title: string, parentId?: string, size?: number): Promise<string>;
  /** Completes a revision without an upload. */
  activate(documentId: string, revisionId: string, size?: number): Promise<void>;
}

export interface OpenDocumentsOptions {
  readonly database?: Database;
  readonly clock?: ManualClock;
  readonly folder?: string;
}

export const day = 24 * 3_600_000;

/** Documents over a real database and a real folder, with a clock that stands still; closed when the test ends. */
export async function openDocuments(
  context: Pick<TestContext, "after">,
  options: OpenDocumentsOptions = {},
): Promise<TestDocuments> {
  const database = options.database ?? (await openDatabase(context));
  const clock = options.clock ?? new ManualClock();
  const permissions = new Permissions({ database, clock });
  const documents = await openNoun({
    folder: options.folder ?? temporaryFolder(context),
    database,
    clock,
    logger: silentLogger,
    limits: { perUser: 0, perFile: 0 },
    keepDeleted: 30 * day,
    permissions,
  });
  context.after(() => documents.close());
  const user = async (username: string, rights: Rights = {}): Promise<DocumentUser> => {
    const userId = await addUser(database, username, rights);
    const held = await permissions.of(userId);
    return { userId, username, isAdministrator: false, rights: held, sessionId: "session" };
  };
  const activate = async (documentId: string, revisionId: string, size = 100): Promise<void> => {
    const { kysely } = database;
    const hash = randomBytes(32).toString("hex");
    await database.transact([
      kysely.insertInto("blobs").values({ hash, size, created_at: 0, checked_at: null, fault: null }),
      kysely
        .updateTable("revisions")
        .set({ blob_hash: hash, size, activated_at: clock.wallTime() })
        .where("id", "=", revisionId),
      kysely.updateTable("tree_entries").set({ current_revision_id: revisionId }).where("id", "=", documentId),
    ]);
  };
  const known = await database.kysely.selectFrom("users").select("id").where("username", "=", "kim").executeTakeFirst();
  const kim: DocumentUser =
    known === undefined
      ? await user("kim")
      : {
          userId: known.id,
          username: "kim",
          isAdministrator: false,
          rights: await permissions.of(known.id),
          sessionId: "session",
        };
  return {
    ...documents,
    database,
    clock,
    permissions,
    kim,
    user,
    activate,
    async folder(name, parentId, rules) {
      return (await documents.tree.createFolder({ parentId, name, by: kim, rules })).id;
    },
    async document(title, parentId, size) {
      const { document, revisionId } = await documents.tree.createDocument({ parentId, title, by: kim });
      await activate(document.id, revisionId, size);
      return document.id;
    },
  };
}

async function addUser(database: Database, username: string, rights: Rights): Promise<string> {
  const { kysely } = database;
  const id = randomBytes(6).toString("hex");
  const { permissions = [], groups = [] } = rights;
  // Without a password that takes time to hash: nobody signs in here.
  const user = { id, username, password_hash: "", role: "viewer", groups_json: "[]", created_at: 0 };
  const nothing = {
    nickname: null,
    last_login_at: null,
    password_changed_at: null,
    avatar_document_id: null,
    totp_secret: null,
    totp_confirmed_at: null,
    totp_last_step: null,
  };
  await database.transact([
    kysely.insertInto("users").values({ ...user, ...nothing }),
    ...groups.map((name) =>
      kysely
        .insertInto("user_groups")
        .values({ name, display_name: null, created_at: 0 })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    ...groups.map((group_name) =>
      kysely.insertInto("user_group_members").values({ user_id: id, group_name, start_at: 0, end_at: null }),
    ),
    ...permissions.map((permission) =>
      kysely
        .insertInto("permission_grants")
        .values({ user_id: id, group_name: null, permission, start_at: 0, end_at: null }),
    ),
  ]);
  return id;
}
