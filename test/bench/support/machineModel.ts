import { metricNames } from "../../../src-main/core/metrics/metricColumns.ts";
import type { SampleTable } from "../../../src-main/core/metrics/sampleTable.ts";

const gibibyte = 2 ** 30;
const page = 4_096;

/** Numbers as a real machine's agent reports them: they wander, in the units and decimals of the agent's sampler. */
export class MachineModel {
  #seed: number;
  #cpu = 12;
  #memory = 6.2 * gibibyte;
  #disk = 120 * gibibyte;
  #load = 0.4;
  #traffic = 20_000;

  constructor(seed: number) {
    this.#seed = seed * 2_654_435_761 + 1;
  }

  /** The samples from `from` on, one every `step` milliseconds. */
  samples(from: number, count: number, step: number): SampleTable {
    const times = new Float64Array(count);
    const columns = metricNames.map(() => new Float64Array(count));
    for (let row = 0; row < count; row += 1) {
      const time = from + row * step;
      // Timers are late by some milliseconds, and never twice the same.
      times[row] = time + Math.floor(this.#random() * 12);
      this.#next(time).forEach((value, column) => {
        const values = columns[column];
        if (values !== undefined) values[row] = value;
      });
    }
    return { times, columns };
  }

  /** In the order of `metricNames`. */
  #next(time: number): readonly number[] {
    const day = Math.sin((time / 86_400_000) * 2 * Math.PI);
    this.#cpu = bounded(this.#cpu + (this.#random() - 0.5) * 8 + (12 + 6 * day - this.#cpu) * 0.05, 0.2, 100);
    this.#memory = bounded(this.#memory + (this.#random() - 0.5) * 400 * page, gibibyte, 15 * gibibyte);
    this.#disk = bounded(this.#disk + (this.#random() - 0.48) * 200 * page, gibibyte, 200 * gibibyte);
    this.#load = bounded(this.#load + (this.#random() - 0.5) * 0.1 + (0.4 - this.#load) * 0.02, 0, 30);
    this.#traffic = bounded(this.#traffic * (0.7 + this.#random() * 0.62), 200, 100_000_000);
    const total = 16 * gibibyte;
    const diskTotal = 256 * gibibyte;
    const used = Math.round(this.#memory / page) * page;
    const disk = Math.round(this.#disk / page) * page;
    return [
      tenths(this.#cpu),
      tenths((used / total) * 100),
      tenths((disk / diskTotal) * 100),
      Math.round(this.#load * 100) / 100,
      total,
      total - used,
      diskTotal,
      diskTotal - disk,
      Math.round(this.#traffic),
      Math.round(this.#traffic * 0.3),
      Math.floor(time / 1000) % 40_000_000,
    ];
  }

  /** The same numbers in every run: what is compared must not differ by luck. */
  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function bounded(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
