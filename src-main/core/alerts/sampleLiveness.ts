/** What is remembered of a node to tell its live samples from those that it sends after an outage. */
export interface SamplePace {
  readonly time: number;
  readonly arrivedAt: number;
  /** How many samples in a row arrived at the pace at which they were measured. */
  readonly steady: number;
}

export interface Arrival {
  /** When the node measured it, milliseconds since 1970. */
  readonly time: number;
  /** The core's wall clock. */
  readonly wall: number;
  /** The core's monotonic clock. */
  readonly now: number;
}

/** A sample this young is live whatever came before. */
const young = 120_000;
/** So many at the right pace are live whatever the clocks say: one of the two clocks is wrong. */
const steadyEnough = 6;

/**
 * Whether a sample tells of now. What a node kept during an outage tells of the past, and comes faster than it was
 * measured; a node whose clock is hours off tells of now, and its samples come at their own pace.
 */
export function judgeSample(
  pace: SamplePace | undefined,
  { time, wall, now }: Arrival,
): { readonly pace: SamplePace; readonly live: boolean } {
  const measured = pace === undefined ? 0 : time - pace.time;
  const passed = pace === undefined ? 0 : now - pace.arrivedAt;
  const inStep = measured > 0 && Math.abs(passed - measured) <= measured / 2;
  const steady = pace !== undefined && inStep ? Math.min(pace.steady + 1, steadyEnough) : 0;
  return { pace: { time, arrivedAt: now, steady }, live: Math.abs(wall - time) <= young || steady >= steadyEnough };
}
