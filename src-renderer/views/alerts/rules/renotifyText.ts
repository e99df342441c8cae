import type { Catalogue } from "../../../i18n/catalogue.ts";
import type { Formats } from "../../../i18n/formats.ts";

/** @param every milliseconds between reminders; null: none */
export function renotifyText(
  every: number | null,
  { t, format }: { readonly t: Catalogue; readonly format: Formats },
): string {
  return every === null ? t.alertRules.renotifyNever : t.alertRules.renotifyEvery(format.durationWords(every));
}
