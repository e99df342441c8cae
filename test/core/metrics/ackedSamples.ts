// Appends samples without end, folds now and then, and prints each acked time. Killed by metricRecovery.test.ts.
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { noValues } from "../../../src-main/core/metrics/metricColumns.ts";
import { defaultRetention } from "../../../src-main/core/metrics/metricRetention.ts";
import { MetricStore } from "../../../src-main/core/metrics/metricStore.ts";
import { Database } from "../../../src-main/store/database.ts";

const [file = "", start = "0"] = process.argv.slice(2);
const database = await Database.open({ file });
const store = await MetricStore.open({
  database,
  clock: systemClock,
  logger: silentLogger,
  retention: defaultRetention,
  maxBytes: 0,
});

function append(nodeKey: number, time: number): Promise<void> {
  const values = noValues();
  values[0] = (time / 1_000) % 97;
  return new Promise((resolve) => {
    store.append({ nodeKey, time, values }, (error) => {
      if (error === undefined) process.stdout.write(`${nodeKey} ${time}\n`);
      resolve();
    });
  });
}

for (let second = 0; ; second += 3) {
  const times = [0, 1, 2].map((offset) => Number(start) + (second + offset) * 1_000);
  if (second % 30 === 0) void store.foldAll();
  await Promise.all([1, 2].flatMap((nodeKey) => times.map((time) => append(nodeKey, time))));
}
