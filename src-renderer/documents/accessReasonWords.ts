import type { WireAccessReason } from "../../src-main/protocols/documents/messages/rules.ts";
import type { Formats } from "../i18n/formats.ts";
import { accessRuleOf } from "./accessRule.ts";
import { type AccessSpeech, ruleDemand } from "./accessRuleWords.ts";
import { wireTime } from "./wireTime.ts";

export interface ReasonSpeech extends AccessSpeech {
  readonly format: Formats;
}

/** Why somebody may or may not, as one line: "meets the rule for reading of the folder “Plans”: be in the group “staff”". */
export function accessReasonText(reason: WireAccessReason, speech: ReasonSpeech): string {
  const { why, says } = speech.t.documentsAdmin;
  switch (reason.reason) {
    case "blocked": {
      const blocked = reason.object_type === null ? why.blockedEverywhere : why.blockedHere;
      return timed(blocked, reason.end_time, speech);
    }
    case "granted": {
      const granted =
        reason.group === null ? why.granted : why.grantedToGroup(says.quoted(speech.groupTitle(reason.group)));
      return timed(granted, reason.end_time, speech);
    }
    case "no-rules":
      return why.noRules;
    case "rule-met":
    case "rule-failed": {
      const rule = accessRuleOf(reason.rule_data);
      const about = says.rulesFor[reason.access_type];
      const named = !reason.inherited
        ? why.ruleHere(about)
        : reason.object_name === null
          ? why.ruleAboveUnnamed(about)
          : why.ruleAbove(about, says.quoted(reason.object_name));
      const verdict = reason.reason === "rule-met" ? why.met(named) : why.failed(named);
      return rule === undefined ? verdict : why.asks(verdict, ruleDemand(rule, speech));
    }
  }
}

function timed(text: string, end: number | null, { t, format }: ReasonSpeech): string {
  return end === null ? text : t.documentsAdmin.why.until(text, format.dateTime(wireTime(end)));
}
