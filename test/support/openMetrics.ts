import type { TestContext } from "node:test";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import type { PicketError } from "../../src-main/base/errors.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { type MetricName, metricNames, noValues } from "../../src-main/core/metrics/metricColumns.ts";
import type { History } from "../../src-main/core/metrics/metricHistory.ts";
import { defaultRetention, type MetricRetentionTimes } from "../../src-main/core/metrics/metricRetention.ts";
import { MetricStore } from "../../src-main/core/metrics/metricStore.ts";
import type { Database } from "../../src-main/store/database.ts";

export interface MetricsOptions {
  readonly database: Database;
  readonly clock?: Clock;
  readonly retention?: MetricRetentionTimes;
  readonly maxBytes?: number;
}

/** A metric store over a real database, closed before the database is. */
export async function openMetrics(context: Pick<TestContext, "after">, options: MetricsOptions): Promise<MetricStore> {
  const { database, clock = systemClock, retention = defaultRetention, maxBytes = 0 } = options;
  const store = await MetricStore.open({ database, clock, logger: silentLogger, retention, maxBytes });
  context.after(() => store.close());
  return store;
}

/** Makes nodes, so that the store knows their keys after a restart. */
export async function addNodes({ kysely }: Database, count: number): Promise<void> {
  const nodes = Array.from({ length: count }, (_, index) => ({
    node_id: `node-${index + 1}`,
    hostname: "host",
    ip_address: "127.0.0.1",
    group_name: "default",
    tags_json: "[]",
    capabilities_json: "[]",
    created_at: 0,
  }));
  await kysely.insertInto("nodes").values(nodes).execute();
}

export interface SampleOf {
  readonly nodeKey?: number;
  readonly time: number;
  readonly values?: Readonly<Partial<Record<MetricName, number>>>;
}

/** Appends a sample; resolves with the error when it was refused. */
export function append(store: MetricStore, { nodeKey = 1, time, values = { cpu_usage: 1 } }: SampleOf) {
  const numbers = noValues();
  for (const [name, value] of Object.entries(values)) numbers[metricNames.indexOf(name as MetricName)] = value;
  return new Promise<PicketError | undefined>((resolve) => {
    store.append({ nodeKey, time, values: numbers }, resolve);
  });
}

/** The raw samples of one metric, as time and value: a history with a point per second. */
export async function rawSamples(
  store: MetricStore,
  nodeKey: number,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Record<number, number | null | undefined>> {
  const points = Math.ceil((to - from) / 1_000);
  const history = await store.history(nodeKey, { metrics: ["cpu_usage"], from, to, points });
  return byTime(history, "cpu_usage");
}

/** The averages of a history by the time of their point. */
export function byTime(history: History, metric: MetricName): Record<number, number | null | undefined> {
  return Object.fromEntries(history.times.map((time, index) => [time, history.series[metric]?.avg[index]]));
}
