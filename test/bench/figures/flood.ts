import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeFolder, scratchFolder } from "../support/cleanUp.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import type { Flood } from "../support/line.ts";
import { cpuSeconds } from "../support/processUsage.ts";
import { TerminalSetting } from "../support/terminalSetting.ts";

const fullSize = 100_000_000;
const lineLength = 80;

/** A large file through a terminal: what node-pty alone can do, and what is left of it over core and agent. */
export const flood: Figure = {
  name: "flood",
  title: "cat of a 100 MB text file through agent, core and console",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const folder = scratchFolder("bench-flood");
    const file = makeFile(join(folder, "text"), options.quick ? fullSize / 4 : fullSize);
    const setting = await TerminalSetting.start();
    const alone: number[] = [];
    const relayed: number[] = [];
    const ours: number[] = [];
    const agentCost: number[] = [];
    const coreCost: number[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      alone.push((await setting.host.call("flood", file)).perSecond);
      const relay = await setting.relayWay();
      relayed.push((await setting.viewer.call("flood", { way: relay, flood: file })).perSecond);
      const [agentBefore, coreBefore] = [cpuSeconds(setting.agent.pid), cpuSeconds(setting.core.pid)];
      const way = setting.picketWay();
      ours.push((await setting.viewer.call("flood", { way, flood: file })).perSecond);
      agentCost.push(((cpuSeconds(setting.agent.pid) - agentBefore) / file.bytes) * 1e9);
      coreCost.push(((cpuSeconds(setting.core.pid) - coreBefore) / file.bytes) * 1e9);
    }
    await setting.stop();
    removeFolder(folder);
    const common = { unit: "MB/s", digits: 1, ours };
    return [
      {
        ...common,
        name: "cat of 100 MB",
        baseline: alone,
        aim: { of: "ratio", is: "at least", limit: 0.75 },
        note: "baseline: node-pty alone; every byte checked",
      },
      { ...common, name: "  against a bare relay", baseline: relayed },
      { name: "  processor of the agent", unit: "ms per MB", digits: 2, baseline: [], ours: agentCost },
      { name: "  processor of the core", unit: "ms per MB", digits: 2, baseline: [], ours: coreCost },
    ];
  },
};

/** Lines as a log has them: words and numbers, all different. */
function makeFile(file: string, bytes: number): Flood {
  const lines = Math.ceil(bytes / lineLength);
  const content = Buffer.alloc(lines * lineLength, 0x20);
  for (let line = 0; line < lines; line += 1) {
    const at = line * lineLength;
    const text = `${String(line).padStart(10, "0")} request ${(line * 2_654_435_761) % 4_294_967_296} took ${line % 977} ms`;
    content.write(text, at, "latin1");
    content[at + lineLength - 1] = 0x0a;
  }
  writeFileSync(file, content);
  return { file, bytes: content.length, lines, sha256: createHash("sha256").update(content).digest("hex") };
}
