import type { EffectiveRights } from "../../identity/permissions.ts";
import { type AccessType, ruleTypesOf } from "../accessType.ts";
import type { AccessDecision, AccessReason, DecidingRule, EntryReference } from "./accessDecision.ts";
import type { NumberedRule } from "./accessRule.ts";
import { ruleHolds } from "./ruleHolds.ts";

/** An entry, or a folder above it, with the rules that stand on it. */
export interface RuledEntry extends EntryReference {
  readonly rules: readonly NumberedRule[];
}

/** A block of the user's that is in force. */
export interface ActiveBlock {
  readonly id: number;
  /** Undefined: everywhere. */
  readonly entryId: string | undefined;
  readonly types: readonly string[];
  readonly until: number | undefined;
}

/** A grant to the user or to a group of the user's that is in force. */
export interface ActiveGrant {
  readonly id: number;
  readonly group: string | undefined;
  readonly entryId: string;
  readonly accessType: string;
  readonly until: number | undefined;
}

/** Everything that decides about one entry and one user. */
export interface AccessCase {
  /** The entry first, then the folders above it up to the root; empty for the root itself. */
  readonly chain: readonly RuledEntry[];
  readonly blocks: readonly ActiveBlock[];
  readonly grants: readonly ActiveGrant[];
  readonly rights: EffectiveRights;
}

/**
 * The order that decides: a block on the entry or everywhere refuses; a grant on the very entry allows; otherwise every rule
 * that applies, the entry's own and those that reach it from above, must hold. No rules: everybody may.
 */
export function decide({ chain, blocks, grants, rights }: AccessCase, type: AccessType): AccessDecision {
  const [entry] = chain;
  const block = blocks.find(({ entryId, types }) => hits(entryId, entry) && types.includes(type));
  // Whoever manages must be able to repair: that is not to be blocked.
  if (block !== undefined && type !== "manage") {
    const on = block.entryId === undefined || entry === undefined ? undefined : referenceTo(entry);
    return { allowed: false, because: [{ kind: "blocked", blockId: block.id, entry: on, until: block.until }] };
  }
  const grant = grants.find(({ entryId, accessType }) => entryId === entry?.id && accessType === type);
  if (grant !== undefined) {
    return {
      allowed: true,
      because: [{ kind: "granted", grantId: grant.id, group: grant.group, until: grant.until }],
    };
  }
  const reasons = ruleTypesOf[type]
    .flatMap((ruleType) => rulesThatReach(chain, ruleType))
    .map((rule): AccessReason => ({ kind: ruleHolds(rule.rule, rights) ? "rule-met" : "rule-failed", ...rule }));
  const failed = reasons.filter(({ kind }) => kind === "rule-failed");
  if (failed.length > 0) return { allowed: false, because: failed };
  return { allowed: true, because: reasons.length > 0 ? reasons : [{ kind: "no-rules" }] };
}

/** The rules of one type for the first entry of the chain: its own, and those of the folders above that come down to it. */
export function rulesThatReach(chain: readonly RuledEntry[], ruleType: AccessType): readonly DecidingRule[] {
  const reaching: DecidingRule[] = [];
  for (const [height, entry] of chain.entries()) {
    for (const { ruleId, accessType, rule } of entry.rules) {
      if (accessType !== ruleType || (height > 0 && rule.__subinherit__ === false)) continue;
      reaching.push({ entry: referenceTo(entry), inherited: height > 0, ruleId, accessType, rule });
    }
    if (entry.rules.some(({ rule }) => refuses(rule.__noinherit__, ruleType))) break;
  }
  return reaching;
}

function refuses(refused: "all" | readonly AccessType[] | undefined, ruleType: AccessType): boolean {
  return refused === "all" || (refused?.includes(ruleType) ?? false);
}

function hits(entryId: string | undefined, entry: EntryReference | undefined): boolean {
  return entryId === undefined || entryId === entry?.id;
}

function referenceTo({ id, name, kind }: EntryReference): EntryReference {
  return { id, name, kind };
}
