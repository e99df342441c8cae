// Makes a database with a year of history, through the core's own blocks and tables and in the order of time, so that
// its pages lie as they would after that year.
import { type Compilable, sql } from "kysely";
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { LocalBus } from "../../../src-main/bus/localBus.ts";
import { encodeJournal } from "../../../src-main/core/metrics/journalCodec.ts";
import { noValues } from "../../../src-main/core/metrics/metricColumns.ts";
import { minuteTier, quarterTier, RollupBlock, type RollupTier } from "../../../src-main/core/metrics/rollup.ts";
import { encodeSamples, type SampleTable } from "../../../src-main/core/metrics/sampleTable.ts";
import { NodeRegistry } from "../../../src-main/core/nodes/nodeRegistry.ts";
import { Database } from "../../../src-main/store/database.ts";
import { serveCalls } from "../support/child.ts";
import { MachineModel } from "../support/machineModel.ts";

export interface HistoryPlan {
  readonly nodes: number;
  /** How long the node has reported; the coarsest rows go back so far. */
  readonly days: number;
  readonly minuteDays: number;
  readonly rawHours: number;
  /** Different machines: their blocks are made once and given to many nodes. */
  readonly machines: number;
}

export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** Of the blocks themselves, and of the pages that they lie on. */
  readonly blockBytes: number;
  readonly pageBytes: number;
}

interface Built {
  readonly seconds: number;
  readonly tables: readonly TableSize[];
}

interface Build {
  readonly file: string;
  /** The history ends here, milliseconds since 1970. */
  readonly until: number;
  readonly plan: HistoryPlan;
}

const second = 1_000;
const hour = 3_600 * second;
const day = 24 * hour;
/** As the agent reports and as the core folds. */
const sampleStep = 5 * second;
const samplesPerBlock = 62;

const calls = {
  async build({ file, until, plan }: Build): Promise<Built> {
    const startedAt = performance.now();
    const database = await Database.open({ file });
    const keys = await registerNodes(database, plan.nodes);
    const machines = Array.from({ length: plan.machines }, (_, index) => new MachineModel(index + 1));
    const from = until - plan.days * day;
    const minutesFrom = until - plan.minuteDays * day;
    const rawFrom = until - plan.rawHours * hour;
    const newest: (SampleTable | undefined)[] = [];
    for (let start = Math.floor(from / quarterTier.span) * quarterTier.span; start < until; start += quarterTier.span) {
      // A day at a time: the day's quarter block, its minute blocks, its raw blocks, in the order of their times.
      const tables = machines.map((machine) => daySamples(machine, start, until));
      const quarters = tables.map((table) => rolledUp(quarterTier, start, table));
      if (start + day > minutesFrom) {
        const minutes = tables.map((table) => minuteBlocks(table, start, minutesFrom));
        await insertMinutes({ database, keys, start }, minutes);
      }
      await insertRollup(
        { database, keys, start },
        "metric_quarters",
        quarters.map((block) => block.encode()),
      );
      if (start + day > rawFrom) await insertRaw({ database, keys, start: rawFrom }, tables);
      tables.forEach((table, index) => {
        newest[index] = table;
      });
    }
    await insertSeries({ database, keys, start: until }, newest);
    const tables = await sizesOf(database);
    await database.close();
    return { seconds: (performance.now() - startedAt) / 1000, tables };
  },
};

export type HistoryBuilder = typeof calls;

interface Target {
  readonly database: Database;
  readonly keys: readonly number[];
  readonly start: number;
}

async function registerNodes(database: Database, count: number): Promise<number[]> {
  const registry = await NodeRegistry.open({
    database,
    bus: new LocalBus(silentLogger),
    clock: systemClock,
    logger: silentLogger,
  });
  const keys: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const nodeId = `history-${index}`;
    const { record } = await registry.register({
      nodeId,
      hostname: nodeId,
      ipAddress: "127.0.0.1",
      osInfo: "bench",
      capabilities: [],
      publicKey: undefined,
      group: "default",
    });
    keys.push(record.key);
  }
  registry.dispose();
  return keys;
}

function daySamples(machine: MachineModel, start: number, until: number): SampleTable {
  const count = Math.floor((Math.min(start + day, until) - start) / sampleStep);
  return machine.samples(start, count, sampleStep);
}

function rolledUp(tier: RollupTier, start: number, table: SampleTable): RollupBlock {
  const block = RollupBlock.empty(tier, start);
  block.add(table);
  return block;
}

function minuteBlocks(table: SampleTable, start: number, from: number): Map<number, RollupBlock> {
  const blocks = new Map<number, RollupBlock>();
  for (let at = start; at < start + day; at += minuteTier.span) {
    const part = between(table, at, at + minuteTier.span);
    if (at >= from && part.times.length > 0) blocks.set(at, rolledUp(minuteTier, at, part));
  }
  return blocks;
}

function between(table: SampleTable, from: number, to: number): SampleTable {
  const first = table.times.findIndex((time) => time >= from);
  const end = table.times.findIndex((time) => time >= to);
  if (first === -1) return { times: new Float64Array(0), columns: table.columns.map(() => new Float64Array(0)) };
  const last = end === -1 ? table.times.length : end;
  return {
    times: table.times.subarray(first, last),
    columns: table.columns.map((column) => column.subarray(first, last)),
  };
}

async function insertMinutes(target: Target, machines: readonly Map<number, RollupBlock>[]): Promise<void> {
  const starts = [...new Set(machines.flatMap((blocks) => [...blocks.keys()]))].sort((a, b) => a - b);
  for (const start of starts) {
    const blocks = machines.map((machine) => machine.get(start)?.encode() ?? new Uint8Array(0));
    await insertRollup({ ...target, start }, "metric_minutes", blocks);
  }
}

function insertRollup(
  { database, keys, start }: Target,
  table: RollupTier["table"],
  blocks: readonly Uint8Array[],
): Promise<void> {
  return transact(
    database,
    keys.map((node_key, index) => {
      const block = blocks[index % blocks.length] ?? new Uint8Array(0);
      return database.kysely.insertInto(table).values({ node_key, start, block });
    }),
  );
}

async function insertRaw({ database, keys, start: from }: Target, machines: readonly SampleTable[]): Promise<void> {
  const length = machines[0]?.times.length ?? 0;
  for (let at = 0; at < length; at += samplesPerBlock) {
    const blocks = machines.map((table) => {
      const part = {
        times: table.times.subarray(at, at + samplesPerBlock),
        columns: table.columns.map((column) => column.subarray(at, at + samplesPerBlock)),
      };
      return { start: part.times[0] ?? 0, end: part.times.at(-1) ?? 0, block: encodeSamples(part) };
    });
    const rows = keys.map((node_key, index) => ({ node_key, ...(blocks[index % blocks.length] ?? emptyBlock) }));
    const kept = rows.filter(({ start }) => start >= from);
    await transact(
      database,
      kept.map((row) => database.kysely.insertInto("metric_raw").values(row)),
    );
  }
}

const emptyBlock = { start: 0, end: 0, block: new Uint8Array(0) };

async function insertSeries({ database, keys }: Target, newest: readonly (SampleTable | undefined)[]): Promise<void> {
  await transact(
    database,
    keys.map((nodeKey, index) => {
      const table = newest[index % newest.length];
      const last = (table?.times.length ?? 1) - 1;
      const values = noValues();
      table?.columns.forEach((column, metric) => {
        values[metric] = column[last] ?? Number.NaN;
      });
      const sample = encodeJournal([{ nodeKey, time: table?.times[last] ?? 0, values }]);
      return database.kysely
        .insertInto("metric_series")
        .values({ node_key: nodeKey, folded_through: 0, newest: sample });
    }),
  );
}

async function sizesOf(database: Database): Promise<TableSize[]> {
  const tables: TableSize[] = [];
  for (const table of ["metric_raw", "metric_minutes", "metric_quarters"] as const) {
    const { rows } = await sql<TableSize>`
      select ${table} as "table", count(*) as "rows", sum(length(block)) as "blockBytes",
        (select sum(pgsize) from dbstat where name = ${table}) as "pageBytes"
      from ${sql.table(table)}`.execute(database.kysely);
    tables.push(...rows);
  }
  return tables;
}

async function transact(database: Database, statements: readonly Compilable[]): Promise<void> {
  if (statements.length > 0) await database.transact(statements);
}

serveCalls(calls);
