import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { RevisionsTable } from "../../../store/tables.ts";
import type { Revision } from "./revision.ts";
import type { TreeLock } from "./treeLock.ts";

export interface RevisionsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly lock: TreeLock;
  /** Documents whose bytes somebody reads at this moment. */
  readonly downloading: () => ReadonlySet<string>;
  /** Told when files may have become superfluous. */
  readonly onRemoved: () => void;
}

const mostOfDocument = 10_000;

/** The versions of documents. */
export class Revisions {
  readonly #options: RevisionsOptions;

  constructor(options: RevisionsOptions) {
    this.#options = options;
  }

  /** All of a document's, the newest first, also those whose upload is not complete. */
  async list(documentId: string): Promise<readonly Revision[]> {
    const rows = await this.#options.database.kysely
      .selectFrom("revisions")
      .selectAll()
      .where("document_id", "=", documentId)
      .orderBy("created_at", "desc")
      .orderBy(sql`rowid`, "desc")
      .execute();
    return rows.map(toRevision);
  }

  async get(id: string): Promise<Revision | undefined> {
    const { kysely } = this.#options.database;
    const row = await kysely.selectFrom("revisions").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : toRevision(row);
  }

  /**
   * A revision to be uploaded. Until then the document stays as it is.
   *
   * @param by a user name
   * @throws {PicketError} `DOCUMENT_NOT_FOUND`, `CONFLICT` too many
   */
  async create(documentId: string, by: string): Promise<Revision> {
    const { database, lock, clock } = this.#options;
    const { kysely } = database;
    const row = {
      id: newId(),
      document_id: documentId,
      file_id: newId(),
      blob_hash: null,
      size: 0,
      created_at: clock.wallTime(),
      created_by: by,
      activated_at: null,
    };
    return lock(async () => {
      const document = await kysely
        .selectFrom("tree_entries")
        .select(({ selectFrom }) =>
          selectFrom("revisions")
            .select(({ fn }) => fn.countAll<number>().as("revisions"))
            .where("document_id", "=", documentId)
            .as("revisions"),
        )
        .where("id", "=", documentId)
        .where("kind", "=", "document")
        .where("trashed_at", "is", null)
        .executeTakeFirst();
      if (document === undefined) throw new PicketError("DOCUMENT_NOT_FOUND");
      if ((document.revisions ?? 0) >= mostOfDocument) {
        throw new PicketError("CONFLICT", { message: `A document can have ${mostOfDocument} revisions.` });
      }
      await database.transact([kysely.insertInto("revisions").values(row)]);
      return toRevision(row);
    });
  }

  /**
   * Shows another revision of the document, without changing any.
   *
   * @throws {PicketError} `REVISION_NOT_FOUND` it is not the document's, or its upload is not complete
   */
  async setCurrent(documentId: string, revisionId: string): Promise<void> {
    const { database, lock } = this.#options;
    await lock(async () => {
      const [result] = await database.transact([
        database.kysely
          .updateTable("tree_entries")
          .set({ current_revision_id: revisionId })
          .where("id", "=", documentId)
          .where("trashed_at", "is", null)
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom("revisions")
                .select("revisions.id")
                .where("revisions.id", "=", revisionId)
                .where("revisions.document_id", "=", documentId)
                .where("revisions.activated_at", "is not", null),
            ),
          ),
      ]);
      if (result?.changes !== 1) throw new PicketError("REVISION_NOT_FOUND");
    });
  }

  /**
   * Deletes one revision for good. When it was the current one, the newest that is left becomes it.
   *
   * @throws {PicketError} `REVISION_NOT_FOUND`, `CONFLICT` it is the last one that shows, `TRANSFER_RUNNING`
   */
  async remove(revisionId: string): Promise<void> {
    const { database, lock, downloading, onRemoved } = this.#options;
    await lock(async () => {
      const revision = await this.get(revisionId);
      if (revision === undefined) throw new PicketError("REVISION_NOT_FOUND");
      const { documentId } = revision;
      if (downloading().has(documentId)) throw new PicketError("TRANSFER_RUNNING");
      const { kysely } = database;
      const others = sql<string>`(select id from revisions where document_id = ${documentId} and id <> ${revisionId}
        and activated_at is not null order by created_at desc, rowid desc limit 1)`;
      // An upload may become complete in between: the conditions are in the statements.
      const [, removed] = await database.transact([
        kysely
          .updateTable("tree_entries")
          .set({ current_revision_id: others })
          .where("id", "=", documentId)
          .where("current_revision_id", "=", revisionId)
          .where(sql<boolean>`exists ${others}`),
        kysely
          .deleteFrom("revisions")
          .where("id", "=", revisionId)
          .where(
            sql<boolean>`not exists (select 1 from tree_entries where id = ${documentId}
              and current_revision_id = ${revisionId})`,
          ),
      ]);
      if (removed?.changes !== 1) {
        throw new PicketError("CONFLICT", { message: "This is the document's last revision: delete the document." });
      }
    });
    onRemoved();
  }
}

function toRevision(row: Omit<RevisionsTable, "size"> & { readonly size: number }): Revision {
  return {
    id: row.id,
    documentId: row.document_id,
    fileId: row.file_id,
    size: row.size,
    sha256: row.blob_hash ?? undefined,
    createdAt: row.created_at,
    createdBy: row.created_by,
    activatedAt: row.activated_at ?? undefined,
  };
}

function newId(): string {
  return randomBytes(32).toString("hex");
}
