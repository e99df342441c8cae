import type { Database } from "../../store/database.ts";
import { type MetricName, metricNames } from "./metricColumns.ts";
import type { OpenSeries } from "./openSeries.ts";
import { blockStart, minuteTier, quarterTier, RollupBlock, type RollupRow, type RollupTier } from "./rollup.ts";
import { decodeSamples, maxBlockSpan, type SampleTable } from "./sampleTable.ts";

export interface HistoryRequest {
  readonly metrics: readonly MetricName[];
  /** Milliseconds since 1970; `from` is included, `to` is not. */
  readonly from: number;
  readonly to: number;
  /** About how many points the chart has room for. */
  readonly points: number;
}

export interface History {
  /** Which tier it was read from, with its finest step in milliseconds; 0 for raw samples. */
  readonly resolution: number;
  /** The width of one point in milliseconds. */
  readonly step: number;
  /** Where each point starts. Only points that have a value of some metric. */
  readonly times: readonly number[];
  readonly series: Readonly<Partial<Record<MetricName, HistorySeries>>>;
}

/** Per point; null where the metric has no value. */
export interface HistorySeries {
  readonly min: readonly (number | null)[];
  readonly avg: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

export interface HistorySource {
  readonly database: Database;
  readonly nodeKey: number;
  /** The samples that are in no block yet. */
  readonly open: OpenSeries | undefined;
  /** Raw samples older than this are gone. */
  readonly rawFrom: number;
  /** One-minute rows older than this are gone. */
  readonly minutesFrom: number;
}

/** Steps that people read without thinking, in seconds. */
const niceSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** One query over the coarsest tier that still fills the chart, and the newest samples from memory. */
export async function readHistory(source: HistorySource, request: HistoryRequest): Promise<History> {
  const wanted = Math.max(1000, (request.to - request.from) / Math.max(1, request.points));
  const tier = chooseTier(source, request.from, wanted);
  const resolution = tier?.step ?? 0;
  const step =
    (niceSteps.find((seconds) => seconds * 1000 >= wanted) ?? Math.ceil(wanted / 86_400_000) * 86_400) * 1000;
  const buckets = new Buckets(request, Math.max(step, resolution));
  if (tier === undefined) await readRaw(source, request, buckets);
  else await readTier({ source, request, tier }, buckets);
  for (const table of source.open?.tables() ?? []) buckets.addSamples(table, request.metrics.map(metricIndex));
  return { resolution, step: buckets.step, ...buckets.finish() };
}

/** Undefined stands for raw samples. */
function chooseTier(source: HistorySource, from: number, wanted: number): RollupTier | undefined {
  if (wanted < minuteTier.step && from >= source.rawFrom) return undefined;
  return wanted < quarterTier.step && from >= source.minutesFrom ? minuteTier : quarterTier;
}

async function readRaw(source: HistorySource, request: HistoryRequest, buckets: Buckets): Promise<void> {
  const rows = await source.database.kysely
    .selectFrom("metric_raw")
    .select("block")
    .where("node_key", "=", source.nodeKey)
    .where("start", ">", buckets.from - maxBlockSpan)
    .where("start", "<", request.to)
    .where("end", ">=", buckets.from)
    .execute();
  const metrics = request.metrics.map(metricIndex);
  const all = metrics.map((_, index) => index);
  for (const { block } of rows) buckets.addSamples(decodeSamples(block, metrics), all);
}

interface TierRead {
  readonly source: HistorySource;
  readonly request: HistoryRequest;
  readonly tier: RollupTier;
}

async function readTier({ source, request, tier }: TierRead, buckets: Buckets): Promise<void> {
  const rows = await source.database.kysely
    .selectFrom(tier.table)
    .select(["start", "block"])
    .where("node_key", "=", source.nodeKey)
    .where("start", ">=", blockStart(tier, buckets.from))
    .where("start", "<", request.to)
    .execute();
  const metrics = request.metrics.map(metricIndex);
  for (const stored of rows) {
    const block = RollupBlock.decode(tier, stored, metrics);
    metrics.forEach((_, position) => {
      block.visit(position, (time, row) => buckets.add(position, time, row));
    });
  }
}

function metricIndex(name: MetricName): number {
  return metricNames.indexOf(name);
}

/** The points of a chart while values are added, in any order. */
class Buckets {
  readonly step: number;
  readonly #request: HistoryRequest;
  readonly #first: number;
  /** Per metric, per bucket. */
  readonly #rows: Map<number, RollupRow>[];

  constructor(request: HistoryRequest, step: number) {
    this.step = step;
    this.#request = request;
    this.#first = Math.floor(request.from / step);
    this.#rows = request.metrics.map(() => new Map());
  }

  /** Where the first point starts: the one that the request's `from` falls into is shown whole, nothing before it. */
  get from(): number {
    return this.#first * this.step;
  }

  add(position: number, time: number, row: RollupRow): void {
    const rows = this.#rows[position];
    const bucket = Math.floor(time / this.step);
    if (rows === undefined || bucket < this.#first || time >= this.#request.to) return;
    const known = rows.get(bucket);
    rows.set(
      bucket,
      known === undefined
        ? row
        : {
            count: known.count + row.count,
            min: Math.min(known.min, row.min),
            max: Math.max(known.max, row.max),
            sum: known.sum + row.sum,
          },
    );
  }

  /** @param columns for each metric of the request, which column of the table it is */
  addSamples(table: SampleTable, columns: readonly number[]): void {
    table.times.forEach((time, index) => {
      columns.forEach((column, position) => {
        const value = table.columns[column]?.[index] ?? Number.NaN;
        if (!Number.isNaN(value)) this.add(position, time, { count: 1, min: value, max: value, sum: value });
      });
    });
  }

  finish(): Pick<History, "times" | "series"> {
    const buckets = [...new Set(this.#rows.flatMap((rows) => [...rows.keys()]))].sort((a, b) => a - b);
    const series: Partial<Record<MetricName, HistorySeries>> = {};
    this.#request.metrics.forEach((metric, position) => {
      const rows = buckets.map((bucket) => this.#rows[position]?.get(bucket));
      series[metric] = {
        min: rows.map((row) => row?.min ?? null),
        avg: rows.map((row) => (row === undefined ? null : Math.round((row.sum / row.count) * 1000) / 1000)),
        max: rows.map((row) => row?.max ?? null),
      };
    });
    return { times: buckets.map((bucket) => bucket * this.step), series };
  }
}
