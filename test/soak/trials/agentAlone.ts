import { join } from "node:path";
import { removeFolder, scratchFolder } from "../../bench/support/cleanUp.ts";
import { cpuSeconds, pause, residentBytes } from "../../bench/support/processUsage.ts";
import { AgentProcess, CoreProcess } from "../../bench/support/product.ts";
import { median, slope } from "../../bench/support/statistics.ts";
import { storedSamples } from "../../bench/support/storedSamples.ts";
import { type Check, forMinutes, type SoakOptions, type Trial } from "../trial.ts";

const interval = 5_000;
/** What an agent may grow by, in MB. An hour of samples is 70 kB; the rest is the heap's own breathing. */
const allowedGrowth = 4;

/** The core is gone for a long time: the agent must not grow, and must lose nothing. */
export const agentAlone: Trial = {
  letter: "a",
  title: "an agent whose core is gone keeps its samples and its size",
  minutes: 30,
  async run({ minutes, say }: SoakOptions): Promise<readonly Check[]> {
    const dataFolder = scratchFolder("soak-a");
    const core = await CoreProcess.start({ dataFolder });
    const port = Number(new URL(core.url).port);
    const agent = await AgentProcess.start(core, { nodeId: "alone" });
    await pause(30_000);
    say("the core is killed");
    await core.stop("SIGKILL");
    const sizes: { readonly hours: number; readonly megabytes: number }[] = [];
    const startedAt = performance.now();
    const cpuBefore = cpuSeconds(agent.pid);
    await forMinutes(minutes, interval, () => {
      sizes.push({ hours: (performance.now() - startedAt) / 3_600_000, megabytes: residentBytes(agent.pid) / 1e6 });
    });
    const percent = ((cpuSeconds(agent.pid) - cpuBefore) / ((performance.now() - startedAt) / 1000)) * 100;
    say("the core is back");
    const again = await CoreProcess.start({ dataFolder, port });
    const replayed = await untilQuiet(again);
    const survived = agent.isRunning;
    await agent.stop();
    await again.stop();
    const times = (await storedSamples(join(dataFolder, "core", "picket.db"))).get("alone") ?? [];
    removeFolder(dataFolder);
    return [
      { what: "the agent is still there", value: `after ${minutes} min`, ok: survived },
      ...growth(sizes),
      { what: "processor of the agent", value: `${percent.toFixed(3)} % of a core` },
      { what: "samples sent after the outage", value: String(replayed), ok: replayed >= (minutes * 60_000) / interval },
      ...gaps(times),
    ];
  },
};

/** Waits until the backlog is in; returns how many samples came. */
async function untilQuiet(core: CoreProcess): Promise<number> {
  const until = performance.now() + 150_000;
  let stored = 0;
  while (performance.now() < until) {
    await pause(2 * interval);
    const now = await core.gauge("picket_samples_stored_total");
    if (stored > 0 && now - stored <= 3) return now;
    stored = now;
  }
  return stored;
}

function growth(sizes: readonly { readonly hours: number; readonly megabytes: number }[]): Check[] {
  const third = Math.floor(sizes.length / 3);
  const middle = median(sizes.slice(third, 2 * third).map(({ megabytes }) => megabytes));
  const last = median(sizes.slice(2 * third).map(({ megabytes }) => megabytes));
  const settled = sizes.slice(third);
  const perHour = slope(
    settled.map(({ hours }) => hours),
    settled.map(({ megabytes }) => megabytes),
  );
  return [
    {
      what: "memory from the middle third to the last",
      value: `${middle.toFixed(1)} MB → ${last.toFixed(1)} MB`,
      ok: last - middle <= allowedGrowth,
    },
    { what: "its slope", value: `${perHour.toFixed(1)} MB per hour` },
  ];
}

function gaps(times: readonly number[]): Check[] {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const twice = steps.filter((step) => step === 0).length;
  const longest = Math.max(0, ...steps);
  return [
    { what: "longest gap between samples", value: `${(longest / 1000).toFixed(1)} s`, ok: longest < 2 * interval },
    { what: "samples stored twice", value: `${twice} of ${times.length}`, ok: twice === 0 && times.length > 0 },
  ];
}
