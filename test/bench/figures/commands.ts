import type { Commander } from "../children/commander.ts";
import { Child } from "../support/child.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { AgentProcess, CoreProcess } from "../support/product.ts";
import { percentile } from "../support/statistics.ts";

/** From "run" at a console to the stored result, through core and agent. For information. */
export const commands: Figure = {
  name: "commands",
  title: "command round trip through console, core and agent",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const core = await CoreProcess.start();
    const agent = await AgentProcess.start(core, { nodeId: "bench" });
    const commander = Child.start<Commander>(import.meta.url, "../children/commander.ts");
    const address = { wsUrl: core.wsUrl, token: await core.signIn(), nodeId: "bench" };
    const count = options.quick ? 30 : 100;
    const bare: (readonly number[])[] = [];
    const ours: (readonly number[])[] = [];
    await commander.call("overPicket", { ...address, count: 20 });
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      bare.push(await commander.call("bare", count));
      ours.push(await commander.call("overPicket", { ...address, count }));
    }
    await commander.stop();
    await agent.stop();
    await core.stop();
    const row = (percent: number): Row => ({
      name: `  command round trip p${percent}`,
      unit: "ms",
      digits: 1,
      baseline: bare.map((times) => percentile(times, percent)),
      ours: ours.map((times) => percentile(times, percent)),
    });
    return [{ ...row(50), note: "baseline: sh -c true started by Node right here" }, row(99)];
  },
};
