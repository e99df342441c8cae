import { join } from "node:path";
import { Child } from "../../bench/support/child.ts";
import { removeFolder, scratchFolder } from "../../bench/support/cleanUp.ts";
import { cpuSeconds, pause } from "../../bench/support/processUsage.ts";
import { CoreProcess } from "../../bench/support/product.ts";
import { storedSamples } from "../../bench/support/storedSamples.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import type { PlainFleet } from "../children/plainFleet.ts";
import type { Check, SoakOptions, Trial } from "../trial.ts";

const fleetSize = 2_000;
const interval = 5_000;
const killEvery = 3 * 60_000;
/** The longest back-off is a minute; after it every node is back and has sent what it kept. */
const backWithin = 90_000;
/** A restart that keeps half a core busy for a minute is no calm one. */
const calmSeconds = 30;

interface Restart {
  /** Seconds from the ready line until every node is registered and nobody waits for an ack any more. */
  readonly allBack: number;
  /** Processor seconds of the core until then. */
  readonly cpu: number;
}

/** The core dies again and again without a word: what it acked is there once, and it comes back calmly. */
export const restarts: Trial = {
  letter: "b",
  title: `a core with ${fleetSize} nodes is killed every few minutes`,
  minutes: 15,
  async run({ minutes, seed, say }: SoakOptions): Promise<readonly Check[]> {
    const random = new SeededRandom(seed);
    const dataFolder = scratchFolder("soak-b");
    let core = await CoreProcess.start({ dataFolder });
    const port = Number(new URL(core.url).port);
    const url = `${core.wsUrl}/api/v1/ws?token=${await core.token(fleetSize)}`;
    const fleet = Child.start<PlainFleet>(import.meta.url, "../children/plainFleet.ts");
    await fleet.call("start", { url, prefix: "fleet", count: fleetSize, interval });
    await untilAllBack(fleet);
    say(`${fleetSize} nodes report`);
    const done: Restart[] = [];
    const until = performance.now() + minutes * 60_000;
    while (performance.now() < until || done.length === 0) {
      await pause(Math.min(killEvery, (minutes * 60_000) / 4) * (0.5 + random.next() / 2));
      await core.stop("SIGKILL");
      await pause(2_000 + random.next() * 8_000);
      core = await CoreProcess.start({ dataFolder, port });
      const startedAt = performance.now();
      await untilAllBack(fleet);
      done.push({ allBack: (performance.now() - startedAt) / 1000, cpu: cpuSeconds(core.pid) });
      say(`restart ${done.length}: all back after ${done.at(-1)?.allBack.toFixed(1)} s`);
    }
    await fleet.call("pause", undefined);
    await untilAllBack(fleet);
    const { refused } = await fleet.call("status", undefined);
    const acked = await fleet.call("stop", undefined);
    await fleet.stop();
    await core.stop();
    const compared = compare(acked, await storedSamples(join(dataFolder, "core", "picket.db")));
    removeFolder(dataFolder);
    return [...calm(done), ...compared, { what: "errors that nodes were sent", value: String(refused) }];
  },
};

async function untilAllBack(fleet: Child<PlainFleet>): Promise<void> {
  const until = performance.now() + 2 * backWithin;
  for (;;) {
    const status = await fleet.call("status", undefined);
    // What waits less than a second is on its way; older is a backlog.
    if (status.registered === fleetSize && status.oldest < 1_000) return;
    if (performance.now() > until) throw new Error(`not all nodes came back: ${JSON.stringify(status)}`);
    await pause(200);
  }
}

function calm(done: readonly Restart[]): Check[] {
  const slowest = Math.max(...done.map(({ allBack }) => allBack));
  const busiest = Math.max(...done.map(({ cpu }) => cpu));
  return [
    {
      what: `all nodes back after ${done.length} restarts`,
      value: `slowest ${slowest.toFixed(1)} s`,
      ok: slowest * 1000 <= backWithin,
    },
    { what: "processor until then", value: `at most ${busiest.toFixed(1)} s`, ok: busiest <= calmSeconds },
  ];
}

function compare(
  acked: ReadonlyMap<string, readonly number[]>,
  stored: ReadonlyMap<string, readonly number[]>,
): Check[] {
  let count = 0;
  let missing = 0;
  let twice = 0;
  for (const [nodeId, times] of acked) {
    const own = stored.get(nodeId) ?? [];
    const there = new Set(own);
    count += times.length;
    missing += times.filter((time) => !there.has(time)).length;
    twice += own.length - there.size;
  }
  return [
    { what: "acked samples that are missing", value: `${missing} of ${count}`, ok: missing === 0 && count > 0 },
    { what: "samples stored twice", value: String(twice), ok: twice === 0 },
  ];
}
