/** What a heartbeat may report. Percent 0–100; bytes; bytes per second; seconds. */
export const percentMetrics = ["cpu_usage", "memory_usage", "disk_usage"] as const;
export const amountMetrics = [
  "load_average",
  "memory_total",
  "memory_available",
  "disk_total",
  "disk_available",
  "network_rx",
  "network_tx",
  "uptime",
] as const;

export type MetricName = (typeof percentMetrics)[number] | (typeof amountMetrics)[number];
export type Metrics = Readonly<Partial<Record<MetricName, number>>>;

/**
 * The numbers among what a node reports. What is no finite number, negative or beyond 100 percent is a counter that went
 * wrong: it is dropped, the rest of the heartbeat is not. Undefined when nothing is left.
 */
export function readMetrics(value: unknown): Metrics | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const reported = value as Readonly<Record<string, unknown>>;
  const metrics: Partial<Record<MetricName, number>> = {};
  let found = false;
  for (const name of percentMetrics) {
    const percent = reported[name];
    // A rounding error above 100 is 100.
    if (!isAmount(percent) || percent > 100.5) continue;
    metrics[name] = Math.min(percent, 100);
    found = true;
  }
  for (const name of amountMetrics) {
    const amount = reported[name];
    if (!isAmount(amount)) continue;
    metrics[name] = amount;
    found = true;
  }
  return found ? metrics : undefined;
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
