import { setTimeout as after } from "node:timers/promises";
import { withLocalCore } from "../../../src-main/cli/localCore.ts";
import type { LogSearchRequest } from "../../../src-main/core/logs/logSearch.ts";
import type { LogBuilder } from "../children/logBuilder.ts";
import type { LogClients } from "../children/logClients.ts";
import { Child } from "../support/child.ts";
import { removeFolder, scratchFolder } from "../support/cleanUp.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { residentBytes } from "../support/processUsage.ts";
import { CoreProcess } from "../support/product.ts";

const nodes = 50;
const rate = 10_000;

/** What people look for, from what is everywhere to what is nowhere. */
const searches: readonly (readonly [string, Omit<LogSearchRequest, "limit">])[] = [
  ["a common word", { text: "word1" }],
  ["two words", { text: "word12 word7" }],
  ["a seldom word", { text: "word4321" }],
  ["no such word", { text: "nowhere" }],
  ["words in a row that never are", { text: '"word1 word2 word3 word4 word5"' }],
  ["an address", { text: "10.0.17.4" }],
  ["a beginning", { text: "word43*" }],
  ["a node's errors", { nodeKeys: [7], levels: ["error"] }],
  ["a word of a node's source", { text: "word900", nodeKeys: [7], sources: ["kernel"] }],
  ["everything", {}],
];

/** Lines of 50 nodes at 10,000 a second until they can be found, and searching among ten million. */
export const logs: Figure = {
  name: "logs",
  title: `${rate} lines a second from ${nodes} nodes, and searching 10 million (1 million with --quick)`,
  async run(options: BenchOptions): Promise<readonly Row[]> {
    return [...(await measureFlow(options)), ...(await measureSearch(options))];
  },
};

async function measureFlow({ quick, say, rounds }: BenchOptions): Promise<readonly Row[]> {
  const core = await CoreProcess.start();
  const clients = Child.start<LogClients>(import.meta.url, "../children/logClients.ts");
  const token = await core.token(nodes);
  await clients.call("connect", { url: `${core.wsUrl}/api/v1/ws?token=${token}`, count: nodes });
  const time = quick ? 5_000 : 20_000;
  const achieved: number[] = [];
  const found: number[] = [];
  const slope: number[] = [];
  let again = 0;
  // What a process takes to warm up is no slope.
  await clients.call("load", { rate, time: 5_000 });
  for (let round = 1; round <= rounds; round += 1) {
    say(`lines, round ${round} of ${rounds}`);
    const before = residentBytes(core.pid);
    const load = clients.call("load", { rate, time });
    await after(time / 2);
    const word = `mark${round}x${Date.now()}`;
    const sentAt = await clients.call("mark", word);
    found.push(await untilFound(core, word, sentAt));
    const { sent, acked, refused, took } = await load;
    if (acked !== sent) throw new Error(`${sent} lines were sent and ${acked} acked`);
    again += refused;
    achieved.push((acked / took) * 1000);
    slope.push((residentBytes(core.pid) - before) / 1e6 / (time / 60_000));
  }
  await clients.stop();
  await core.stop();
  return [
    {
      name: "lines stored",
      unit: "1/s",
      digits: 0,
      baseline: [],
      ours: achieved,
      aim: { of: "value", is: "at least", limit: rate * 0.97 },
      note: `${rate} a second are sent, all are acked, ${again} at a later try`,
    },
    {
      name: "  from sent to found",
      unit: "ms",
      digits: 0,
      baseline: [],
      ours: found,
      aim: { of: "value", is: "at most", limit: 2_000 },
    },
    { name: "  the core's memory grows", unit: "MB a minute", digits: 1, baseline: [], ours: slope },
  ];
}

function untilFound(core: CoreProcess, word: string, sentAt: number): Promise<number> {
  return withLocalCore(core.dataFolder, async (client) => {
    for (;;) {
      const { lines } = await client.request("log-search", { text: word, limit: 1 });
      if (lines.length > 0) return Date.now() - sentAt;
      if (Date.now() - sentAt > 60_000) throw new Error("the line was not found within a minute");
      await after(20);
    }
  });
}

async function measureSearch({ quick, say }: BenchOptions): Promise<readonly Row[]> {
  const lines = quick ? 1_000_000 : 10_000_000;
  const folder = scratchFolder("logs");
  const builder = Child.start<LogBuilder>(import.meta.url, "../children/logBuilder.ts");
  say(`building ${lines} lines`);
  const { perSecond, bytesPerLine } = await builder.call("build", { folder, lines });
  say("searching");
  const times: Row[] = [];
  for (const [name, request] of searches) {
    const ours: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) ours.push(await builder.call("search", { ...request, limit: 200 }));
    times.push({
      name: `  for ${name}`,
      unit: "ms",
      digits: 1,
      baseline: [],
      ours,
      aim: { of: "value", is: "at most", limit: 300 },
    });
  }
  await builder.call("close", undefined);
  await builder.stop();
  removeFolder(folder);
  return [
    {
      name: `searching ${lines / 1e6} million lines`,
      unit: "bytes a line",
      digits: 0,
      baseline: [],
      ours: [bytesPerLine],
    },
    { name: "  built by one process", unit: "1/s", digits: 0, baseline: [], ours: [perSecond] },
    ...times,
  ];
}
