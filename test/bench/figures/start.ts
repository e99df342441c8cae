import { spawnSync } from "node:child_process";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { historyDatabase } from "../support/historyDatabase.ts";
import { CoreProcess } from "../support/product.ts";
import { fullHistory, quickHistory } from "./chart.ts";

/** From the start of the process to the ready line, with nodes and a year of history on the disk. For information. */
export const start: Figure = {
  name: "start",
  title: "core start with 500 nodes and 13 months of history",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const { dataFolder } = await historyDatabase(options.quick ? quickHistory : fullHistory, options.say);
    // The very first start makes the administrator, which takes its time on purpose.
    await startOnce(dataFolder);
    const baseline: number[] = [];
    const ours: number[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      const startedAt = performance.now();
      spawnSync(process.execPath, ["-e", ""]);
      baseline.push(performance.now() - startedAt);
      ours.push(await startOnce(dataFolder));
    }
    return [{ name: "  core start", unit: "ms", digits: 0, baseline, ours, note: "baseline: an empty Node program" }];
  },
};

async function startOnce(dataFolder: string): Promise<number> {
  const core = await CoreProcess.start({ dataFolder });
  await core.stop();
  return core.startTime;
}
