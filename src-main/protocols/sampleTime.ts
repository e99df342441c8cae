/** A node may have been away for a day, and a slow day at that; older samples have no place in the raw history. */
const oldest = 48 * 3_600_000;
const newest = 10 * 60_000;

/**
 * The time to store a sample under: the node's own, so that what it sends after an outage lands where it
 * belongs; now, when its clock says something that cannot be.
 *
 * @param stamp when the node says that it was measured, RFC 3339
 * @param now the core's wall time in milliseconds
 * @param last the time given to the connection's sample before: two samples stamped here must not fall on each other
 */
export function sampleTime(stamp: string, now: number, last: number): number {
  const own = Date.parse(stamp);
  if (own >= now - oldest && own <= now + newest) return own;
  return last >= now && last < now + newest ? last + 1 : now;
}
