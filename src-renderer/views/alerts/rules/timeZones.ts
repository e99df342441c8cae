/**
 * The time zones that the browser knows, by name.
 *
 * @param chosen one that is there in any case: an offset, or a name that this browser does not know
 */
export function timeZones(chosen: string): readonly string[] {
  return [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), chosen])].sort();
}
