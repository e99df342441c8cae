export interface BackoffOptions {
  /** Upper limit of the first delay, in milliseconds. @default 1000 */
  readonly base?: number;
  /** Upper limit of every delay, in milliseconds. @default 60000 */
  readonly cap?: number;
  /** A number in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/**
 * The delay before attempt `attempt` (0 is the first retry): exponential with full jitter, so that ten thousand agents
 * of a core that restarts do not come back in the same second.
 */
export function fullJitter(attempt: number, options: BackoffOptions = {}): number {
  const { base = 1000, cap = 60_000, random = Math.random } = options;
  const ceiling = Math.min(cap, base * 2 ** Math.min(attempt, 30));
  return Math.round(random() * ceiling);
}
