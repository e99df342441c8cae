import { parseJson } from "../../src-main/base/parseJson.ts";
import { type AccessRule, type AccessType, accessRuleOf, accessTypes, wireOfAccessRule } from "./accessRule.ts";

/** A rule that is being changed: in the form, or as JSON where the form cannot show it or somebody wants it so. */
export type RuleDraft = { readonly key: number } & (
  | { readonly kind: "form"; readonly rule: AccessRule }
  | { readonly kind: "json"; readonly text: string }
);

export type RuleDrafts = Readonly<Record<AccessType, readonly RuleDraft[]>>;

/** The rules of an object as the wire has them, by access type. */
export type WireRules = Readonly<Partial<Record<AccessType, readonly WireRule[]>>>;

/** A rule as the wire has it. */
export type WireRule = Readonly<Record<string, unknown>>;

export const noDrafts: RuleDrafts = { read: [], write: [], move: [], manage: [] };

/** @param firstKey every draft gets a number of its own, from here on */
export function draftsOf(rules: WireRules, firstKey = 0): RuleDrafts {
  let key = firstKey;
  const drafts = (type: AccessType): RuleDraft[] =>
    (rules[type] ?? []).map((wire) => {
      key += 1;
      return draftOf(wire, key - 1);
    });
  return { read: drafts("read"), write: drafts("write"), move: drafts("move"), manage: drafts("manage") };
}

function draftOf(wire: WireRule, key: number): RuleDraft {
  const rule = accessRuleOf(wire);
  return rule === undefined ? { key, kind: "json", text: jsonText(wire) } : { key, kind: "form", rule };
}

/** The draft in the other way of changing it; undefined when the form cannot show what the JSON says. */
export function otherWay(draft: RuleDraft): RuleDraft | undefined {
  const { key } = draft;
  if (draft.kind === "form") return { key, kind: "json", text: jsonText(wireOfAccessRule(draft.rule)) };
  const parsed = parseJson(draft.text);
  const rule = parsed.ok ? accessRuleOf(parsed.value) : undefined;
  return rule && { key, kind: "form", rule };
}

/** The draft as the wire has it; undefined when its text is no JSON object. */
export function wireOfDraft(draft: RuleDraft): WireRule | undefined {
  if (draft.kind === "form") return wireOfAccessRule(draft.rule);
  const parsed = parseJson(draft.text);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) return;
  return parsed.value as WireRule;
}

/**
 * What has to be sent so that the server's `rules` become the drafts: the types that differ, and no others. A draft that is
 * no JSON is left out; see `wireOfDraft`.
 */
export function changedRules(rules: WireRules, drafts: RuleDrafts): WireRules {
  const changed: Partial<Record<AccessType, readonly WireRule[]>> = {};
  const before = draftsOf(rules);
  for (const type of accessTypes) {
    const wanted = wiresOf(drafts[type]);
    if (JSON.stringify(wanted) !== JSON.stringify(wiresOf(before[type]))) changed[type] = wanted;
  }
  return changed;
}

function wiresOf(drafts: readonly RuleDraft[]): readonly WireRule[] {
  return drafts.map(wireOfDraft).filter((wire) => wire !== undefined);
}

function jsonText(wire: unknown): string {
  return JSON.stringify(wire, undefined, 2);
}
