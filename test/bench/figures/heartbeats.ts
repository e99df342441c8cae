import type { EchoServer } from "../children/echoServer.ts";
import type { NodeClients } from "../children/nodeClients.ts";
import { Child } from "../support/child.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { cpuSeconds, untilIdle } from "../support/processUsage.ts";
import { CoreProcess } from "../support/product.ts";

const connections = 100;
const inFlight = 8;

/** Heartbeats that are acked, and so on the disk, against a bare echo under the same load from the same client. */
export const heartbeats: Figure = {
  name: "heartbeats",
  title: `heartbeats acked and stored, ${connections} connections, ${inFlight} in flight each`,
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const core = await CoreProcess.start();
    const echo = Child.start<EchoServer>(import.meta.url, "../children/echoServer.ts");
    const oursClient = Child.start<NodeClients>(import.meta.url, "../children/nodeClients.ts");
    const bareClient = Child.start<NodeClients>(import.meta.url, "../children/nodeClients.ts");
    const who = { prefix: "bench", first: 0, count: connections };
    const token = await core.token(connections);
    await oursClient.call("connect", { ...who, url: `${core.wsUrl}/api/v1/ws?token=${token}`, register: true });
    const port = await echo.call("listen", undefined);
    await bareClient.call("connect", { ...who, url: `ws://127.0.0.1:${port}/`, register: false });
    // Ten seconds hold one pass of the folder, which runs every ten: its work belongs to the price.
    const load = { inFlight, warmUp: options.quick ? 500 : 1_500, measured: options.quick ? 2_000 : 10_000 };
    const baseline: number[] = [];
    const ours: number[] = [];
    const cost: number[] = [];
    const bareCost: number[] = [];
    let answered = 0;
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      const bareBefore = cpuSeconds(echo.pid);
      const bare = await bareClient.call("load", { ...load, answer: "heartbeat" });
      bareCost.push(((cpuSeconds(echo.pid) - bareBefore) / bare.answered) * 1e6);
      baseline.push(bare.perSecond);
      const before = cpuSeconds(core.pid);
      const result = await oursClient.call("load", { ...load, answer: "heartbeat_ack" });
      ours.push(result.perSecond);
      if (result.refused > 0) throw new Error(`${result.refused} heartbeats were refused`);
      answered += result.answered;
      // What this round left to fold must not run beside the next round of the baseline.
      await untilIdle(core.pid, 15_000);
      cost.push(((cpuSeconds(core.pid) - before) / result.answered) * 1e6);
    }
    const stored = await core.gauge("picket_samples_stored_total");
    if (stored !== answered) throw new Error(`${answered} heartbeats were acked and ${stored} stored`);
    for (const child of [oursClient, bareClient, echo]) await child.stop();
    await core.stop();
    const note = `all ${answered} acked heartbeats are stored`;
    return [
      {
        name: "heartbeats stored",
        unit: "1/s",
        digits: 0,
        baseline,
        ours,
        aim: { of: "ratio", is: "at least", limit: 0.5 },
        note,
      },
      { name: "  processor per heartbeat", unit: "µs, all threads", digits: 1, baseline: bareCost, ours: cost },
    ];
  },
};
