import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { PicketError } from "../../base/errors.ts";
import type { Database } from "../../store/database.ts";
import type { NodeRecord } from "../nodes/nodeRecord.ts";
import { type AlertCondition, type AlertRule, type AlertRuleDraft, watches } from "./alertRule.ts";
import { isTimeZone } from "./quietHours.ts";

/** A rule that waits for one kind of thing. */
export type RuleOf<K extends AlertCondition["kind"]> = AlertRule & {
  readonly condition: Extract<AlertCondition, { kind: K }>;
};

const mostRules = 1_000;

/** The rules, in memory and on the disk. A rule that is saved is a new object: who keeps the old one sees that. */
export class RuleBook {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #rules = new Map<string, AlertRule>();

  private constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  static async open(database: Database, clock: Clock): Promise<RuleBook> {
    const book = new RuleBook(database, clock);
    for (const row of await database.kysely.selectFrom("alert_rules").selectAll().orderBy("created_at").execute()) {
      const draft = JSON.parse(row.rule_json) as AlertRuleDraft;
      book.#rules.set(row.id, { ...draft, id: row.id, createdAt: row.created_at, changedAt: row.changed_at });
    }
    return book;
  }

  list(): readonly AlertRule[] {
    return [...this.#rules.values()];
  }

  get(id: string): AlertRule | undefined {
    return this.#rules.get(id);
  }

  /** The enabled rules of these kinds, for one node or for all. */
  enabled<K extends AlertCondition["kind"]>(kinds: readonly K[], node?: NodeRecord): RuleOf<K>[] {
    return this.list().filter(
      (rule): rule is RuleOf<K> =>
        rule.enabled &&
        kinds.some((kind) => kind === rule.condition.kind) &&
        (node === undefined || watches(rule, node)),
    );
  }

  /** @throws {PicketError} `ALERT_RULE_NOT_FOUND`, `INVALID_PARAMS`, `CONFLICT`, `DATABASE_ERROR` */
  async save(id: string | undefined, draft: AlertRuleDraft): Promise<AlertRule> {
    checkRule(draft);
    const known = id === undefined ? undefined : this.#rules.get(id);
    if (id !== undefined && known === undefined) throw new PicketError("ALERT_RULE_NOT_FOUND");
    if (known === undefined && this.#rules.size >= mostRules) {
      throw new PicketError("CONFLICT", { details: `there are ${mostRules} rules already` });
    }
    const now = this.#clock.wallTime();
    const { name, enabled, severity, scope, condition, for: lasted, quietHours, renotifyEvery, channels } = draft;
    const kept = { name, enabled, severity, scope, condition, for: lasted, quietHours, renotifyEvery, channels };
    const rule = { ...kept, id: id ?? randomUUID(), createdAt: known?.createdAt ?? now, changedAt: now };
    const row = { rule_json: JSON.stringify(kept), changed_at: rule.changedAt };
    await this.#database.transact([
      this.#database.kysely
        .insertInto("alert_rules")
        .values({ id: rule.id, created_at: rule.createdAt, ...row })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(row)),
    ]);
    this.#rules.set(rule.id, rule);
    return rule;
  }

  /** @throws {PicketError} `ALERT_RULE_NOT_FOUND`, `DATABASE_ERROR` */
  async remove(id: string): Promise<void> {
    if (!this.#rules.has(id)) throw new PicketError("ALERT_RULE_NOT_FOUND");
    const { kysely } = this.#database;
    await this.#database.transact([
      kysely.deleteFrom("alert_rules").where("id", "=", id),
      kysely.deleteFrom("alert_silences").where("rule_id", "=", id),
    ]);
    this.#rules.delete(id);
  }
}

/** What the types cannot say. @throws {PicketError} `INVALID_PARAMS` */
export function checkRule({ condition, quietHours }: AlertRuleDraft): void {
  if (quietHours !== undefined && !isTimeZone(quietHours.timeZone)) {
    throw new PicketError("INVALID_PARAMS", {
      details: "rule.quietHours.timeZone: an IANA name or an offset expected",
    });
  }
  if (condition.kind === "rate" && condition.change === 0) {
    throw new PicketError("INVALID_PARAMS", { details: "rule.condition.change: not 0" });
  }
}
