import { amountMetrics, type MetricName, type Metrics, percentMetrics } from "../../protocols/nodes/metrics.ts";

export interface SpooledSample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly metrics: Metrics;
}

const names: readonly MetricName[] = [...percentMetrics, ...amountMetrics];
const stride = names.length + 1;
export const recordBytes = stride * 8;

/** Samples, first in, first out, as plain numbers in one buffer: a day of them is two megabytes, not seven. */
export class SampleQueue {
  #rows = new Float64Array(stride * 64);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The time of the oldest sample. */
  get oldest(): number | undefined {
    return this.#size === 0 ? undefined : this.#rows[this.#head * stride];
  }

  push({ time, metrics }: SpooledSample): void {
    this.#reserve();
    const at = (this.#head + this.#size) * stride;
    this.#rows[at] = time;
    names.forEach((name, column) => {
      this.#rows[at + column + 1] = metrics[name] ?? Number.NaN;
    });
    this.#size += 1;
  }

  shift(): void {
    if (this.#size === 0) return;
    this.#head += 1;
    this.#size -= 1;
  }

  /** Up to `count` samples from the `skip` oldest on. */
  peek(skip: number, count: number): SpooledSample[] {
    const samples: SpooledSample[] = [];
    for (let index = skip; index < Math.min(this.#size, skip + count); index += 1) {
      const at = (this.#head + index) * stride;
      const metrics: Partial<Record<MetricName, number>> = {};
      names.forEach((name, column) => {
        const value = this.#rows[at + column + 1] ?? Number.NaN;
        if (!Number.isNaN(value)) metrics[name] = value;
      });
      samples.push({ time: this.#rows[at] ?? 0, metrics });
    }
    return samples;
  }

  /** The samples from the `skip` oldest on, as a file holds them. */
  toBytes(skip: number): Uint8Array {
    const rows = this.#rows.subarray((this.#head + skip) * stride, (this.#head + this.#size) * stride);
    return new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength).slice();
  }

  /** Appends what `toBytes` made; a record that is cut off at the end is left out. */
  append(bytes: Uint8Array): void {
    const whole = bytes.length - (bytes.length % recordBytes);
    // A copy, also of a Buffer, whose `slice` is none: it is a piece of a pool that holds other things too.
    const rows = new Float64Array(new Uint8Array(bytes.subarray(0, whole)).buffer);
    for (let at = 0; at < rows.length; at += stride) {
      // A broken disk's nonsense could not be sent, and would stand in the way of everything behind it.
      if (!isTime(rows[at])) continue;
      this.#reserve();
      this.#rows.set(rows.subarray(at, at + stride), (this.#head + this.#size) * stride);
      this.#size += 1;
    }
  }

  /** Makes room for one more behind the last. */
  #reserve(): void {
    if ((this.#head + this.#size + 1) * stride <= this.#rows.length) return;
    const used = this.#rows.subarray(this.#head * stride, (this.#head + this.#size) * stride);
    const target = this.#head > this.#size ? this.#rows : new Float64Array(this.#rows.length * 2);
    target.set(used);
    this.#rows = target;
    this.#head = 0;
  }
}

/** Whether it can be a moment in milliseconds since 1970. */
function isTime(value: number | undefined): boolean {
  return value !== undefined && value > 0 && value <= 8.64e15;
}
