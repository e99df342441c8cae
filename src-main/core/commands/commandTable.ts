import type { Compilable } from "kysely";
import type { Database } from "../../store/database.ts";
import type { CommandsTable } from "../../store/tables.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import { type Command, type CommandOutput, type CommandStatus, openStatuses } from "./command.ts";

export interface CommandQuery {
  /** Only commands of these nodes. */
  readonly nodeKeys: readonly number[];
  readonly limit: number;
  /** Only commands made before this time: the next page. */
  readonly before?: number | undefined;
  /** The last command of the page before: of those made at `before`, the ones that come after it are not left out. */
  readonly beforeId?: string | undefined;
  readonly status?: CommandStatus | undefined;
}

type CommandRow = Omit<CommandsTable, "stdout" | "stderr">;

const columns = [
  "id",
  "node_key",
  "command_text",
  "timeout",
  "status",
  "created_by",
  "created_at",
  "expires_at",
  "sent_at",
  "started_at",
  "finished_at",
  "exit_code",
  "execution_time_ms",
  "error_code",
] as const;

/** The stored commands. Outputs are read apart: a list of a hundred must not carry a hundred megabytes. */
export class CommandTable {
  readonly #database: Database;
  readonly #nodes: NodeRegistry;

  constructor(database: Database, nodes: NodeRegistry) {
    this.#database = database;
    this.#nodes = nodes;
  }

  async insert(rows: readonly CommandsTable[]): Promise<void> {
    await this.#database.transact(rows.map((row) => this.#database.kysely.insertInto("commands").values(row)));
  }

  /** Changes a command that is in one of these states; false when it is not, any more. */
  async update(id: string, from: readonly CommandStatus[], values: Partial<CommandsTable>): Promise<boolean> {
    const statement: Compilable = this.#database.kysely
      .updateTable("commands")
      .set(values)
      .where("id", "=", id)
      .where("status", "in", from);
    const [result] = await this.#database.transact([statement]);
    return result?.changes === 1;
  }

  async get(id: string): Promise<Command | undefined> {
    const row = await this.#database.kysely
      .selectFrom("commands")
      .select(columns)
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined ? undefined : this.#toCommand(row);
  }

  async output(id: string): Promise<CommandOutput> {
    const row = await this.#database.kysely
      .selectFrom("commands")
      .select(["stdout", "stderr"])
      .where("id", "=", id)
      .executeTakeFirst();
    return { stdout: row?.stdout ?? "", stderr: row?.stderr ?? "" };
  }

  async list(query: CommandQuery): Promise<Command[]> {
    let select = this.#database.kysely
      .selectFrom("commands")
      .select(columns)
      .where("node_key", "in", query.nodeKeys)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(query.limit);
    const { before, beforeId } = query;
    if (before !== undefined) {
      select = select.where(({ eb, and, or }) => {
        const older = eb("created_at", "<", before);
        if (beforeId === undefined) return older;
        return or([older, and([eb("created_at", "=", before), eb("id", "<", beforeId)])]);
      });
    }
    if (query.status !== undefined) select = select.where("status", "=", query.status);
    const rows = await select.execute();
    return rows.map((row) => this.#toCommand(row)).filter((command) => command !== undefined);
  }

  /** Everything that has not come to its end, oldest first. */
  async open(): Promise<Command[]> {
    const rows = await this.#database.kysely
      .selectFrom("commands")
      .select(columns)
      .where("status", "in", openStatuses)
      .orderBy("created_at")
      .orderBy("id")
      .execute();
    return rows.map((row) => this.#toCommand(row)).filter((command) => command !== undefined);
  }

  async removeOfNode(nodeKey: number): Promise<void> {
    await this.#database.transact([this.#database.kysely.deleteFrom("commands").where("node_key", "=", nodeKey)]);
  }

  async removeOlderThan(time: number): Promise<void> {
    await this.#database.transact([
      this.#database.kysely
        .deleteFrom("commands")
        .where("created_at", "<", time)
        .where("status", "not in", openStatuses),
    ]);
  }

  #toCommand(row: CommandRow): Command | undefined {
    const node = this.#nodes.getByKey(row.node_key);
    if (node === undefined) return undefined;
    return {
      id: row.id,
      nodeId: node.nodeId,
      commandText: row.command_text,
      timeout: row.timeout,
      status: row.status as CommandStatus,
      createdBy: row.created_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      sentAt: row.sent_at ?? undefined,
      startedAt: row.started_at ?? undefined,
      finishedAt: row.finished_at ?? undefined,
      exitCode: row.exit_code ?? undefined,
      executionTimeMs: row.execution_time_ms ?? undefined,
      errorCode: row.error_code ?? undefined,
    };
  }
}
