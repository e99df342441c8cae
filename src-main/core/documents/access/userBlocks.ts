import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import { type AccessType, isAccessType } from "../accessType.ts";
import type { TreeLock } from "../tree/treeLock.ts";
import { storableTime } from "./storableTime.ts";

/** A user who may not do something, on one entry (it does not reach inside) or everywhere. `manage` cannot be blocked. */
export interface UserBlock {
  readonly id: number;
  readonly userId: string;
  readonly username: string;
  /** Undefined: everywhere. */
  readonly entryId: string | undefined;
  readonly entryKind: "folder" | "document" | undefined;
  readonly types: readonly AccessType[];
  /** A user name. */
  readonly createdBy: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Undefined: for ever. */
  readonly endAt: number | undefined;
  readonly liftedAt: number | undefined;
  /** In force at this moment. */
  readonly active: boolean;
}

export interface NewUserBlock {
  readonly userId: string;
  /** Undefined: everywhere. */
  readonly entryId: string | undefined;
  readonly types: readonly string[];
  /** Milliseconds since 1970; undefined: for ever. */
  readonly endAt: number | undefined;
  /** A user name. */
  readonly by: string;
}

export interface UserBlocksOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly lock: TreeLock;
}

const mostOfUser = 1_000;

export class UserBlocks {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #lock: TreeLock;

  constructor(options: UserBlocksOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#lock = options.lock;
  }

  /**
   * @returns the block's id
   * @throws {PicketError} `INVALID_PARAMS` for a type that cannot be blocked, `USER_NOT_FOUND`, `DOCUMENT_NOT_FOUND`,
   * `CONFLICT` too many
   */
  async create(block: NewUserBlock): Promise<number> {
    const types = checkTypes(block.types);
    const { kysely } = this.#database;
    return this.#lock(async () => {
      await this.#checkUser(block.userId);
      if (block.entryId !== undefined) await this.#checkEntry(block.entryId);
      const [result] = await this.#database.transact([
        kysely.insertInto("user_blocks").values({
          user_id: block.userId,
          entry_id: block.entryId ?? null,
          access_types_json: JSON.stringify(types),
          created_by: block.by,
          created_at: this.#clock.wallTime(),
          end_at: block.endAt === undefined ? null : storableTime(block.endAt),
          lifted_at: null,
        }),
      ]);
      return result?.lastInsertRowid ?? 0;
    });
  }

  /** `ended`: it was over or lifted before. */
  async lift(blockId: number): Promise<"lifted" | "ended" | "unknown"> {
    const now = this.#clock.wallTime();
    const [result] = await this.#database.transact([
      this.#database.kysely
        .updateTable("user_blocks")
        .set({ lifted_at: now })
        .where("id", "=", blockId)
        .where("lifted_at", "is", null)
        .where(({ eb, or }) => or([eb("end_at", "is", null), eb("end_at", ">", now)])),
    ]);
    if (result?.changes === 1) return "lifted";
    return (await this.get(blockId)) === undefined ? "unknown" : "ended";
  }

  async get(blockId: number): Promise<UserBlock | undefined> {
    const row = await selectBlocks(this.#database).where("user_blocks.id", "=", blockId).executeTakeFirst();
    return row === undefined ? undefined : this.#toBlock(row);
  }

  /** A user's, the newest first, also those that are over. */
  async listOf(userId: string): Promise<readonly UserBlock[]> {
    const rows = await selectBlocks(this.#database).where("user_blocks.user_id", "=", userId).execute();
    return rows.map((row) => this.#toBlock(row));
  }

  /** The newest thousand of everybody's, the newest first, also those that are over. */
  async list(): Promise<readonly UserBlock[]> {
    const rows = await selectBlocks(this.#database).limit(1_000).execute();
    return rows.map((row) => this.#toBlock(row));
  }

  #toBlock(row: BlockRow): UserBlock {
    const ended = row.end_at !== null && row.end_at <= this.#clock.wallTime();
    return {
      id: row.id,
      userId: row.user_id,
      username: row.username,
      entryId: row.entry_id ?? undefined,
      entryKind: row.kind === null ? undefined : row.kind === "folder" ? "folder" : "document",
      types: JSON.parse(row.access_types_json) as AccessType[],
      createdBy: row.created_by,
      createdAt: row.created_at,
      endAt: row.end_at ?? undefined,
      liftedAt: row.lifted_at ?? undefined,
      active: row.lifted_at === null && !ended,
    };
  }

  async #checkUser(id: string): Promise<void> {
    const user = await this.#database.kysely
      .selectFrom("users")
      .select(({ selectFrom }) =>
        selectFrom("user_blocks")
          .select(({ fn }) => fn.countAll<number>().as("blocks"))
          .where("user_id", "=", id)
          .as("blocks"),
      )
      .where("id", "=", id)
      .executeTakeFirst();
    if (user === undefined) throw new PicketError("USER_NOT_FOUND");
    if ((user.blocks ?? 0) < mostOfUser) return;
    throw new PicketError("CONFLICT", { message: `There can be ${mostOfUser} blocks of one user.` });
  }

  async #checkEntry(id: string): Promise<void> {
    const { kysely } = this.#database;
    const entries = kysely.selectFrom("tree_entries").select("id").where("id", "=", id).where("trashed_at", "is", null);
    if ((await entries.execute()).length === 0) throw new PicketError("DOCUMENT_NOT_FOUND");
  }
}

type BlockRow = Awaited<ReturnType<ReturnType<typeof selectBlocks>["executeTakeFirstOrThrow"]>>;

function selectBlocks({ kysely }: Database) {
  return kysely
    .selectFrom("user_blocks")
    .innerJoin("users", "users.id", "user_blocks.user_id")
    .leftJoin("tree_entries", "tree_entries.id", "user_blocks.entry_id")
    .selectAll("user_blocks")
    .select(["users.username", "tree_entries.kind"])
    .orderBy("user_blocks.id", "desc");
}

function checkTypes(types: readonly string[]): readonly AccessType[] {
  const checked = [...new Set(types)].filter(isAccessType);
  const bad = types.find((type) => !isAccessType(type) || type === "manage");
  if (bad !== undefined) {
    throw new PicketError("INVALID_PARAMS", { message: "Unsupported block type(s)", details: bad.slice(0, 64) });
  }
  if (checked.length === 0) throw new PicketError("INVALID_PARAMS", { message: "No access type is named." });
  return checked;
}
