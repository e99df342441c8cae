// The entry of `npm run bench`: measures, then shows a table on standard error and prints all of it as JSON.
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { agentAtRest } from "./figures/agentAtRest.ts";
import { chart } from "./figures/chart.ts";
import { commands } from "./figures/commands.ts";
import { connections } from "./figures/connections.ts";
import { documents } from "./figures/documents.ts";
import { flood } from "./figures/flood.ts";
import { heartbeats } from "./figures/heartbeats.ts";
import { keystrokes } from "./figures/keystrokes.ts";
import { listing } from "./figures/listing.ts";
import { logs } from "./figures/logs.ts";
import { start } from "./figures/start.ts";
import { storage } from "./figures/storage.ts";
import { type BenchOptions, type Figure, type Result, resultOf } from "./support/figure.ts";
import { profileInto } from "./support/product.ts";
import { formatResults } from "./support/table.ts";

const figures: readonly Figure[] = [
  heartbeats,
  flood,
  keystrokes,
  connections,
  agentAtRest,
  chart,
  storage,
  start,
  commands,
  logs,
  documents,
  listing,
];

const usage = `npm run bench -- [NAME…] [--rounds 5] [--quick] [--profile FOLDER]
${figures.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join("\n")}
`;

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    profile: { type: "string" },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !figures.some((figure) => figure.name === name));
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `not known: ${unknown.join(", ")}\n${usage}` : usage);
  process.exit(unknown.length > 0 ? 2 : 0);
}
if (process.platform !== "linux") {
  console.log("the bench reads /proc: it runs on Linux only");
  process.exit(2);
}
if (values.profile !== undefined) profileInto(values.profile);

const startedAt = new Date();
const loadBefore = loadavg();
const results: Result[] = [];
for (const figure of figures) {
  if (positionals.length > 0 && !positionals.includes(figure.name)) continue;
  console.error(`${figure.name}: ${figure.title}`);
  const options: BenchOptions = {
    rounds: Number(values.rounds),
    quick: values.quick,
    say: (what) => console.error(`  ${what}`),
  };
  results.push(...(await figure.run(options)).map(resultOf));
}

const machine = {
  processor: cpus()[0]?.model ?? "",
  cores: cpus().length,
  node: process.version,
  kernel: `${process.platform} ${process.arch}`,
  startedAt: startedAt.toISOString(),
  seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
  /** Over one, five and fifteen minutes before the first figure: what else the machine was doing. */
  loadBefore,
};
console.error(`\n${formatResults(results)}`);
console.error(`${machine.cores} × ${machine.processor}, Node ${machine.node}, ${machine.seconds} s, median of rounds`);
console.error(
  `load average before: ${loadBefore.map((one) => one.toFixed(2)).join(" ")}${values.quick ? ", quick" : ""}\n`,
);
const rows = results.map((result) => ({ ...result, name: result.name.trim() }));
console.log(JSON.stringify({ machine, quick: values.quick, results: rows }));
process.exit(0);
