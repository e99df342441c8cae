import type { Catalogue } from "../i18n/catalogue.ts";
import type { Formats } from "../i18n/formats.ts";
import { wireTime } from "./wireTime.ts";

/** When something holds, in words. Times are seconds since 1970; an end of null is never. */
export function windowText(
  { start_time, end_time }: { readonly start_time: number; readonly end_time: number | null },
  { t, format, now }: { readonly t: Catalogue; readonly format: Formats; readonly now: number },
): string {
  const { times } = t.documentsAdmin;
  if (end_time !== null && end_time < now) return times.over(format.shortDateTime(wireTime(end_time)));
  const end = end_time === null ? undefined : format.shortDateTime(wireTime(end_time));
  if (start_time <= now) return end === undefined ? times.always : times.untilText(end);
  const start = format.shortDateTime(wireTime(start_time));
  return end === undefined ? times.fromText(start) : times.between(start, end);
}
