/** Seconds since 1970 as a field for local time has them, in whole minutes; empty for what has no end. */
export function timeFieldOf(seconds: number | null): string {
  if (seconds === null || seconds === 0) return "";
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) return "";
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Seconds since 1970; undefined when the field is empty or names no time. */
export function secondsOfField(field: string): number | undefined {
  const time = Date.parse(field);
  return Number.isNaN(time) || time < 0 ? undefined : time / 1000;
}
