import { type MetricValues, metricCount, noValues } from "./metricColumns.ts";

export interface JournalSample {
  readonly nodeKey: number;
  readonly time: number;
  readonly values: MetricValues;
}

const headerBytes = 4 + 8 + 2;

/**
 * The samples of one group commit as one value: `u32 node | f64 time | u16 which metrics | f64 each`. They live here only
 * until they are folded into blocks, so they are packed for speed and not for size.
 */
export function encodeJournal(samples: readonly JournalSample[]): Uint8Array {
  const bytes = new Uint8Array(samples.length * (headerBytes + 8 * metricCount));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { nodeKey, time, values } of samples) {
    view.setUint32(at, nodeKey);
    view.setFloat64(at + 4, time);
    const maskAt = at + 12;
    at += headerBytes;
    let mask = 0;
    for (let metric = 0; metric < metricCount; metric += 1) {
      const value = values[metric] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      mask |= 1 << metric;
      view.setFloat64(at, value);
      at += 8;
    }
    view.setUint16(maskAt, mask);
  }
  return bytes.subarray(0, at);
}

/** @throws {RangeError} when the row is cut off */
export function decodeJournal(bytes: Uint8Array): JournalSample[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples: JournalSample[] = [];
  let at = 0;
  while (at < bytes.length) {
    const nodeKey = view.getUint32(at);
    const time = view.getFloat64(at + 4);
    const mask = view.getUint16(at + 12);
    at += headerBytes;
    const values = noValues();
    for (let metric = 0; metric < 16; metric += 1) {
      if ((mask & (1 << metric)) === 0) continue;
      values[metric] = view.getFloat64(at);
      at += 8;
    }
    samples.push({ nodeKey, time, values });
  }
  return samples;
}
