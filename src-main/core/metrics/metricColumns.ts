/**
 * The numbers of one sample, in the order in which they are stored. New ones are only ever appended: a stored block says
 * how many it has.
 */
export const metricNames = [
  /** Percent, 0–100. */
  "cpu_usage",
  "memory_usage",
  "disk_usage",
  /** Over one minute. */
  "load_average",
  /** Bytes. */
  "memory_total",
  "memory_available",
  "disk_total",
  "disk_available",
  /** Bytes per second. */
  "network_rx",
  "network_tx",
  /** Seconds. */
  "uptime",
] as const;

export type MetricName = (typeof metricNames)[number];

export const metricCount = metricNames.length;

/**
 * One number per column; NaN where the sample has none. A plain array: a typed one of this size is allocated outside the
 * heap, and with one per sample that alone took a twentieth of the core's time.
 */
export type MetricValues = number[];

const blank: MetricValues = metricNames.map(() => Number.NaN);

export function noValues(): MetricValues {
  return blank.slice();
}

export interface Sample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly values: MetricValues;
}
