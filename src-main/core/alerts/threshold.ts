import type { AlertCondition } from "./alertRule.ts";
import type { Verdict } from "./episode.ts";

type Threshold = Extract<AlertCondition, { kind: "threshold" }>;

/** What one value says, or a stretch of time with its least and greatest value. */
export function judgeThreshold({ comparison, value }: Threshold, least: number, greatest = least): Verdict {
  const bad = comparison === "above" ? least > value : greatest < value;
  if (bad) return "bad";
  const good = comparison === "above" ? greatest <= value : least >= value;
  return good ? "good" : "mixed";
}
