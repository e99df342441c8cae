import type { MetricWriter } from "../children/metricWriter.ts";
import { Child } from "../support/child.ts";
import { removeFolder, scratchFolder } from "../support/cleanUp.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { median } from "../support/statistics.ts";

const nodes = 500;
const inFlight = 2_000;

/** The metric store without sockets, for information: what is left for the wire. */
export const storage: Figure = {
  name: "storage",
  title: `samples appended and folded by the metric store alone, ${nodes} nodes`,
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const folder = scratchFolder("bench-storage");
    const writer = Child.start<MetricWriter>(import.meta.url, "../children/metricWriter.ts");
    // The first ones also pay for warming up.
    const warmUp = 2;
    const result = await writer.call("write", { folder, nodes, inFlight, rounds: options.rounds + warmUp });
    await writer.stop();
    removeFolder(folder);
    const ours = result.folded.slice(warmUp);
    const share = (median(ours) / 1000 / 300) * 10_000 * 100;
    return [
      { name: "  samples appended", unit: "1/s", digits: 0, baseline: [], ours: result.appended.slice(warmUp) },
      {
        name: "  folding five minutes of a node",
        unit: "ms",
        digits: 2,
        baseline: [],
        ours,
        note: `ten thousand nodes keep a core busy for ${share.toFixed(1)} % with it`,
      },
    ];
  },
};
