import type { AccessReason, DecidingRule, EntryReference } from "../../../core/documents/access/accessDecision.ts";
import type { UserAccess } from "../../../core/documents/access/documentAccess.ts";
import type { ExplainedAccess, WireAccessReason } from "../messages/rules.ts";
import type { UserContext } from "./handler.ts";
import { secondsOrNull } from "./objects.ts";

interface ListedRules {
  readonly access_rules: { rule_id: number; access_type: string; rule_data: Record<string, unknown> }[];
  /** 1: the caller may not see rules. */
  readonly info_code: 0 | 1;
}

/** The rules of an object as its information shows them, to whoever may see rules. */
export async function rulesFor({ core, user }: UserContext, id: string): Promise<ListedRules> {
  if (!user.rights.permissions.has("view_access_rules")) return { access_rules: [], info_code: 1 };
  const rules = await core.documents.rules.listOf(id);
  return {
    access_rules: rules.map(({ ruleId, accessType, rule }) => ({
      rule_id: ruleId,
      access_type: accessType,
      rule_data: { ...rule },
    })),
    info_code: 0,
  };
}

/** What is said of one user; of objects that are not in `readable` no more than that they decide. */
export function explainUser({ username, decision }: UserAccess, readable: ReadonlySet<string>): ExplainedAccess {
  return {
    username,
    allowed: decision.allowed,
    because: decision.because.map((reason) => explainReason(reason, readable)),
  };
}

/** The objects that these decisions speak of. */
export function objectsIn(users: readonly UserAccess[]): ReadonlySet<string> {
  const reasons = users.flatMap(({ decision }) => decision.because);
  return new Set(
    reasons.flatMap((reason) => ("entry" in reason && reason.entry !== undefined ? [reason.entry.id] : [])),
  );
}

function explainReason(reason: AccessReason, readable: ReadonlySet<string>): WireAccessReason {
  switch (reason.kind) {
    case "blocked":
      return {
        reason: "blocked",
        block_id: reason.blockId,
        ...(reason.entry === undefined
          ? { object_type: null, object_id: null, object_name: null }
          : placeOf(reason.entry, readable)),
        end_time: secondsOrNull(reason.until),
      };
    case "granted":
      return {
        reason: "granted",
        entry_id: reason.grantId,
        group: reason.group ?? null,
        end_time: secondsOrNull(reason.until),
      };
    case "no-rules":
      return { reason: "no-rules" };
    case "rule-met":
      return { reason: "rule-met", ...ruleOf(reason, readable) };
    case "rule-failed":
      return { reason: "rule-failed", ...ruleOf(reason, readable) };
  }
}

function placeOf({ id, kind, name }: EntryReference, readable: ReadonlySet<string>) {
  return {
    object_type: kind === "folder" ? ("directory" as const) : ("document" as const),
    object_id: id,
    object_name: readable.has(id) ? name : null,
  };
}

function ruleOf({ entry, inherited, ruleId, accessType, rule }: DecidingRule, readable: ReadonlySet<string>) {
  return {
    ...placeOf(entry, readable),
    inherited,
    rule_id: ruleId,
    access_type: accessType,
    rule_data: readable.has(entry.id) ? { ...rule } : null,
  };
}
