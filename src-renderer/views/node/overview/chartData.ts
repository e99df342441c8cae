import type { History, MetricName, NodeSample } from "../../../../src-main/protocols/machines/messages/nodes.ts";

/** Values over time as a chart takes them: seconds, then a column of values per curve. */
export type ChartColumns = [times: number[], ...curves: (number | null)[][]];

type Column = readonly (number | null)[];
type Curves = Readonly<Record<"min" | "avg" | "max", Column>>;

/** What was measured in a range: rolled up where it is long ago, sample by sample where somebody watched. */
export interface ChartHistory {
  readonly times: readonly number[];
  readonly series: Readonly<Partial<Record<MetricName, Curves>>>;
  /** The width of a point, in milliseconds. */
  readonly step: number;
}

/** A point further than this many usual steps from the one before is behind a gap. */
const gapFactor = 3.5;

export function chartHistory({ times, series, step }: History): ChartHistory {
  return { times, series, step };
}

/** The history with a sample more, without what has moved out at the left. */
export function withSample(history: ChartHistory, sample: NodeSample, from: number): ChartHistory {
  const last = history.times.at(-1) ?? Number.NEGATIVE_INFINITY;
  if (sample.time <= last) return history;
  const first = history.times.findIndex((time) => time >= from);
  const start = first === -1 ? history.times.length : first;
  const grow = (column: Column, value: number | null): Column => [...column.slice(start), value];
  const series = Object.fromEntries(
    Object.entries(history.series).map(([name, { min, avg, max }]) => {
      const value = sample.values[name as MetricName] ?? null;
      return [name, { min: grow(min, value), avg: grow(avg, value), max: grow(max, value) }];
    }),
  );
  return { times: [...history.times.slice(start), sample.time], series, step: history.step };
}

/**
 * The columns of a chart: per metric its highest, lowest and average. Where nothing was measured for longer than usual
 * stands an empty point, so that the curve breaks there: a straight line through an outage would be a lie.
 */
export function chartColumns(history: ChartHistory, metrics: readonly MetricName[]): ChartColumns {
  const { times } = history;
  const gap = gapWidth(history);
  const columns = metrics.flatMap((metric) => {
    const curves = history.series[metric];
    return [curves?.max ?? [], curves?.min ?? [], curves?.avg ?? []];
  });
  const outTimes: number[] = [];
  const outColumns: (number | null)[][] = columns.map(() => []);
  times.forEach((time, index) => {
    const before = times[index - 1];
    if (before !== undefined && time - before > gap) {
      outTimes.push((before + 1) / 1000);
      for (const column of outColumns) column.push(null);
    }
    outTimes.push(time / 1000);
    columns.forEach((column, at) => {
      outColumns[at]?.push(column[index] ?? null);
    });
  });
  return [outTimes, ...outColumns];
}

/** The longest distance of two points that still belong together: a node reports at its own pace. */
function gapWidth({ times, step }: ChartHistory): number {
  const distances = times
    .slice(1)
    .map((time, index) => time - (times[index] ?? time))
    .sort((a, b) => a - b);
  const usual = distances[Math.floor(distances.length / 2)] ?? step;
  return Math.max(step * 2.5, usual * gapFactor, 3_000);
}
