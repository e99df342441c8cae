import type { Alert, AlertRule } from "../../../src-main/protocols/machines/messages/alerts.ts";
import type { Catalogue } from "../../i18n/catalogue.ts";
import type { Formats } from "../../i18n/formats.ts";
import { metricText } from "./metricUnits.ts";

const day = 86_400_000;

/**
 * What was measured against what the rule allows: "93%, limit 90%". Empty where nothing is measured.
 *
 * @param rule the alert's rule as it is now; undefined when it was removed
 */
export function alertReading(
  { kind, value, threshold }: Pick<Alert, "kind" | "value" | "threshold">,
  rule: Pick<AlertRule, "condition"> | undefined,
  { t, format }: { readonly t: Catalogue; readonly format: Formats },
): string {
  if (value === null) return "";
  const condition = rule?.condition.kind === kind ? rule.condition : undefined;
  const text = (number: number): string => {
    if (condition?.kind === "threshold" || condition?.kind === "rate")
      return metricText(condition.metric, number, format);
    return format.number(number, 1);
  };
  if (kind === "disk-forecast") return t.alerts.fullIn(format.duration(value * day));
  if (threshold === null) return text(value);
  const least = condition?.kind === "threshold" && condition.comparison === "below";
  return t.alerts[least ? "below" : "above"](text(value), text(threshold));
}
