import { type Compilable, sql } from "kysely";
import type { Database } from "../../../store/database.ts";
import type { AccessRule, RuleSubgroup } from "./accessRule.ts";
import { readStoredRule } from "./readRuleMap.ts";

/**
 * The statements that make every rule that requires one user group require it by its new name: who was let in stays so, and a
 * new group of the old name is not let in.
 */
export async function renameGroupInRules(database: Database, from: string, to: string): Promise<readonly Compilable[]> {
  const { kysely } = database;
  const rows = await kysely
    .selectFrom("access_rules")
    .select(["id", "rule_json"])
    .where(sql<boolean>`instr(rule_json, ${JSON.stringify(from)}) > 0`)
    .execute();
  return rows.flatMap(({ id, rule_json }) => {
    const rule = readStoredRule(rule_json);
    if (rule === undefined) return [];
    const renamed = JSON.stringify(renameIn(rule, from, to));
    // Where somebody changes the rule in this moment, the change stands.
    return kysely
      .updateTable("access_rules")
      .set({ rule_json: renamed })
      .where("id", "=", id)
      .where("rule_json", "=", rule_json);
  });
}

function renameIn(rule: AccessRule, from: string, to: string): AccessRule {
  const renamed = (subgroup: RuleSubgroup): RuleSubgroup => {
    const { groups } = subgroup;
    if (groups?.require === undefined) return subgroup;
    return { ...subgroup, groups: { ...groups, require: groups.require.map((name) => (name === from ? to : name)) } };
  };
  return { ...rule, match_groups: rule.match_groups.map(renamed) };
}
