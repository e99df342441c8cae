import type { QuietHours } from "./alertRule.ts";

const formats = new Map<string, Intl.DateTimeFormat>();
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Whether the zone is one that the clock of the world knows. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether it is quiet at this moment, by the clock on the wall of that zone: a night in which the clocks change is an hour
 * shorter or longer, and ends when the clock says so.
 *
 * @param now milliseconds since 1970
 */
export function isQuiet({ days, from, to, timeZone }: QuietHours, now: number): boolean {
  const { weekday, minutes } = localTime(timeZone, now);
  const start = minutesOf(from);
  const end = minutesOf(to);
  if (start < end) return days.includes(weekday) && minutes >= start && minutes < end;
  // Over midnight, or a whole day: the part after midnight belongs to the day before.
  if (minutes >= start) return days.includes(weekday);
  return minutes < end && days.includes((weekday + 6) % 7);
}

function localTime(timeZone: string, now: number): { readonly weekday: number; readonly minutes: number } {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const hours = Number(parts.get("hour"));
  return {
    weekday: weekdays.indexOf(parts.get("weekday") ?? ""),
    minutes: hours * 60 + Number(parts.get("minute")),
  };
}

/** @throws {RangeError} an unknown zone */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const options = { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const made = new Intl.DateTimeFormat("en-US", options);
  if (formats.size < 1_000) formats.set(timeZone, made);
  return made;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}
