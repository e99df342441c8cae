import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import type { HistoryPlan, TableSize } from "../children/historyBuilder.ts";
import type { HistoryReader } from "../children/historyReader.ts";
import { Child } from "../support/child.ts";
import type { BenchOptions, Figure, Row } from "../support/figure.ts";
import { type HistoryDatabase, historyDatabase } from "../support/historyDatabase.ts";
import { percentile } from "../support/statistics.ts";

const day = 24 * 3_600_000;
const hour = 3_600_000;
/** As the retention times have it: 13 months of quarters, 30 days of minutes, 48 hours of samples. */
export const fullHistory: HistoryPlan = { nodes: 500, days: 396, minuteDays: 30, rawHours: 48, machines: 4 };
export const quickHistory: HistoryPlan = { nodes: 50, days: 40, minuteDays: 30, rawHours: 48, machines: 2 };
const wide = { range: 30 * day, points: 600 };
/** Other charts that people look at, for information: each reads another tier. */
const others = [
  { name: "  13 months", range: 395 * day, points: 600 },
  { name: "  6 days, from minutes", range: 6 * day, points: 600 },
  { name: "  9 hours, from samples", range: 9 * hour, points: 600 },
];
const nodesRead = 60;

/** How fast the core draws a chart out of a year of many nodes. */
export const chart: Figure = {
  name: "chart",
  title: "chart of 30 days of one node among 500 with 13 months stored, all metrics",
  async run(options: BenchOptions): Promise<readonly Row[]> {
    const history = await historyDatabase(options.quick ? quickHistory : fullHistory, options.say);
    const cold: number[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      options.say(`cold process, round ${round + 1} of ${options.rounds}`);
      const dropped = spawnSync("dd", [`if=${history.file}`, "iflag=nocache", "count=0"], { stdio: "ignore" });
      if (dropped.status !== 0) options.say("the file's pages could not be dropped from memory");
      const { reader, keys } = await open(history);
      cold.push(...(await draw(reader, pick(keys, round, options.rounds), wide)));
      await reader.stop();
    }
    const { reader, keys } = await open(history);
    await draw(reader, keys.slice(0, 1), wide);
    const apart = Math.ceil(keys.length / nodesRead);
    const chosen = keys.filter((_, index) => index % apart === apart - 1);
    const first = await draw(reader, chosen, wide);
    const again = await draw(reader, chosen, wide);
    const rows: Row[] = [
      { ...timed("chart of 30 days, cold process", cold), note: "a fresh process, the file not in memory" },
      timed(`chart of 30 days, p95 of ${chosen.length} nodes`, [percentile(first, 95)]),
      info("  the same, median", first),
      info("  drawn again, median", again),
    ];
    for (const other of others) {
      options.say(other.name.trim());
      rows.push(info(other.name, await draw(reader, chosen.slice(0, 20), other)));
    }
    await reader.stop();
    return [...rows, ...sizes(history)];
  },
};

async function open(
  history: HistoryDatabase,
): Promise<{ readonly reader: Child<HistoryReader>; readonly keys: readonly number[] }> {
  const reader = Child.start<HistoryReader>(import.meta.url, "../children/historyReader.ts");
  return { reader, keys: await reader.call("open", { file: history.file, at: history.until }) };
}

function pick(keys: readonly number[], round: number, rounds: number): readonly number[] {
  const at = Math.floor(((round + 0.5) / rounds) * keys.length);
  return keys.slice(at, at + 1);
}

async function draw(
  reader: Child<HistoryReader>,
  keys: readonly number[],
  { range, points }: { readonly range: number; readonly points: number },
): Promise<number[]> {
  const times: number[] = [];
  for (const nodeKey of keys) {
    const result = await reader.call("chart", { nodeKey, range, points });
    if (result.points < points * 0.4) throw new Error(`the chart has ${result.points} points only`);
    times.push(result.milliseconds);
  }
  return times;
}

function timed(name: string, ours: readonly number[]): Row {
  return { ...info(name, ours), aim: { of: "value", is: "at most", limit: 50 } };
}

function info(name: string, ours: readonly number[]): Row {
  return { name, unit: "ms", digits: 1, baseline: [], ours };
}

/** What a sample costs on the disk, with its share of half-filled pages. */
function sizes({ file, tables }: HistoryDatabase): Row[] {
  const perRow: Readonly<Record<string, { readonly name: string; readonly values: number }>> = {
    metric_raw: { name: "sample", values: 62 },
    metric_minutes: { name: "one-minute row", values: 60 },
    metric_quarters: { name: "15-minute row", values: 96 },
  };
  const row = ({ table, rows, blockBytes, pageBytes }: TableSize): Row => {
    const { name, values } = perRow[table] ?? { name: table, values: 1 };
    const packed = (blockBytes / rows / values).toFixed(1);
    return {
      name: `  ${name} at rest`,
      unit: "bytes of the file",
      digits: 1,
      baseline: [],
      ours: [pageBytes / rows / values],
      note: `${packed} bytes packed, ${(pageBytes / 1e6).toFixed(0)} MB in ${rows} blocks of ${(blockBytes / rows).toFixed(0)} bytes`,
    };
  };
  const whole = statSync(file).size;
  return [...tables.map(row), { name: "  database", unit: "MB", digits: 0, baseline: [], ours: [whole / 1e6] }];
}
