import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Clock } from "../../src-main/base/clock.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import type { LogEntry } from "../../src-main/core/logs/logEntry.ts";
import { defaultLogLimits, type LogLimits } from "../../src-main/core/logs/logRetention.ts";
import { LogStore } from "../../src-main/core/logs/logStore.ts";
import { ManualClock } from "./manualClock.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface OpenedLogs {
  readonly clock: ManualClock;
  readonly file: string;
  /** The store that is open now. */
  readonly store: LogStore;
  /** Closes it and opens it again, as a restart does. */
  reopen(): Promise<void>;
  /** Stores messages of a node as lines of this moment. */
  add(nodeKey: number, messages: readonly string[], entry?: Partial<LogEntry>): Promise<void>;
  /** The messages that are found, newest first. */
  find(request: Partial<Parameters<LogStore["search"]>[0]>): Promise<string[]>;
}

/** A log store with a file of its own, closed when the test ends. */
export async function openLogs(
  context: Pick<TestContext, "after">,
  options: { readonly limits?: LogLimits; readonly clock?: ManualClock } = {},
): Promise<OpenedLogs> {
  const { limits = defaultLogLimits, clock = new ManualClock() } = options;
  const file = join(temporaryFolder(context), "logs.db");
  const open = (): Promise<LogStore> =>
    LogStore.open({ file, clock: clock satisfies Clock, logger: silentLogger, limits });
  let store = await open();
  context.after(() => store.close());
  return {
    clock,
    file,
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await open();
    },
    add: (nodeKey, messages, entry = {}) =>
      store.append(
        nodeKey,
        messages.map((message) => ({ time: clock.wallTime(), level: "info", source: "test", message, ...entry })),
      ),
    async find(request) {
      const { entries } = await store.search({ limit: 1_000, ...request });
      return entries.map(({ message }) => message);
    },
  };
}
