import type {
  AlertCondition,
  AlertRuleDraft,
  AlertScope,
} from "../../../src-main/protocols/machines/messages/alerts.ts";
import type { Catalogue } from "../../i18n/catalogue.ts";
import type { Formats } from "../../i18n/formats.ts";
import { metricText } from "./metricUnits.ts";

/** What a sentence is said with. */
export interface Speech {
  readonly t: Catalogue;
  readonly format: Formats;
  /** What people call a node. */
  readonly nodeLabel: (nodeId: string) => string | undefined;
}

const mostNames = 3;
const day = 86_400_000;

/** What a rule means: "Warn when disk usage of any node tagged db is above 90% for 5 minutes." */
export function ruleSentence(
  rule: Pick<AlertRuleDraft, "severity" | "scope" | "condition" | "for">,
  speech: Speech,
): string {
  const { saying, lead } = speech.t.alertRules;
  const condition = conditionText(rule.condition, scopeText(rule.scope, speech), speech);
  const lasting = rule.for > 0 ? saying.lasting(condition, speech.format.durationWords(rule.for)) : condition;
  return lead[rule.severity](lasting);
}

/** Which nodes a rule watches, in words. */
export function scopeText(scope: AlertScope, { t, format, nodeLabel }: Speech): string {
  const { saying } = t.alertRules;
  const either = (names: readonly string[]): string =>
    names.length < 2
      ? (names[0] ?? saying.nobody)
      : saying.or(names.slice(0, -1).join(t.settings.listJoin), names.at(-1) ?? "");
  switch (scope.kind) {
    case "all":
      return saying.anyNode;
    case "nodes": {
      const names = scope.nodeIds.map((nodeId) => nodeLabel(nodeId) ?? nodeId);
      if (names.length === 0) return saying.nobody;
      if (names.length <= mostNames) return saying.nodes(either(names));
      const first = names.slice(0, mostNames - 1).join(t.settings.listJoin);
      return saying.moreNodes(first, format.number(names.length - mostNames + 1));
    }
    case "tags":
      return scope.tags.length === 0 ? saying.nobody : saying.tagged(either(scope.tags));
    case "groups":
      return scope.groups.length === 0 ? saying.nobody : saying.grouped(either(scope.groups));
  }
}

function conditionText(condition: AlertCondition, scope: string, { t, format }: Speech): string {
  const { saying, metrics, levels } = t.alertRules;
  switch (condition.kind) {
    case "threshold": {
      const number = saying.of(metrics[condition.metric], scope);
      return saying[condition.comparison](number, metricText(condition.metric, condition.value, format));
    }
    case "missing-data":
      return saying.missing(scope);
    case "rate": {
      const number = saying.of(metrics[condition.metric], scope);
      const change = metricText(condition.metric, Math.abs(condition.change), format);
      return saying[condition.change < 0 ? "falls" : "rises"](number, change, format.durationWords(condition.per));
    }
    case "disk-forecast":
      return saying.forecast(scope, format.durationWords(condition.within * day));
    case "node-offline":
      return saying.offline(scope);
    case "command-failed":
      return saying.commandFailed(scope);
    case "log-pattern": {
      const { pattern, level, count, within } = condition;
      const seen = level === undefined ? saying.log(pattern, scope) : saying.logLevel(pattern, levels[level], scope);
      return count === 1 ? seen : saying.logCount(seen, format.number(count), format.durationWords(within));
    }
    case "container-died":
      return condition.name === "*" ? saying.diedAny(scope) : saying.died(condition.name, scope);
  }
}
