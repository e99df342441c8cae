import type { Catalogue } from "../i18n/catalogue.ts";
import type { AccessRule, AccessType, Condition, Match } from "./accessRule.ts";
import { permissionTitle } from "./permissionTitle.ts";

/** What a sentence about access is said with. */
export interface AccessSpeech {
  readonly t: Catalogue;
  /** What people call a group, where that is known. */
  readonly groupTitle: (name: string) => string;
}

/** What a rule asks for, in words: "To read this, you have to be in the group “staff”." */
export function accessRuleSentence(
  { type, rule, folder }: { readonly type: AccessType; readonly rule: AccessRule; readonly folder: boolean },
  speech: AccessSpeech,
): string {
  const { says } = speech.t.documentsAdmin;
  const parts = [demandText(type, rule, speech)];
  if (folder) parts.push(rule.flowsDown ? says.flowsDown : says.staysHere);
  if (rule.notInherited === "all") parts.push(says.inheritsNothing);
  else if (rule.notInherited.length > 0) {
    const types = rule.notInherited.map((one) => says.rulesFor[one]);
    parts.push(says.doesNotInherit(types.join(speech.t.settings.listJoin)));
  }
  return parts.reduce((first, second) => says.followedBy(first, second));
}

function demandText(type: AccessType, rule: AccessRule, speech: AccessSpeech): string {
  const { says } = speech.t.documentsAdmin;
  // No part of an "any" can hold where there is none; of an "all", none can fail.
  if (rule.conditions.length === 0) return rule.match === "any" ? says.nobody[type] : says.everybody[type];
  return says.demand[type](ruleDemand(rule, speech));
}

/** What a rule asks for, without what it is for: "be in the group “staff”; or have the right “Move”". */
export function ruleDemand(rule: AccessRule, speech: AccessSpeech): string {
  const { says } = speech.t.documentsAdmin;
  if (rule.conditions.length === 0) return rule.match === "any" ? says.impossible : says.signedIn;
  return rule.conditions
    .map((condition) => conditionText(condition, speech))
    .reduce((first, second) => says.conditions[rule.match](first, second));
}

/** What one part of a rule asks for: "be in the group “staff” and have the right “Move”". */
function conditionText({ match, rights, groups }: Condition, speech: AccessSpeech): string {
  const { says } = speech.t.documentsAdmin;
  const parts: string[] = [];
  if (rights.names.length > 0) {
    const titles = rights.names.map((name) => permissionTitle(name, speech.t));
    parts.push(clauseText(rights.match, titles, { texts: says.rights, speech }));
  }
  if (groups.names.length > 0) {
    parts.push(
      clauseText(
        groups.match,
        groups.names.map((name) => speech.groupTitle(name)),
        { texts: says.groups, speech },
      ),
    );
  }
  return parts.length === 0 ? says.signedIn : parts.reduce((first, second) => says.parts[match](first, second));
}

interface ClauseTexts {
  readonly one: (name: string) => string;
  readonly all: (names: string) => string;
  readonly any: (names: string) => string;
}

function clauseText(
  match: Match,
  titles: readonly string[],
  { texts, speech }: { readonly texts: ClauseTexts; readonly speech: AccessSpeech },
): string {
  const names = titles.map((title) => speech.t.documentsAdmin.says.quoted(title));
  const [only] = names;
  if (names.length === 1 && only !== undefined) return texts.one(only);
  return texts[match](names.join(speech.t.settings.listJoin));
}
