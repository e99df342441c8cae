import { Child } from "../../bench/support/child.ts";
import { pause } from "../../bench/support/processUsage.ts";
import { AgentProcess, CoreProcess } from "../../bench/support/product.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import type { TerminalWatcher } from "../children/terminalWatcher.ts";
import { CuttingProxy } from "../cuttingProxy.ts";
import type { Check, SoakOptions, Trial } from "../trial.ts";

const renewEvery = 30 * 60_000;
/** One cut in so many is a cable that was pulled: nobody is told, and the keep-alive must find out. */
const stallOneIn = 6;
/** Longer than the keep-alive waits. */
const stallTime = 16_000;

/** The network between console, core and agent breaks at random: every byte that is kept arrives exactly once. */
export const cutLinks: Trial = {
  letter: "c",
  title: "a terminal over links that are cut at random",
  minutes: 15,
  async run({ minutes, seed, say }: SoakOptions): Promise<readonly Check[]> {
    const random = new SeededRandom(seed);
    const core = await CoreProcess.start();
    const corePort = Number(new URL(core.url).port);
    const toAgent = await CuttingProxy.start(corePort);
    const toConsole = await CuttingProxy.start(corePort);
    const through = `http://127.0.0.1:${toAgent.port}`;
    const agent = await AgentProcess.start(core, { nodeId: "cut", through });
    const watcher = Child.start<TerminalWatcher>(import.meta.url, "../children/terminalWatcher.ts");
    const wsUrl = `ws://127.0.0.1:${toConsole.port}`;
    await watcher.call("open", { wsUrl, token: await core.signIn(), nodeId: "cut" });
    let signedInAt = performance.now();
    let cuts = 0;
    let stalls = 0;
    const until = performance.now() + minutes * 60_000;
    while (performance.now() < until) {
      await pause(500 + random.next() * 7_500);
      const link = random.next() < 0.5 ? toAgent : toConsole;
      if (random.next() < 1 / stallOneIn) {
        stalls += 1;
        link.stall();
        await pause(stallTime);
      }
      link.cut();
      cuts += 1;
      if (cuts % 20 === 0) say(`${cuts} cuts, ${(await watcher.call("status", undefined)).numbers} numbers`);
      if (performance.now() - signedInAt > renewEvery) {
        signedInAt = performance.now();
        await watcher.call("renew", await core.signIn());
      }
    }
    const grows = await stillGrows(watcher);
    const status = await watcher.call("status", undefined);
    await watcher.call("stop", undefined);
    await watcher.stop();
    await agent.stop();
    toAgent.close();
    toConsole.close();
    await core.stop();
    return [
      { what: "cuts, and pulled cables among them", value: `${cuts}, ${stalls}`, ok: cuts > 0 },
      { what: "times the terminal was taken up again", value: String(status.resumed), ok: status.resumed > 0 },
      {
        what: "every byte exactly once",
        value: status.fault ?? `${(status.bytes / 1e6).toFixed(1)} MB, ${status.numbers} numbers`,
        ok: status.fault === undefined && status.numbers > 0,
      },
      { what: "bytes printed while nobody was there, beyond what is kept", value: String(status.missed) },
      { what: "it goes on after the last cut", value: grows ? "within a minute" : "no", ok: grows },
    ];
  },
};

async function stillGrows(watcher: Child<TerminalWatcher>): Promise<boolean> {
  const before = (await watcher.call("status", undefined)).numbers;
  for (let waited = 0; waited < 90_000; waited += 500) {
    await pause(500);
    if ((await watcher.call("status", undefined)).numbers > before + 1_000) return true;
  }
  return false;
}
