import type { AlertCondition } from "./alertRule.ts";

type Rate = Extract<AlertCondition, { kind: "rate" }>;

interface Point {
  readonly time: number;
  readonly value: number;
}

/** The values of the time that a rate looks back over, thinned out to a bounded number. */
export type RateWindow = readonly Point[];

const pointsPerWindow = 60;

/** The window with a value more, and by how much the value has risen (or fallen) within it. */
export function advanceRate(
  window: RateWindow,
  point: Point,
  { per, change }: Rate,
): { readonly window: RateWindow; readonly change: number; readonly bad: boolean } {
  const from = point.time - per;
  const last = window.at(-1);
  // After a clock was set back, what is in the window lies in the future.
  const kept = last !== undefined && last.time > point.time ? [] : window;
  const isFull = (kept[0]?.time ?? from) < from;
  const due = last === undefined || kept.length === 0 || point.time - last.time >= per / pointsPerWindow;
  const inside = isFull ? kept.filter(({ time }) => time >= from) : kept;
  let reference = point.value;
  for (const { value } of inside) reference = change >= 0 ? Math.min(reference, value) : Math.max(reference, value);
  const changed = point.value - reference;
  const bad = change >= 0 ? changed >= change : changed <= change;
  return { window: due ? [...inside, point] : inside, change: changed, bad };
}
