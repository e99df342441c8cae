const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The last so many milliseconds, moving; or from one moment to another, standing still. */
export type ChartRange =
  | { readonly kind: "last"; readonly span: number }
  | { readonly kind: "fixed"; readonly from: number; readonly to: number };

export interface Bounds {
  readonly from: number;
  readonly to: number;
}

export const rangeLimits = { shortest: 10 * minute, longest: 13 * 31 * day } as const;

export const presets = {
  tenMinutes: 10 * minute,
  hour,
  sixHours: 6 * hour,
  day,
  week: 7 * day,
  month: 30 * day,
  year: rangeLimits.longest,
} as const;
export type Preset = keyof typeof presets;

/** What is shown of a node before anybody chooses: of one that has just come, an hour would be empty but for a corner. */
export function firstRange(age: number): ChartRange {
  return { kind: "last", span: age < presets.hour / 2 ? presets.tenMinutes : presets.hour };
}

/** Up to here the curves grow with every second; beyond, a second is less than a pixel. */
const everySecondUpTo = hour;

/** Whether each sample is worth drawing as it comes. */
export function showsEverySecond(range: ChartRange): boolean {
  return range.kind === "last" && range.span <= everySecondUpTo;
}

/** What a range means now. A moving one moves by whole pixels of a chart of this width, so that it does not shimmer. */
export function boundsOf(range: ChartRange, now: number, width: number): Bounds {
  if (range.kind === "fixed") return range;
  const pixel = Math.max(1000, range.span / Math.max(200, width));
  const to = Math.ceil(now / pixel) * pixel;
  return { from: to - range.span, to };
}

/** A selection of at least the shortest range, around its middle, and never beyond now. */
export function zoomTo(selection: Bounds, now: number): ChartRange {
  const span = Math.max(rangeLimits.shortest, selection.to - selection.from);
  const middle = (selection.from + selection.to) / 2;
  const to = Math.min(middle + span / 2, Math.max(now, selection.to));
  return { kind: "fixed", from: Math.round(to - span), to: Math.round(to) };
}

export type RangeFault = "order" | "limits";

/** What is wrong with a range that somebody typed. */
export function checkRange({ from, to }: Bounds): RangeFault | undefined {
  if (!(from < to)) return "order";
  const span = to - from;
  return span < rangeLimits.shortest || span > rangeLimits.longest ? "limits" : undefined;
}
