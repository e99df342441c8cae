import { type Compilable, sql } from "kysely";
import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { AccessFacts } from "../access/accessFacts.ts";
import { rulesThatReach } from "../access/decide.ts";
import { accessTypes } from "../accessType.ts";
import { checkName } from "../names.ts";
import type { TreeLock } from "./treeLock.ts";
import type { TreePlaces } from "./treePlaces.ts";
import type { TreeQueries } from "./treeQueries.ts";

/** What was deleted in one go: an entry with everything that was in it. */
export interface BinEntry {
  /** The deleted entry's own id. */
  readonly trashId: string;
  readonly kind: "folder" | "document";
  readonly name: string;
  /** Where it was; undefined: at the root. The folder may be gone or in the bin too. */
  readonly parentId: string | undefined;
  /** Milliseconds since 1970. */
  readonly deletedAt: number;
  /** A user name. */
  readonly deletedBy: string;
  /** When it goes for good. */
  readonly expiresAt: number;
  /** Documents that come back with it. */
  readonly documents: number;
  /** Bytes of all their revisions. */
  readonly bytes: number;
}

export interface RestoreOptions {
  /** Another place than where it was; `{ parentId: undefined }` is the root. */
  readonly into?: { readonly parentId: string | undefined } | undefined;
  /** Another name, when its own is taken. */
  readonly name?: string | undefined;
}

export interface BinOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly queries: TreeQueries;
  readonly places: TreePlaces;
  readonly facts: AccessFacts;
  readonly lock: TreeLock;
  /** How long it keeps things, in milliseconds. */
  readonly keep: number;
  /** Documents whose bytes somebody reads at this moment. */
  readonly downloading: () => ReadonlySet<string>;
  /** Told when files may have become superfluous. */
  readonly onRemoved: () => void;
}

/** What was deleted, until its time is over. */
export class Bin {
  readonly #options: BinOptions;

  constructor(options: BinOptions) {
    this.#options = options;
  }

  /** Everything in it, what was deleted last first. */
  async list(): Promise<readonly BinEntry[]> {
    const rows = await this.#select().execute();
    return rows.map((row) => ({
      trashId: row.id,
      kind: row.kind === "folder" ? "folder" : "document",
      name: row.name,
      parentId: row.parent_id ?? undefined,
      deletedAt: row.trashed_at ?? 0,
      deletedBy: row.trashed_by ?? "",
      expiresAt: (row.trashed_at ?? 0) + this.#options.keep,
      documents: row.documents,
      bytes: row.bytes,
    }));
  }

  /**
   * Brings an entry back with everything that was deleted with it: to where it was, or to the root when that folder is gone
   * or in the bin. There it takes the rules along that reached it from above: what was closed does not open by this.
   *
   * @returns where it is now
   * @throws {PicketError} `DOCUMENT_NOT_FOUND` it is not in the bin, `FOLDER_NOT_FOUND`, `NAME_TAKEN`, `NAME_INVALID`,
   * `CONFLICT` too deep or too many
   */
  async restore(
    trashId: string,
    { into, name }: RestoreOptions = {},
  ): Promise<{ readonly parentId: string | undefined }> {
    const given = name === undefined ? undefined : checkName(name);
    const { database, queries, places, lock } = this.#options;
    return lock(async () => {
      const entry = await this.#get(trashId);
      const before = entry.parent_id ?? undefined;
      const isThere = before === undefined || (await queries.entry(before)) !== undefined;
      const parentId = into === undefined ? (isThere ? before : undefined) : into.parentId;
      const stored = given ?? entry.name;
      await places.checkRoom({ parentId, name: stored, height: await queries.heightOf(trashId) });
      const rules = into === undefined && !isThere ? await this.#rulesFromAbove([trashId]) : [];
      const { kysely } = database;
      await database.transact([
        ...rules,
        kysely
          .updateTable("tree_entries")
          .set({ parent_id: parentId ?? null, name: stored })
          .where("id", "=", trashId),
        kysely
          .updateTable("tree_entries")
          .set({ trashed_at: null, trashed_by: null, trash_id: null })
          .where("trash_id", "=", trashId),
      ]);
      return { parentId };
    });
  }

  /**
   * Deletes an entry of the bin for good, with its revisions, rules, grants and blocks. What was deleted from inside it
   * earlier stays in the bin by itself.
   *
   * @throws {PicketError} `DOCUMENT_NOT_FOUND` it is not in the bin, `TRANSFER_RUNNING`
   */
  async purge(trashId: string): Promise<void> {
    const { database, queries, lock, downloading, onRemoved } = this.#options;
    await lock(async () => {
      await this.#get(trashId);
      if ((await queries.within(trashId, [...downloading()])).length > 0) throw new PicketError("TRANSFER_RUNNING");
      const { kysely } = database;
      const left = await kysely
        .selectFrom("tree_entries")
        .select("id")
        .where("trash_id", "!=", trashId)
        .where("parent_id", "in", kysely.selectFrom("tree_entries").select("id").where("trash_id", "=", trashId))
        .execute();
      const ids = left.map(({ id }) => id);
      const inList = sql<string>`(select value from json_each(${JSON.stringify(ids)}))`;
      await database.transact([
        ...(await this.#rulesFromAbove(ids)),
        kysely.updateTable("tree_entries").set({ parent_id: null }).where("id", "in", inList),
        kysely.deleteFrom("tree_entries").where("id", "=", trashId),
      ]);
    });
    onRemoved();
  }

  /**
   * Purges all.
   *
   * @throws {PicketError} `TRANSFER_RUNNING` somebody downloads something of it; the rest is gone
   */
  async empty(): Promise<void> {
    await this.#purgeAll((await this.list()).map(({ trashId }) => trashId));
  }

  /**
   * Purges what is there longer than it needs to be.
   *
   * @throws {PicketError} as `empty`
   */
  async purgeOld(): Promise<void> {
    const until = this.#options.clock.wallTime() - this.#options.keep;
    const rows = await this.#select().where("entry.trashed_at", "<=", until).execute();
    // The oldest first: what was deleted from inside a folder goes before the folder.
    await this.#purgeAll(rows.map(({ id }) => id).reverse());
  }

  async #purgeAll(trashIds: readonly string[]): Promise<void> {
    let refusal: PicketError | undefined;
    for (const id of trashIds) {
      try {
        await this.purge(id);
      } catch (error) {
        if (!(error instanceof PicketError)) throw error;
        if (error.code === "TRANSFER_RUNNING") refusal = error;
        // Somebody else restored or purged it meanwhile.
        else if (error.code !== "DOCUMENT_NOT_FOUND") throw error;
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  async #get(trashId: string) {
    const row = await this.#options.database.kysely
      .selectFrom("tree_entries")
      .select(["name", "parent_id"])
      .where("id", "=", trashId)
      .where("trash_id", "=", trashId)
      .executeTakeFirst();
    if (row === undefined) throw new PicketError("DOCUMENT_NOT_FOUND");
    return row;
  }

  /** The statements that write down, on the entries themselves, the rules that reach them from the folders above. */
  async #rulesFromAbove(ids: readonly string[]): Promise<readonly Compilable[]> {
    if (ids.length === 0) return [];
    const { facts, database } = this.#options;
    const { chains } = await facts.of(ids, undefined);
    return [...chains].flatMap(([id, chain]) =>
      accessTypes
        .flatMap((type) => rulesThatReach(chain, type))
        .filter(({ inherited }) => inherited)
        .map(({ accessType, rule: { __noinherit__: _, ...rule } }) =>
          database.kysely
            .insertInto("access_rules")
            .values({ entry_id: id, access_type: accessType, rule_json: JSON.stringify(rule) }),
        ),
    );
  }

  #select() {
    return this.#options.database.kysely
      .selectFrom("tree_entries as entry")
      .select(["entry.id", "entry.kind", "entry.name", "entry.parent_id", "entry.trashed_at", "entry.trashed_by"])
      .select(
        sql<number>`(select count(*) from tree_entries where trash_id = entry.id and kind = 'document')`.as(
          "documents",
        ),
      )
      .select(
        sql<number>`(select coalesce(sum(revisions.size), 0) from tree_entries as document
          join revisions on revisions.document_id = document.id where document.trash_id = entry.id)`.as("bytes"),
      )
      .where("entry.trash_id", "is not", null)
      .whereRef("entry.trash_id", "=", "entry.id")
      .orderBy("entry.trashed_at", "desc")
      .orderBy("entry.name");
  }
}
