import { PicketError } from "../../../base/errors.ts";
import { type AccessType, isAccessType } from "../accessType.ts";
import type { AccessRule } from "./accessRule.ts";

const mostRules = 32;
const mostSubgroups = 64;
const mostNames = 256;
const longestName = 256;
/** Characters of one rule as JSON: everything in it that nobody knows is kept too. */
const longestRule = 16_384;

/**
 * A map of rules that came from somebody: the types it names, each with its new rules.
 *
 * @throws {PicketError} `INVALID_PARAMS`, its message says what is wrong and where
 */
export function readRuleMap(map: unknown): ReadonlyMap<AccessType, readonly AccessRule[]> {
  const types = new Map<AccessType, readonly AccessRule[]>();
  for (const [type, rules] of Object.entries(asObject(map, "access rules"))) {
    if (!isAccessType(type)) throw fault(`Invalid access type: ${type.slice(0, longestName)}`);
    const list = asList(rules, type, mostRules);
    types.set(
      type,
      list.map((rule, index) => {
        const where = `${type}[${index}]`;
        if (JSON.stringify(rule).length > longestRule) throw fault(`${where} is longer than ${longestRule} characters`);
        return readRule(rule, where);
      }),
    );
  }
  return types;
}

/** A rule as it was stored, or undefined when this program could not have written it. */
export function readStoredRule(json: string): AccessRule | undefined {
  try {
    return readRule(JSON.parse(json), "rule");
  } catch {
    return undefined;
  }
}

function readRule(value: unknown, where: string): AccessRule {
  const rule = asObject(value, where);
  checkMatch(rule["match"], `${where}.match`);
  const subgroups = asList(rule["match_groups"], `${where}.match_groups`, mostSubgroups);
  for (const [index, subgroup] of subgroups.entries()) checkSubgroup(subgroup, `${where}.match_groups[${index}]`);
  checkMarkers(rule, where);
  return rule as unknown as AccessRule;
}

function checkSubgroup(value: unknown, where: string): void {
  const subgroup = asObject(value, where);
  if (subgroup["match"] !== undefined) checkMatch(subgroup["match"], `${where}.match`);
  for (const side of ["rights", "groups"]) {
    if (subgroup[side] === undefined) continue;
    const clause = asObject(subgroup[side], `${where}.${side}`);
    if (clause["match"] !== undefined) checkMatch(clause["match"], `${where}.${side}.match`);
    if (clause["require"] === undefined) continue;
    for (const name of asList(clause["require"], `${where}.${side}.require`, mostNames)) {
      if (typeof name !== "string" || name.length > longestName) {
        throw fault(`${where}.${side}.require must be a list of names of up to ${longestName} characters`);
      }
    }
  }
}

function checkMarkers(rule: Readonly<Record<string, unknown>>, where: string): void {
  const { __subinherit__: passesOn, __noinherit__: refuses } = rule;
  if (passesOn !== undefined && typeof passesOn !== "boolean") {
    throw fault(`${where}.__subinherit__ must be true or false`);
  }
  if (refuses === undefined || refuses === "all" || (Array.isArray(refuses) && refuses.every(isAccessType))) return;
  throw fault(`${where}.__noinherit__ must be "all" or a list of access types`);
}

function checkMatch(value: unknown, where: string): void {
  if (value !== "all" && value !== "any") throw fault(`${where} must be "all" or "any"`);
}

function asObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw fault(`${where} must be an object`);
}

function asList(value: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw fault(`${where} must be a list`);
  if (value.length > most) throw fault(`${where} may have ${most} items, not ${value.length}`);
  return value;
}

function fault(message: string): PicketError {
  return new PicketError("INVALID_PARAMS", { message });
}
