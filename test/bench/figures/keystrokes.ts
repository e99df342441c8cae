import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { percentile } from "../support/statistics.ts";
import { TerminalSetting } from "../support/terminalSetting.ts";

/** From a key to its echo on the screen's side, over three processes, against the bare three. */
export const keystrokes: Figure = {
  name: "keystrokes",
  title: "keystroke echo through agent, core and console, 2,000 keys",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const typing = { keys: options.quick ? 400 : 2_000, pace: 5 };
    const setting = await TerminalSetting.start();
    const alone: (readonly number[])[] = [];
    const relayed: (readonly number[])[] = [];
    const ours: (readonly number[])[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      alone.push((await setting.host.call("type", { ...typing, keys: typing.keys / 4 })).times);
      const relay = await setting.relayWay();
      relayed.push((await setting.viewer.call("type", { way: relay, typing })).times);
      ours.push((await setting.viewer.call("type", { way: setting.picketWay(), typing })).times);
    }
    await setting.stop();
    const row = (percent: number): Row => ({
      name: `keystroke echo p${percent}`,
      unit: "ms",
      digits: 2,
      baseline: relayed.map((times) => percentile(times, percent)),
      ours: ours.map((times) => percentile(times, percent)),
      aim: { of: "ratio", is: "at most", limit: 1.3 },
    });
    const bare = (percent: number): Row => ({
      name: `  node-pty alone p${percent}`,
      unit: "ms",
      digits: 2,
      baseline: [],
      ours: alone.map((times) => percentile(times, percent)),
    });
    return [row(50), row(99), bare(50), bare(99)];
  },
};
