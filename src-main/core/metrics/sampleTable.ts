import { decodeColumns, encodeColumns } from "./columnCodec.ts";
import { type MetricValues, metricCount } from "./metricColumns.ts";

/** Samples of one node, column by column, in the order of their times. */
export interface SampleTable {
  readonly times: Float64Array;
  /** In the order of `metricNames`, or of the columns that were asked for. */
  readonly columns: readonly Float64Array[];
}

/** A stored block: the times, then every metric. */
export function encodeSamples(table: SampleTable): Uint8Array {
  return encodeColumns([table.times, ...table.columns]);
}

/** Reads the times and the given metrics of a stored block. */
export function decodeSamples(block: Uint8Array, metrics: readonly number[]): SampleTable {
  const [times = new Float64Array(0), ...columns] = decodeColumns(block, [0, ...metrics.map((metric) => metric + 1)]);
  return { times, columns };
}

/** No block spans more than this, so that a chart finds every block it needs by its start. Milliseconds. */
export const maxBlockSpan = 3_600_000;

/** The same samples in tables that each span at most `maxBlockSpan`: a node that was away delivers a day at once. */
export function splitBySpan(table: SampleTable): SampleTable[] {
  const parts: SampleTable[] = [];
  let first = 0;
  for (let index = 1; index <= table.times.length; index += 1) {
    const start = table.times[first] ?? 0;
    const next = table.times[index];
    if (next !== undefined && next - start < maxBlockSpan) continue;
    parts.push({
      times: table.times.subarray(first, index),
      columns: table.columns.map((column) => column.subarray(first, index)),
    });
    first = index;
  }
  return parts;
}

const stride = metricCount + 1;

/** Gathers samples one after another in one buffer: an object per sample would weigh more than the sample. */
export class SampleBuffer {
  #rows = new Float64Array(stride * 8);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(time: number, values: MetricValues): void {
    const at = this.#count * stride;
    if (at + stride > this.#rows.length) {
      const larger = new Float64Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows[at] = time;
    for (let metric = 0; metric < metricCount; metric += 1) this.#rows[at + metric + 1] = values[metric] ?? Number.NaN;
    this.#count += 1;
  }

  has(time: number): boolean {
    for (let row = 0; row < this.#count; row += 1) if (this.#rows[row * stride] === time) return true;
    return false;
  }

  /** The samples in the order of their times. */
  toTable(): SampleTable {
    const order = Array.from({ length: this.#count }, (_, row) => row * stride).sort(
      (a, b) => (this.#rows[a] ?? 0) - (this.#rows[b] ?? 0),
    );
    const columns = Array.from({ length: metricCount }, (_, metric) => this.#column(metric + 1, order));
    return { times: this.#column(0, order), columns };
  }

  /** A loop, not `Float64Array.from`: that one takes twenty times as long. */
  #column(offset: number, order: readonly number[]): Float64Array {
    const column = new Float64Array(order.length);
    for (let row = 0; row < order.length; row += 1) column[row] = this.#rows[(order[row] ?? 0) + offset] ?? 0;
    return column;
  }
}
