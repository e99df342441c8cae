// A core's metric store in a process of its own, without sockets: how fast it takes samples and how long folding takes.
import { join } from "node:path";
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { defaultRetention } from "../../../src-main/core/metrics/metricRetention.ts";
import { MetricStore } from "../../../src-main/core/metrics/metricStore.ts";
import type { SampleTable } from "../../../src-main/core/metrics/sampleTable.ts";
import { Database } from "../../../src-main/store/database.ts";
import { serveCalls } from "../support/child.ts";
import { MachineModel } from "../support/machineModel.ts";

interface Write {
  readonly folder: string;
  readonly nodes: number;
  /** How many samples wait for the disk at a time. */
  readonly inFlight: number;
  /** Rounds of five minutes; each is appended and then folded. */
  readonly rounds: number;
}

interface Written {
  /** Samples per second, one number per round. */
  readonly appended: readonly number[];
  /** Milliseconds per node, one number per round. */
  readonly folded: readonly number[];
}

const samplesPerRound = 60;
const step = 5_000;

const calls = {
  async write({ folder, nodes, inFlight, rounds }: Write): Promise<Written> {
    const database = await Database.open({ file: join(folder, "picket.db") });
    const logger = silentLogger;
    const options = { database, clock: systemClock, logger, retention: defaultRetention, maxBytes: 0 };
    const store = await MetricStore.open(options);
    const machines = Array.from({ length: 8 }, (_, index) => new MachineModel(index + 1));
    // From noon on: the day's block is half full, as it is on average.
    let from = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000;
    const appended: number[] = [];
    const folded: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const tables = machines.map((machine) => machine.samples(from, samplesPerRound, step));
      from += samplesPerRound * step;
      const startedAt = performance.now();
      await append({ store, nodes, inFlight }, tables);
      const appendedAt = performance.now();
      await store.foldAll();
      appended.push((nodes * samplesPerRound) / ((appendedAt - startedAt) / 1000));
      folded.push((performance.now() - appendedAt) / nodes);
    }
    await store.close();
    await database.close();
    return { appended, folded };
  },
};

export type MetricWriter = typeof calls;

interface Target {
  readonly store: MetricStore;
  readonly nodes: number;
  readonly inFlight: number;
}

/** Every node's sample of one time, then of the next, so many at a time. */
function append({ store, nodes, inFlight }: Target, tables: readonly SampleTable[]): Promise<void> {
  const total = nodes * samplesPerRound;
  let next = 0;
  let stored = 0;
  return new Promise((resolve, reject) => {
    const one = (): void => {
      const row = Math.floor(next / nodes);
      const node = next % nodes;
      next += 1;
      const table = tables[node % tables.length];
      const values = (table?.columns ?? []).map((column) => column[row] ?? Number.NaN);
      store.append({ nodeKey: node + 1, time: table?.times[row] ?? 0, values }, (error) => {
        stored += 1;
        if (error !== undefined) reject(error);
        else if (stored === total) resolve();
        else if (next < total) one();
      });
    };
    for (let count = 0; count < Math.min(inFlight, total); count += 1) one();
  });
}

serveCalls(calls);
