import { execFileSync } from "node:child_process";
import type { EchoServer } from "../children/echoServer.ts";
import type { NodeClients } from "../children/nodeClients.ts";
import { Child } from "../support/child.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { pause, residentBytes, untilIdle } from "../support/processUsage.ts";
import { CoreProcess } from "../support/product.ts";

const full = 5_000;
/** Both servers get the same time to give back what only connecting took. */
const settle = 15_000;

/** What a connected node that says nothing costs the core, against what its socket alone costs. */
export const connections: Figure = {
  name: "connections",
  title: "memory per idle connection at 5,000",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const count = Math.min(options.quick ? full / 5 : full, openFiles() - 500);
    const baseline: number[] = [];
    const ours: number[] = [];
    const connecting: number[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      options.say(`round ${round} of ${options.rounds}`);
      const echo = Child.start<EchoServer>(import.meta.url, "../children/echoServer.ts");
      const port = await echo.call("listen", undefined);
      const bare = { url: `ws://127.0.0.1:${port}/`, count, answer: "heartbeat" };
      baseline.push((await perConnection(echo.pid, bare)).kibibytes);
      await echo.stop();
      const core = await CoreProcess.start();
      const token = await core.token(count);
      const nodes = { url: `${core.wsUrl}/api/v1/ws?token=${token}`, count, answer: "heartbeat_ack" };
      const { kibibytes, seconds } = await perConnection(core.pid, nodes);
      ours.push(kibibytes);
      connecting.push(count / seconds);
      await core.stop();
    }
    return [
      {
        name: "memory per idle connection",
        unit: `KiB, at ${count}`,
        digits: 1,
        baseline,
        ours,
        aim: { of: "ratio", is: "at most", limit: 2 },
      },
      { name: "  nodes enrolled", unit: "1/s, 50 at a time", digits: 0, baseline: [], ours: connecting },
    ];
  },
};

interface Load {
  readonly url: string;
  readonly count: number;
  readonly answer: string;
}

async function perConnection(
  pid: number,
  { url, count, answer }: Load,
): Promise<{ readonly kibibytes: number; readonly seconds: number }> {
  const clients = Child.start<NodeClients>(import.meta.url, "../children/nodeClients.ts");
  await untilIdle(pid, 10_000);
  const before = residentBytes(pid);
  const register = answer === "heartbeat_ack";
  const startedAt = performance.now();
  await clients.call("connect", { url, prefix: "idle", first: 0, count, register });
  const seconds = (performance.now() - startedAt) / 1000;
  await clients.call("heartbeatEach", answer);
  await pause(settle);
  const kibibytes = (residentBytes(pid) - before) / 1024 / count;
  await clients.stop();
  return { kibibytes, seconds };
}

/** Node takes the hard limit for itself; the clients and the server have one socket per connection each. */
function openFiles(): number {
  const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}
