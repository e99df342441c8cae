import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Clock } from "../../base/clock.ts";
import type { Bus } from "../../bus/bus.ts";
import type { Database } from "../../store/database.ts";

export interface AuditEntry {
  /** Who: a user name, `local` for the local socket, `node:<id>` for a node, `core` for the core itself. */
  readonly actor: string;
  /** What, as noun-verb: `command-run`, `token-create`. */
  readonly action: string;
  /** On what: a node id, a user name, a token id; empty when there is nothing. */
  readonly target: string;
  readonly outcome: "done" | "refused" | "failed";
  /** What else matters; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditRecord extends Required<AuditEntry> {
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly hash: string;
}

export interface AuditQuery {
  /** Only records before this one: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
  /** How many of the newest that fit are passed over. @default 0 */
  readonly offset?: number | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Only these actions; an empty list lets nothing through. */
  readonly actions?: readonly string[] | undefined;
  /** Also records that name it among several in their details. */
  readonly target?: string | undefined;
  /** Milliseconds since 1970; from this moment on. */
  readonly from?: number | undefined;
  /** Before this moment. */
  readonly to?: number | undefined;
}

interface Pending {
  readonly entry: AuditEntry;
  resolve(): void;
  reject(error: unknown): void;
}

/** The hash before the first record. */
const genesis = "0".repeat(64);
const verifyPage = 1_000;
/** Of more actions than these, every other record is one: the newest are found in the table itself. */
const mostByIndex = 8;

/**
 * What happened and who did it, append-only. Each record carries a hash over itself and the record before, so that a
 * record that was changed or taken out later breaks the chain at its place.
 */
export class AuditLog {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #clock: Clock;
  #pending: Pending[] = [];
  #writing = false;
  #last: { readonly sequence: number; readonly hash: string } = { sequence: 0, hash: genesis };

  private constructor(options: { readonly database: Database; readonly bus: Bus; readonly clock: Clock }) {
    this.#database = options.database;
    this.#bus = options.bus;
    this.#clock = options.clock;
  }

  static async open(options: {
    readonly database: Database;
    readonly bus: Bus;
    readonly clock: Clock;
  }): Promise<AuditLog> {
    const log = new AuditLog(options);
    const last = await options.database.kysely
      .selectFrom("audit")
      .select(["sequence", "hash"])
      .orderBy("sequence", "desc")
      .limit(1)
      .executeTakeFirst();
    if (last !== undefined) log.#last = last;
    return log;
  }

  /** Resolves when the record is on the disk. */
  append(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ entry, resolve, reject });
      if (!this.#writing) void this.#write();
    });
  }

  async list(query: AuditQuery): Promise<AuditRecord[]> {
    const select = this.#matching(query, true)
      .selectAll()
      .orderBy("sequence", "desc")
      .limit(query.limit)
      .offset(query.offset ?? 0);
    const rows = await select.execute();
    return rows.map((row) => ({
      sequence: row.sequence,
      time: row.time,
      actor: row.actor,
      action: row.action,
      target: row.target,
      outcome: row.outcome as AuditEntry["outcome"],
      details: JSON.parse(row.details_json) as Record<string, unknown>,
      hash: row.hash,
    }));
  }

  /** How many records fit, whatever the limit and the offset. */
  async count(query: Omit<AuditQuery, "limit" | "offset">): Promise<number> {
    const { count } = await this.#matching(query, false)
      .select((expression) => expression.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Recomputes the whole chain. `brokenAt` is the first record that does not fit, if any. */
  async verify(): Promise<{ readonly records: number; readonly brokenAt: number | undefined }> {
    let previous = { sequence: 0, hash: genesis };
    for (;;) {
      const rows = await this.#database.kysely
        .selectFrom("audit")
        .selectAll()
        .where("sequence", ">", previous.sequence)
        .orderBy("sequence")
        .limit(verifyPage)
        .execute();
      for (const row of rows) {
        const fits = row.sequence === previous.sequence + 1 && row.hash === chainHash(previous.hash, row);
        if (!fits) return { records: previous.sequence, brokenAt: row.sequence };
        previous = row;
      }
      if (rows.length < verifyPage) break;
    }
    const cutOff = previous.sequence !== this.#last.sequence;
    return { records: previous.sequence, brokenAt: cutOff ? previous.sequence + 1 : undefined };
  }

  /** @param inOrder for a page of the newest: with the index on actions, all that fits would be sorted first */
  #matching(query: Omit<AuditQuery, "limit" | "offset">, inOrder: boolean) {
    const { before, actor, action, actions, target, from, to } = query;
    let select = this.#database.kysely.selectFrom("audit");
    if (before !== undefined) select = select.where("sequence", "<", before);
    if (actor !== undefined) select = select.where("actor", "=", actor);
    if (action !== undefined) select = select.where("action", "=", action);
    if (actions !== undefined) {
      const column = inOrder && actions.length > mostByIndex ? sql<string>`+action` : sql<string>`action`;
      select = select.where(column, "in", actions);
    }
    if (target !== undefined) {
      const named = sql<number>`instr(details_json, ${JSON.stringify(target)})`;
      select = select.where((where) => where.or([where("target", "=", target), where(named, ">", 0)]));
    }
    if (from !== undefined) select = select.where("time", ">=", from);
    if (to !== undefined) select = select.where("time", "<", to);
    return select;
  }

  /** Writes what is pending in one transaction, and then what came meanwhile. */
  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#pending.length > 0) {
      const group = this.#pending;
      this.#pending = [];
      let last = this.#last;
      const rows = group.map(({ entry }) => {
        const row = toRow(entry, last.sequence + 1, this.#clock.wallTime());
        last = { sequence: row.sequence, hash: chainHash(last.hash, row) };
        return { ...row, hash: last.hash };
      });
      try {
        await this.#database.transact(rows.map((row) => this.#database.kysely.insertInto("audit").values(row)));
        this.#last = last;
        for (const { resolve } of group) resolve();
        this.#bus.publish("audit-appended", { sequence: last.sequence });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#writing = false;
  }
}

interface Row {
  readonly sequence: number;
  readonly time: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly details_json: string;
}

function toRow(entry: AuditEntry, sequence: number, time: number): Row {
  const { action, outcome, details = {} } = entry;
  // The disk holds UTF-8: half a character would come back as another one and not fit its own hash. JSON escapes it.
  const [actor, target] = [entry.actor.toWellFormed(), entry.target.toWellFormed()];
  return { sequence, time, actor, action, target, outcome, details_json: JSON.stringify(details) };
}

function chainHash(previous: string, row: Row): string {
  const { sequence, time, actor, action, target, outcome, details_json } = row;
  const content = JSON.stringify([sequence, time, actor, action, target, outcome, details_json]);
  return createHash("sha256").update(previous).update("\n").update(content).digest("hex");
}
