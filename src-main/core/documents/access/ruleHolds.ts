import type { EffectiveRights } from "../../identity/permissions.ts";
import type { AccessRule, RuleClause, RuleMatch, RuleSubgroup } from "./accessRule.ts";

/** Whether somebody with these permissions and groups meets a rule. What cannot be understood is not met. */
export function ruleHolds(rule: AccessRule, rights: EffectiveRights): boolean {
  const subgroups = rule.match_groups.filter((subgroup) => Object.keys(subgroup).length > 0);
  return joined(rule.match, subgroups, (subgroup) => subgroupHolds(subgroup, rights));
}

function subgroupHolds({ match = "all", rights, groups }: RuleSubgroup, held: EffectiveRights): boolean {
  const sides = [clauseHolds(rights, held.permissions), clauseHolds(groups, held.groups)];
  // A side that asks for nothing is met by everybody: with "any" it would open the other one.
  const bothAsk = asks(rights) && asks(groups);
  return joined(bothAsk ? match : "all", sides, (side) => side);
}

function clauseHolds(clause: RuleClause | undefined, held: ReadonlySet<string>): boolean {
  if (clause?.require === undefined || clause.require.length === 0) return true;
  return joined(clause.match ?? "all", clause.require, (name) => held.has(name));
}

function asks(clause: RuleClause | undefined): boolean {
  return clause?.require !== undefined && clause.require.length > 0;
}

function joined<T>(match: RuleMatch, items: readonly T[], holds: (item: T) => boolean): boolean {
  if (match === "all") return items.every(holds);
  return match === "any" && items.some(holds);
}
