import { spawn } from "node:child_process";
import { keepUntilExit } from "../support/cleanUp.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { cpuSeconds, pause, residentBytes } from "../support/processUsage.ts";
import { AgentProcess, CoreProcess } from "../support/product.ts";

/** What an agent costs its machine when nobody asks it for anything, beside a Node that does nothing. */
export const agentAtRest: Figure = {
  name: "agent",
  title: "--agent-only at the 5 s interval after two minutes",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const core = await CoreProcess.start();
    const agents: AgentProcess[] = [];
    const bare: number[] = [];
    // Side by side instead of one after the other: ten idle processes do not disturb each other, and time is short.
    for (let index = 0; index < options.rounds; index += 1) {
      agents.push(await AgentProcess.start(core, { nodeId: `rest-${index}` }));
      bare.push(startBareNode());
    }
    const [first, counted] = options.quick ? [10, 20] : [30, 90];
    options.say(`${options.rounds} agents and as many bare Nodes rest for ${first + counted} s`);
    await pause(first * 1000);
    const pids = agents.map(({ pid }) => pid);
    const before = pids.map(cpuSeconds);
    const bareBefore = bare.map(cpuSeconds);
    await pause(counted * 1000);
    const percent = (pid: number, was: number | undefined): number =>
      ((cpuSeconds(pid) - (was ?? Number.NaN)) / counted) * 100;
    const rows: Row[] = [
      {
        name: "agent at rest, memory",
        unit: "MB resident",
        digits: 1,
        baseline: bare.map(megabytes),
        ours: pids.map(megabytes),
        aim: { of: "value", is: "at most", limit: 70 },
        note: "baseline: Node with an empty program",
      },
      {
        name: "agent at rest, processor",
        unit: `% of a core over ${counted} s`,
        digits: 3,
        baseline: bare.map((pid, index) => percent(pid, bareBefore[index])),
        ours: pids.map((pid, index) => percent(pid, before[index])),
        aim: { of: "value", is: "at most", limit: 0.1 },
      },
    ];
    for (const agent of agents) await agent.stop();
    for (const pid of bare) process.kill(pid, "SIGKILL");
    await core.stop();
    return rows;
  },
};

function startBareNode(): number {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 2 ** 30)"], { stdio: "ignore" });
  keepUntilExit(child);
  return child.pid ?? 0;
}

function megabytes(pid: number): number {
  return residentBytes(pid) / 1e6;
}
