import type { Metrics } from "../../protocols/nodes/metrics.ts";

/** Measures this machine. The first reading of a rate or a share is missing: it takes two. */
export interface Sampler {
  sample(): Promise<Metrics>;
  dispose(): void;
}

/** One decimal is what people read; two more would only make history larger. */
export function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
