import { sql } from "kysely";
import type { Clock } from "../../../base/clock.ts";
import { PicketError } from "../../../base/errors.ts";
import type { Database } from "../../../store/database.ts";
import type { DocumentUser } from "../../identity/documentTokens.ts";
import type { AccessType } from "../accessType.ts";
import type { AccessRule, NumberedRule } from "./accessRule.ts";
import type { ActiveBlock, ActiveGrant, RuledEntry } from "./decide.ts";
import { readStoredRule } from "./readRuleMap.ts";

/** What is stored about some entries at one moment: blocks and grants only where they are in force. */
export interface StoredFacts {
  /** By entry: itself first, then the folders above it. An entry that there is none of is missing. */
  readonly chains: ReadonlyMap<string, readonly RuledEntry[]>;
  /** Those on the entries and those that hold everywhere. */
  readonly blocks: readonly (ActiveBlock & { readonly userId: string })[];
  readonly grants: readonly (ActiveGrant & { readonly userId: string | undefined })[];
}

/** Much deeper than folders can be nested: a chain that ends there is not whole. */
const longestChain = 1_000;

/** Reads everything that decides about entries in one statement, so that it fits together. */
export class AccessFacts {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#database = options.database;
    this.#clock = options.clock;
  }

  /** @param user whose blocks and grants are read; undefined: everybody's */
  async of(ids: readonly string[], user: Pick<DocumentUser, "userId" | "rights"> | undefined): Promise<StoredFacts> {
    const now = this.#clock.wallTime();
    const groups = JSON.stringify([...(user?.rights.groups ?? [])]);
    // Left out where everybody's are wanted: a condition that may be void would keep the index from being used.
    const ownBlocks = user === undefined ? sql`` : sql`user_id = ${user.userId} and`;
    const ownGrants =
      user === undefined
        ? sql``
        : sql`and (user_id = ${user.userId} or group_name in (select value from json_each(${groups})))`;
    const { rows } = await sql<FactsRow>`
      with recursive chain (target, id, parent_id, kind, name, height) as materialized (
        select id, id, parent_id, kind, name, 0 from tree_entries
          where id in (select value from json_each(${JSON.stringify(ids)}))
        union all
        select chain.target, above.id, above.parent_id, above.kind, above.name, chain.height + 1
          from chain join tree_entries as above on above.id = chain.parent_id where chain.height < ${longestChain}
      )
      select
        (select json_group_array(json_array(target, id, parent_id, kind, name, height)) from chain) as chain_json,
        (select json_group_array(json_array(id, entry_id, access_type, rule_json)) from access_rules
          where entry_id in (select id from chain)) as rules_json,
        (select json_group_array(json_array(id, user_id, entry_id, json(access_types_json), end_at)) from user_blocks
          where ${ownBlocks} lifted_at is null and (end_at is null or end_at > ${now})
            and (entry_id is null or entry_id in (select target from chain))) as blocks_json,
        (select json_group_array(json_array(id, user_id, group_name, entry_id, access_type, end_at)) from access_grants
          where entry_id in (select target from chain) and start_at <= ${now} and (end_at is null or end_at >= ${now})
            ${ownGrants}
        ) as grants_json
    `.execute(this.#database.kysely);
    const [row] = rows;
    if (row === undefined) throw new PicketError("INTERNAL_ERROR");
    return { chains: chainsOf(row), blocks: blocksOf(row), grants: grantsOf(row) };
  }
}

interface FactsRow {
  readonly chain_json: string;
  readonly rules_json: string;
  readonly blocks_json: string;
  readonly grants_json: string;
}

type ChainItem = [target: string, id: string, parent: string | null, kind: string, name: string, height: number];
type RuleItem = [id: number, entry: string, type: string, rule: string];
type BlockItem = [id: number, user: string, entry: string | null, types: string[], end: number | null];
type GrantItem = [
  id: number,
  user: string | null,
  group: string | null,
  entry: string,
  type: string,
  end: number | null,
];

function chainsOf({ chain_json, rules_json }: FactsRow): ReadonlyMap<string, readonly RuledEntry[]> {
  const items = JSON.parse(chain_json) as ChainItem[];
  const rules = Map.groupBy(JSON.parse(rules_json) as RuleItem[], ([, entry]) => entry);
  const entries = new Map<string, RuledEntry>();
  const entryOf = ([, id, , kind, name]: ChainItem): RuledEntry => {
    const known = entries.get(id);
    if (known !== undefined) return known;
    const entry = { id, name, kind: kindOf(kind), rules: (rules.get(id) ?? []).toSorted(byId).map(toRule) };
    entries.set(id, entry);
    return entry;
  };
  const chains = Map.groupBy(items, ([target]) => target);
  return new Map([...chains].map(([target, chain]) => [target, wholeChain(chain).map(entryOf)]));
}

/** From the entry up. Where the top is missing, rules are missing: nothing may be allowed then. */
function wholeChain(chain: readonly ChainItem[]): readonly ChainItem[] {
  const sorted = chain.toSorted((a, b) => a[5] - b[5]);
  if (sorted.at(-1)?.[2] !== null) throw new PicketError("INTERNAL_ERROR", { details: "a folder lies inside itself" });
  return sorted;
}

/** What no program of ours wrote cannot be met by anybody. */
const unreadable: AccessRule = { match: "any", match_groups: [] };

function toRule([ruleId, , type, json]: RuleItem): NumberedRule {
  return { ruleId, accessType: type as AccessType, rule: readStoredRule(json) ?? unreadable };
}

function blocksOf({ blocks_json }: FactsRow): StoredFacts["blocks"] {
  return (JSON.parse(blocks_json) as BlockItem[]).toSorted(byId).map(([id, userId, entry, types, end]) => ({
    id,
    userId,
    entryId: entry ?? undefined,
    types,
    until: end ?? undefined,
  }));
}

function grantsOf({ grants_json }: FactsRow): StoredFacts["grants"] {
  return (JSON.parse(grants_json) as GrantItem[]).toSorted(byId).map(([id, user, group, entryId, accessType, end]) => ({
    id,
    userId: user ?? undefined,
    group: group ?? undefined,
    entryId,
    accessType,
    until: end ?? undefined,
  }));
}

function kindOf(kind: string): "folder" | "document" {
  return kind === "folder" ? "folder" : "document";
}

function byId(one: readonly [number, ...unknown[]], other: readonly [number, ...unknown[]]): number {
  return one[0] - other[0];
}
