import type { AccessType } from "../accessType.ts";

/** How several conditions are joined. */
export type RuleMatch = "all" | "any";

/** Names that a user must have: effective permissions or effective user groups. */
export interface RuleClause {
  readonly match?: RuleMatch | undefined;
  readonly require?: readonly string[] | undefined;
}

export interface RuleSubgroup {
  readonly match?: RuleMatch | undefined;
  readonly rights?: RuleClause | undefined;
  readonly groups?: RuleClause | undefined;
}

/** A rule as it is on the wire and in the database. Members that nobody knows are kept and mean nothing. */
export interface AccessRule {
  readonly match: RuleMatch;
  readonly match_groups: readonly RuleSubgroup[];
  /** Whether it holds for what is inside the folder too. @default true */
  readonly __subinherit__?: boolean | undefined;
  /** Types whose rules of the folders above do not reach this entry, nor what is inside it. */
  readonly __noinherit__?: "all" | readonly AccessType[] | undefined;
}

/** Rules by access type; a type without rules is absent. */
export type RuleMap = Readonly<Partial<Record<AccessType, readonly AccessRule[]>>>;

/** A rule with its number, as lists show it. */
export interface NumberedRule {
  readonly ruleId: number;
  readonly accessType: AccessType;
  readonly rule: AccessRule;
}
