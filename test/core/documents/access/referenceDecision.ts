/** Everything that decides, as plain values. */
export interface ReferenceCase {
  /** The entry, then the folders above it; each with its rules by type. */
  readonly chain: readonly Readonly<Record<string, readonly ReferenceRule[]>>[];
  readonly permissions: readonly string[];
  readonly groups: readonly string[];
  /** Types that are blocked for the user on the entry or everywhere. */
  readonly blocked: readonly string[];
  /** Types that are granted to the user or the user's groups on the entry. */
  readonly granted: readonly string[];
}

export interface ReferenceRule {
  readonly match: string;
  readonly match_groups: readonly ReferenceSubgroup[];
  readonly __subinherit__?: boolean;
  readonly __noinherit__?: string | readonly string[];
}

interface ReferenceSubgroup {
  readonly match?: string;
  readonly rights?: ReferenceClause;
  readonly groups?: ReferenceClause;
}

interface ReferenceClause {
  readonly match?: string;
  readonly require?: readonly string[];
}

/** The rules of access once more, as short as they can be said, to compare the program with. */
export function referenceDecision(given: ReferenceCase, type: string): boolean {
  if (given.blocked.includes(type)) return false;
  if (given.granted.includes(type)) return true;
  if (type === "move") return passes(given, "move", 0);
  if (type === "read") return passes(given, "read", 0);
  return passes(given, "read", 0) && passes(given, type, 0);
}

function passes(given: ReferenceCase, type: string, height: number): boolean {
  const rules = given.chain[height];
  if (rules === undefined) return true;
  for (const rule of rules[type] ?? []) {
    if (height > 0 && rule.__subinherit__ === false) continue;
    if (!met(rule, given)) return false;
  }
  const all = Object.values(rules).flat();
  const stops = all.some((rule) => rule.__noinherit__ === "all" || [rule.__noinherit__].flat().includes(type));
  return stops || passes(given, type, height + 1);
}

function met(rule: ReferenceRule, given: ReferenceCase): boolean {
  let hits = 0;
  let usable = 0;
  for (const subgroup of rule.match_groups) {
    if (JSON.stringify(subgroup) === "{}") continue;
    usable += 1;
    const askedRights = subgroup.rights?.require ?? [];
    const askedGroups = subgroup.groups?.require ?? [];
    const rights = enough(askedRights, given.permissions, subgroup.rights?.match);
    const groups = enough(askedGroups, given.groups, subgroup.groups?.match);
    const either = subgroup.match === "any" && askedRights.length > 0 && askedGroups.length > 0;
    if (either ? rights || groups : rights && groups) hits += 1;
  }
  return rule.match === "any" ? hits > 0 : hits === usable;
}

function enough(asked: readonly string[], held: readonly string[], match: string | undefined): boolean {
  const found = asked.filter((name) => held.includes(name)).length;
  if (asked.length === 0) return true;
  return match === "any" ? found > 0 : found === asked.length;
}
