import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Database } from "../../store/database.ts";
import type { NodeRegistry } from "../nodes/nodeRegistry.ts";
import type { Silence } from "./alert.ts";

export interface NewSilence {
  readonly ruleId: string | undefined;
  readonly nodeKey: number | undefined;
  /** Milliseconds. */
  readonly duration: number;
  readonly createdBy: string;
}

interface Kept {
  readonly id: string;
  readonly ruleId: string | undefined;
  readonly nodeKey: number | undefined;
  readonly until: number;
  /** The same on the monotonic clock: who sets the wall clock ends no silence. */
  readonly deadline: number;
  readonly createdBy: string;
}

const mostSilences = 1_000;

/** Which notifications are held back by hand. The alerts themselves go on. */
export class Silences {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #nodes: NodeRegistry;
  readonly #kept = new Map<string, Kept>();

  private constructor(options: SilencesOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#nodes = options.nodes;
  }

  static async open(options: SilencesOptions): Promise<Silences> {
    const silences = new Silences(options);
    const { clock, database } = options;
    await database.transact([database.kysely.deleteFrom("alert_silences").where("until", "<=", clock.wallTime())]);
    for (const row of await database.kysely.selectFrom("alert_silences").selectAll().execute()) {
      silences.#kept.set(row.id, {
        id: row.id,
        ruleId: row.rule_id ?? undefined,
        nodeKey: row.node_key ?? undefined,
        until: row.until,
        deadline: clock.monotonicTime() + row.until - clock.wallTime(),
        createdBy: row.created_by,
      });
    }
    return silences;
  }

  list(): readonly Silence[] {
    const now = this.#clock.monotonicTime();
    return [...this.#kept.values()].filter(({ deadline }) => deadline > now).map((kept) => this.#toSilence(kept));
  }

  get(id: string): Silence | undefined {
    return this.list().find((silence) => silence.id === id);
  }

  covers(ruleId: string, nodeKey: number): boolean {
    const now = this.#clock.monotonicTime();
    for (const silence of this.#kept.values()) {
      const fits = (silence.ruleId ?? ruleId) === ruleId && (silence.nodeKey ?? nodeKey) === nodeKey;
      if (fits && silence.deadline > now) return true;
    }
    return false;
  }

  /** @throws {PicketError} `CONFLICT` when there are too many, `DATABASE_ERROR` */
  async add({ ruleId, nodeKey, duration, createdBy }: NewSilence): Promise<Silence> {
    const now = this.#clock.monotonicTime();
    for (const [id, { deadline }] of this.#kept) if (deadline <= now) this.#kept.delete(id);
    if (this.#kept.size >= mostSilences) {
      throw new PicketError("CONFLICT", { details: `there are ${mostSilences} silences already` });
    }
    const until = this.#clock.wallTime() + duration;
    const kept = { id: randomUUID(), ruleId, nodeKey, until, deadline: now + duration, createdBy };
    await this.#database.transact([
      this.#database.kysely.insertInto("alert_silences").values({
        id: kept.id,
        rule_id: ruleId ?? null,
        node_key: nodeKey ?? null,
        until,
        created_by: createdBy,
      }),
    ]);
    this.#kept.set(kept.id, kept);
    return this.#toSilence(kept);
  }

  /** One that is over already is none. */
  async end(id: string): Promise<void> {
    await this.#database.transact([this.#database.kysely.deleteFrom("alert_silences").where("id", "=", id)]);
    this.#kept.delete(id);
  }

  #toSilence({ id, ruleId, nodeKey, until, createdBy }: Kept): Silence {
    const nodeId = nodeKey === undefined ? undefined : (this.#nodes.getByKey(nodeKey)?.nodeId ?? "");
    return { id, ruleId, nodeId, until, createdBy };
  }
}

export interface SilencesOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly nodes: NodeRegistry;
}
