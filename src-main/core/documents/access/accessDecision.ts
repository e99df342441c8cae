import type { AccessType } from "../accessType.ts";
import type { AccessRule } from "./accessRule.ts";

export interface EntryReference {
  readonly id: string;
  readonly name: string;
  readonly kind: "folder" | "document";
}

/** One rule that was looked at, and where it stands. */
export interface DecidingRule {
  readonly entry: EntryReference;
  /** It stands on a folder above the entry that was asked about. */
  readonly inherited: boolean;
  readonly ruleId: number;
  readonly accessType: AccessType;
  readonly rule: AccessRule;
}

/** Why somebody may or may not do something, so that it can be said in words. */
export type AccessReason =
  /** An administrator blocked the user; without an entry: everywhere. */
  | {
      readonly kind: "blocked";
      readonly blockId: number;
      readonly entry: EntryReference | undefined;
      /** Undefined: for ever. */
      readonly until: number | undefined;
    }
  /** Given on this very entry, to the user or, with `group`, to a group of the user's. No rule was looked at. */
  | {
      readonly kind: "granted";
      readonly grantId: number;
      readonly group: string | undefined;
      readonly until: number | undefined;
    }
  /** Neither the entry nor a folder above it has a rule for this: everybody may. */
  | { readonly kind: "no-rules" }
  | ({ readonly kind: "rule-met" } & DecidingRule)
  | ({ readonly kind: "rule-failed" } & DecidingRule);

export interface AccessDecision {
  readonly allowed: boolean;
  /** When refused, only what refused it; when allowed, all that was needed. Never empty. */
  readonly because: readonly AccessReason[];
}
