import type { TimedEntry } from "./timedNames.svelte.ts";

/**
 * Rights or memberships as they are sent: what always holds as a bare name. Some servers take nothing but names there,
 * others take both.
 *
 * @param member what the name is called beside its times
 */
export function wireEntries<M extends string>(
  member: M,
  entries: readonly TimedEntry[],
): (string | Record<string, string | number | null>)[] {
  return entries.map(({ name, start_time, end_time }) =>
    start_time === 0 && end_time === null ? name : { [member]: name, start_time, end_time },
  );
}
