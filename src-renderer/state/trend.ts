import type { History } from "../../src-main/protocols/machines/messages/nodes.ts";

export interface TrendPoint {
  readonly time: number;
  readonly value: number;
}

/** How far back the small curves go, in milliseconds. */
export const trendSpan = 15 * 60_000;
/** As many points as such a curve has room for. */
export const trendPoints = 60;
const pointWidth = trendSpan / trendPoints;

/** The curve that a history answer draws. */
export function trendOf(history: History, metric: "cpu_usage"): TrendPoint[] {
  const averages = history.series[metric]?.avg ?? [];
  return history.times.flatMap((time, index) => {
    const value = averages[index];
    return value === undefined || value === null ? [] : [{ time, value }];
  });
}

/** The curve with one value more. Values closer together than a point is wide become one point. */
export function extendTrend(trend: readonly TrendPoint[], point: TrendPoint): readonly TrendPoint[] {
  const last = trend.at(-1);
  if (last !== undefined && point.time <= last.time) return trend;
  const from = point.time - trendSpan;
  const kept = trend[0] !== undefined && trend[0].time < from ? trend.filter(({ time }) => time >= from) : trend;
  const before = kept.at(-2);
  const crowded = before !== undefined && last !== undefined && last.time - before.time < pointWidth;
  return [...(crowded ? kept.slice(0, -1) : kept), point];
}

/** The curve as the `d` of a path in a box, from 0 to 100 percent; a hole in the data is a hole in the curve. */
export function trendPath(
  trend: readonly TrendPoint[],
  box: { readonly width: number; readonly height: number; readonly until: number },
): string {
  let path = "";
  let before: TrendPoint | undefined;
  for (const point of trend) {
    const x = ((point.time - box.until + trendSpan) / trendSpan) * box.width;
    const y = box.height - (Math.min(100, Math.max(0, point.value)) / 100) * box.height;
    const joined = before !== undefined && point.time - before.time < pointWidth * 6;
    path += `${joined ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    before = point;
  }
  return path;
}
