import type { FolderReader } from "../children/folderReader.ts";
import { Child } from "../support/child.ts";
import { removeFolder, scratchFolder } from "../support/cleanUp.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";

const documents = 10_000;
const depth = 16;
const users = 1_000;
const listsPerRound = 5;
/** The first ones also pay for warming up. */
const warmUp = 10;

/** A large folder read through the core without sockets, and what it takes to decide who may. */
export const listing: Figure = {
  name: "listing",
  title: `a folder of ${documents} documents listed by the core alone`,
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const folder = scratchFolder("bench-listing");
    const reader = Child.start<FolderReader>(import.meta.url, "../children/folderReader.ts");
    await reader.call("open", { folder, documents, depth, users });
    for (let count = 0; count < warmUp; count += 1) {
      await reader.call("list", documents);
      await reader.call("listBare", documents);
      await reader.call("whoCan", undefined);
    }
    const [bare, ours, check, whoCan]: number[][] = [[], [], [], []];
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      for (let count = 0; count < listsPerRound; count += 1) {
        bare?.push(await reader.call("listBare", documents));
        ours?.push(await reader.call("list", documents));
      }
      check?.push(await reader.call("check", 500));
      whoCan?.push(await reader.call("whoCan", undefined));
    }
    await reader.stop();
    removeFolder(folder);
    return [
      {
        name: "listing 10,000 documents",
        unit: "ms",
        digits: 1,
        baseline: bare ?? [],
        ours: ours ?? [],
        aim: { of: "value", is: "at most", limit: 50 },
        note: "the baseline reads the same rows on the thread that asks, and blocks it",
      },
      {
        name: `  one decision, ${depth} folders deep with a rule each`,
        unit: "ms",
        digits: 2,
        baseline: [],
        ours: check ?? [],
      },
      { name: `  who of ${users} users can, and why`, unit: "ms", digits: 1, baseline: [], ours: whoCan ?? [] },
    ];
  },
};
