/** A time in milliseconds since 1970 as scripts read it, RFC 3339; null stays null. */
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
