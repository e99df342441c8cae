import { decodeColumns, encodeColumns } from "./columnCodec.ts";
import { metricCount } from "./metricColumns.ts";
import type { SampleTable } from "./sampleTable.ts";

const minute = 60_000;

/** A tier of rolled-up history. One stored block covers `span` in rows of `step`, both in milliseconds. */
export interface RollupTier {
  readonly table: "metric_minutes" | "metric_quarters";
  readonly step: number;
  readonly span: number;
}

export const minuteTier: RollupTier = { table: "metric_minutes", step: minute, span: 60 * minute };
export const quarterTier: RollupTier = { table: "metric_quarters", step: 15 * minute, span: 24 * 60 * minute };
export const rollupTiers = [minuteTier, quarterTier] as const;

/** The four numbers that a row keeps of each metric; an average is sum by count, so that rows can be merged exactly. */
const parts = 4;
const part = { count: 0, min: 1, max: 2, sum: 3 } as const;

/** Where the block that `time` falls into starts. */
export function blockStart(tier: RollupTier, time: number): number {
  return Math.floor(time / tier.span) * tier.span;
}

/** The rows of one block while samples are added to it. */
export class RollupBlock {
  readonly start: number;
  readonly #tier: RollupTier;
  readonly #columns: Float64Array[];

  private constructor(tier: RollupTier, start: number, columns: Float64Array[]) {
    this.#tier = tier;
    this.start = start;
    this.#columns = columns;
  }

  static empty(tier: RollupTier, start: number): RollupBlock {
    const rows = tier.span / tier.step;
    const columns = Array.from({ length: metricCount * parts }, () => new Float64Array(rows).fill(Number.NaN));
    return new RollupBlock(tier, start, columns);
  }

  /** Of a stored block; `metrics` limits what is read, and then it must not be encoded again. */
  static decode(tier: RollupTier, stored: StoredBlock, metrics?: readonly number[]): RollupBlock {
    const wanted = metrics ?? Array.from({ length: metricCount }, (_, metric) => metric);
    const indexes = wanted.flatMap((metric) => [0, 1, 2, 3].map((offset) => metric * parts + offset));
    return new RollupBlock(tier, stored.start, decodeColumns(stored.block, indexes));
  }

  encode(): Uint8Array {
    return encodeColumns(this.#columns);
  }

  /** Adds the samples of `table` that fall into this block. */
  add(table: SampleTable): void {
    const end = this.start + this.#tier.span;
    for (let index = 0; index < table.times.length; index += 1) {
      const time = table.times[index] ?? 0;
      if (time < this.start || time >= end) continue;
      const row = Math.floor((time - this.start) / this.#tier.step);
      for (let metric = 0; metric < metricCount; metric += 1) {
        const value = table.columns[metric]?.[index] ?? Number.NaN;
        if (!Number.isNaN(value)) this.#addValue(metric, row, value);
      }
    }
  }

  /** Calls `visit` for every row that has values of the metric at `position` of those that were decoded. */
  visit(position: number, visit: (time: number, row: RollupRow) => void): void {
    const [counts, minima, maxima, sums] = this.#columns.slice(position * parts, position * parts + parts);
    if (counts === undefined || minima === undefined || maxima === undefined || sums === undefined) return;
    for (let row = 0; row < counts.length; row += 1) {
      const count = counts[row] ?? Number.NaN;
      if (Number.isNaN(count)) continue;
      visit(this.start + row * this.#tier.step, {
        count,
        min: minima[row] ?? 0,
        max: maxima[row] ?? 0,
        sum: sums[row] ?? 0,
      });
    }
  }

  #addValue(metric: number, row: number, value: number): void {
    const at = metric * parts;
    const count = this.#columns[at + part.count];
    const min = this.#columns[at + part.min];
    const max = this.#columns[at + part.max];
    const sum = this.#columns[at + part.sum];
    if (count === undefined || min === undefined || max === undefined || sum === undefined) return;
    const known = count[row] ?? Number.NaN;
    const first = Number.isNaN(known);
    count[row] = first ? 1 : known + 1;
    min[row] = first ? value : Math.min(min[row] ?? value, value);
    max[row] = first ? value : Math.max(max[row] ?? value, value);
    // Sums of decimals drift in the last bit; to a thousandth they stay exact, and stay small when packed.
    sum[row] = first ? value : Math.round(((sum[row] ?? 0) + value) * 1000) / 1000;
  }
}

export interface RollupRow {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

export interface StoredBlock {
  readonly start: number;
  readonly block: Uint8Array;
}
