// Stores lines without end and prints each batch when it is acked. Killed by logRecovery.test.ts.
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { defaultLogLimits } from "../../../src-main/core/logs/logRetention.ts";
import { LogStore } from "../../../src-main/core/logs/logStore.ts";

const [file = "", start = "0"] = process.argv.slice(2);
const store = await LogStore.open({ file, clock: systemClock, logger: silentLogger, limits: defaultLogLimits });

for (let batch = Number(start); ; batch += 4) {
  await Promise.all(
    [0, 1, 2, 3].map(async (offset) => {
      const time = Date.now();
      const entries = Array.from({ length: 20 }, (_, index) => ({
        time,
        level: "info" as const,
        source: "test",
        message: `batch ${batch + offset} line ${index}`,
      }));
      await store.append(offset, entries);
      process.stdout.write(`${batch + offset}\n`);
    }),
  );
}
