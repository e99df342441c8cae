export const accessTypes = ["read", "write", "move", "manage"] as const;
export type AccessType = (typeof accessTypes)[number];

export function isAccessType(name: string): name is AccessType {
  return (accessTypes as readonly string[]).includes(name);
}

export type Match = "all" | "any";

/** Names that are asked for: every one of them, or any one. None: the clause asks for nothing. */
export interface Clause {
  readonly match: Match;
  readonly names: readonly string[];
}

/** A part of a rule: rights, groups, and whether both are needed or one of the two is enough. */
export interface Condition {
  readonly match: Match;
  readonly rights: Clause;
  readonly groups: Clause;
}

/** A rule as the form has it; everything that the form can show, and nothing else. */
export interface AccessRule {
  readonly match: Match;
  readonly conditions: readonly Condition[];
  /** What is inside a folder has to meet it too. */
  readonly flowsDown: boolean;
  /** What the rules of the folders above do not decide here. */
  readonly notInherited: readonly AccessType[] | "all";
}

export const noClause: Clause = { match: "all", names: [] };
export const emptyCondition: Condition = { match: "all", rights: noClause, groups: noClause };
/** Nothing is asked for: everybody meets it. */
export const emptyRule: AccessRule = { match: "all", conditions: [], flowsDown: true, notInherited: [] };

/** A rule as the wire has it, read leniently; undefined when the form would lose something of it. */
export function accessRuleOf(wire: unknown): AccessRule | undefined {
  if (!isRecord(wire) || !knows(wire, ["match", "match_groups", "__subinherit__", "__noinherit__"])) return undefined;
  const match = matchOf(wire["match"]);
  const groups = wire["match_groups"];
  const flowsDown = wire["__subinherit__"] ?? true;
  const notInherited = notInheritedOf(wire["__noinherit__"]);
  if (wire["match"] === undefined || match === undefined || !Array.isArray(groups)) return undefined;
  if (typeof flowsDown !== "boolean" || notInherited === undefined) return undefined;
  const conditions: Condition[] = [];
  for (const group of groups) {
    const condition = conditionOf(group);
    if (condition === undefined) return undefined;
    // The server skips an empty one.
    if (Object.keys(group).length > 0) conditions.push(condition);
  }
  return { match, conditions, flowsDown, notInherited };
}

/** The rule as the wire has it: only what is not the default is said. */
export function wireOfAccessRule(rule: AccessRule): Record<string, unknown> {
  return {
    match: rule.match,
    match_groups: rule.conditions.map(({ match, rights, groups }) => ({
      match,
      // One side is always there: an empty group is skipped, and would no longer mean "everybody".
      ...(rights.names.length > 0 || groups.names.length === 0 ? { rights: wireOfClause(rights) } : {}),
      ...(groups.names.length > 0 ? { groups: wireOfClause(groups) } : {}),
    })),
    ...(rule.flowsDown ? {} : { __subinherit__: false }),
    ...(rule.notInherited.length > 0 ? { __noinherit__: rule.notInherited } : {}),
  };
}

function conditionOf(wire: unknown): Condition | undefined {
  if (!isRecord(wire) || !knows(wire, ["match", "rights", "groups"])) return undefined;
  const match = matchOf(wire["match"]);
  const rights = clauseOf(wire["rights"]);
  const groups = clauseOf(wire["groups"]);
  return match === undefined || rights === undefined || groups === undefined ? undefined : { match, rights, groups };
}

function clauseOf(wire: unknown): Clause | undefined {
  if (wire === undefined) return noClause;
  if (!isRecord(wire) || !knows(wire, ["match", "require"])) return undefined;
  const match = matchOf(wire["match"]);
  const names = wire["require"] ?? [];
  if (match === undefined || !isTexts(names)) return undefined;
  return { match, names: [...new Set(names)] };
}

function wireOfClause({ match, names }: Clause): Record<string, unknown> {
  return { match, require: names };
}

function matchOf(wire: unknown): Match | undefined {
  if (wire === undefined) return "all";
  return wire === "all" || wire === "any" ? wire : undefined;
}

function notInheritedOf(wire: unknown): AccessRule["notInherited"] | undefined {
  if (wire === undefined) return [];
  if (wire === "all") return wire;
  if (!isTexts(wire)) return undefined;
  const known = accessTypes.filter((type) => wire.includes(type));
  return known.length === new Set(wire).size ? known : undefined;
}

function knows(wire: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  return Object.keys(wire).every((key) => keys.includes(key));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
