// A core's metric store over a stored year, in a fresh process, and how fast it draws charts.
import { type Clock, systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { metricNames } from "../../../src-main/core/metrics/metricColumns.ts";
import { defaultRetention } from "../../../src-main/core/metrics/metricRetention.ts";
import { MetricStore } from "../../../src-main/core/metrics/metricStore.ts";
import { Database } from "../../../src-main/store/database.ts";
import { serveCalls } from "../support/child.ts";

interface Chart {
  readonly nodeKey: number;
  /** Milliseconds. */
  readonly range: number;
  readonly points: number;
}

interface ChartResult {
  readonly milliseconds: number;
  /** How many points it has, and the finest step it was read from: a chart of nothing is fast. */
  readonly points: number;
  readonly resolution: number;
}

let database: Database | undefined;
let store: MetricStore | undefined;
let until = 0;

const calls = {
  /** Returns the keys of the nodes. */
  async open({ file, at }: { readonly file: string; readonly at: number }): Promise<number[]> {
    until = at;
    database = await Database.open({ file });
    const clock: Clock = { ...systemClock, wallTime: () => until };
    store = await MetricStore.open({
      database,
      clock,
      logger: silentLogger,
      retention: defaultRetention,
      maxBytes: 0,
    });
    const rows = await database.kysely.selectFrom("nodes").select("key").orderBy("key").execute();
    return rows.map(({ key }) => key);
  },

  async chart({ nodeKey, range, points }: Chart): Promise<ChartResult> {
    if (store === undefined) throw new Error("not open");
    const startedAt = performance.now();
    const request = { metrics: metricNames, from: until - range, to: until, points };
    const history = await store.history(nodeKey, request);
    const milliseconds = performance.now() - startedAt;
    return { milliseconds, points: history.times.length, resolution: history.resolution };
  },

  async close(): Promise<void> {
    await store?.close();
    await database?.close();
  },
};

export type HistoryReader = typeof calls;

serveCalls(calls);
