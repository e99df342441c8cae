// A log store with many lines, built as fast as it goes, and searched.
import { join } from "node:path";
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import type { LogSearchRequest } from "../../../src-main/core/logs/logSearch.ts";
import { LogStore } from "../../../src-main/core/logs/logStore.ts";
import { serveCalls } from "../support/child.ts";
import { LineModel } from "../support/lineModel.ts";

interface Build {
  readonly folder: string;
  readonly lines: number;
}

const nodes = 50;
const batch = 400;
const day = 24 * 3_600_000;
let store: LogStore | undefined;

const calls = {
  /** Lines of the last day. Returns how many a second were stored, and bytes a line. */
  async build({ folder, lines }: Build): Promise<{ readonly perSecond: number; readonly bytesPerLine: number }> {
    const limits = { keep: 30 * day, maxBytes: 0 };
    store = await LogStore.open({ file: join(folder, "logs.db"), clock: systemClock, logger: silentLogger, limits });
    const model = new LineModel(3);
    const startedAt = performance.now();
    const from = Date.now() - day;
    for (let at = 0; at < lines; at += batch * 10) {
      await Promise.all(
        Array.from({ length: 10 }, (_, index) => {
          const time = from + ((at + index * batch) / lines) * day;
          const entries = Array.from({ length: batch }, () => ({ time, ...model.next() }));
          return store?.append(1 + ((at / batch + index) % nodes), entries);
        }),
      );
    }
    const perSecond = (lines / (performance.now() - startedAt)) * 1000;
    return { perSecond, bytesPerLine: (await store.usedBytes()) / lines };
  },

  /** Milliseconds of a search for the first page. */
  async search(request: LogSearchRequest): Promise<number> {
    const startedAt = performance.now();
    await store?.search(request);
    return performance.now() - startedAt;
  },

  async close(): Promise<void> {
    await store?.close();
  },
};

export type LogBuilder = typeof calls;

serveCalls(calls);
