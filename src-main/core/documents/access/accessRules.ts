import type { Compilable } from "kysely";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { DocumentUser } from "../../identity/documentTokens.ts";
import { type AccessType, accessTypes, isAccessType } from "../accessType.ts";
import type { TreeLock } from "../tree/treeLock.ts";
import type { AccessFacts } from "./accessFacts.ts";
import type { AccessRule, NumberedRule, RuleMap } from "./accessRule.ts";
import { decide, type RuledEntry } from "./decide.ts";
import { readRuleMap, readStoredRule } from "./readRuleMap.ts";

export interface AccessRulesOptions {
  readonly database: Database;
  readonly facts: AccessFacts;
  readonly lock: TreeLock;
}

/** An entry that is about to be made. */
export interface ComingEntry {
  readonly id: string;
  readonly kind: "folder" | "document";
  readonly name: string;
  readonly parentId: string | undefined;
}

/** The rules on folders and documents. */
export class AccessRules {
  readonly #options: AccessRulesOptions;

  constructor(options: AccessRulesOptions) {
    this.#options = options;
  }

  /** The rules on the entry itself, as they were set; empty for an unknown entry. */
  async of(id: string): Promise<RuleMap> {
    const rules = Map.groupBy(await this.listOf(id), ({ accessType }) => accessType);
    return Object.fromEntries([...rules].map(([type, list]) => [type, list.map(({ rule }) => rule)]));
  }

  /** The same, one by one, in the order in which they were set. */
  async listOf(id: string): Promise<readonly NumberedRule[]> {
    const rows = await this.#options.database.kysely
      .selectFrom("access_rules")
      .selectAll()
      .where("entry_id", "=", id)
      .orderBy("id")
      .execute();
    return rows.flatMap((row): NumberedRule[] => {
      const rule = readStoredRule(row.rule_json);
      if (rule === undefined || !isAccessType(row.access_type)) return [];
      return [{ ruleId: row.id, accessType: row.access_type, rule }];
    });
  }

  /**
   * Replaces the rules of the types that `map` names; an empty list clears a type, an empty map clears all.
   *
   * @throws {PicketError} `INVALID_PARAMS` (its message says what, like `Invalid access type: X`); `FORBIDDEN` (message
   * `permission denied`) when `user` would not pass one of those types any more; `DOCUMENT_NOT_FOUND`. Nothing is changed.
   */
  async set(user: DocumentUser, id: string, map: unknown): Promise<void> {
    const given = readRuleMap(map);
    const { database, facts, lock } = this.#options;
    await lock(async () => {
      const { chains, blocks, grants } = await facts.of([id], user);
      const [entry, ...above] = chains.get(id) ?? [];
      if (entry === undefined) throw new PicketError("DOCUMENT_NOT_FOUND");
      const replaced = given.size === 0 ? accessTypes : [...given.keys()];
      const kept = entry.rules.filter(({ accessType }) => !replaced.includes(accessType));
      const chain = [{ ...entry, rules: [...kept, ...numbered(given)] }, ...above];
      for (const type of given.keys()) {
        if (!decide({ chain, blocks, grants, rights: user.rights }, type).allowed) throw lockedOut();
      }
      const { kysely } = database;
      await database.transact([
        kysely.deleteFrom("access_rules").where("entry_id", "=", id).where("access_type", "in", replaced),
        ...this.#insert(id, given),
      ]);
    });
  }

  /**
   * The statements that give a new entry its rules, checked as in `set`. To be called with the tree locked.
   *
   * @throws {PicketError} `INVALID_PARAMS`, `FORBIDDEN`
   */
  async forNew(user: DocumentUser, entry: ComingEntry, map: unknown): Promise<readonly Compilable[]> {
    if (map === undefined) return [];
    const given = readRuleMap(map);
    if (given.size === 0) return [];
    const { id, kind, name, parentId } = entry;
    const { chains, blocks } = await this.#options.facts.of(parentId === undefined ? [] : [parentId], user);
    const above = (parentId === undefined ? undefined : chains.get(parentId)) ?? [];
    const chain: readonly RuledEntry[] = [{ id, kind, name, rules: numbered(given) }, ...above];
    for (const type of given.keys()) {
      const { allowed } = decide({ chain, blocks, grants: [], rights: user.rights }, type);
      if (!allowed) throw lockedOut();
    }
    return this.#insert(id, given);
  }

  #insert(id: string, rules: ReadonlyMap<AccessType, readonly AccessRule[]>): readonly Compilable[] {
    return numbered(rules).map(({ accessType, rule }) =>
      this.#options.database.kysely
        .insertInto("access_rules")
        .values({ entry_id: id, access_type: accessType, rule_json: JSON.stringify(rule) }),
    );
  }
}

/** In the order in which they came; they get their numbers when they are stored. */
function numbered(rules: ReadonlyMap<AccessType, readonly AccessRule[]>): readonly NumberedRule[] {
  return [...rules].flatMap(([accessType, list]) => list.map((rule) => ({ ruleId: 0, accessType, rule })));
}

function lockedOut(): PicketError {
  return new PicketError("FORBIDDEN", { message: "permission denied" });
}
