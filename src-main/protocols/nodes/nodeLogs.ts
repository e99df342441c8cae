import { PicketError, toPicketError } from "../../base/errors.ts";
import type { LogEntry } from "../../core/logs/logEntry.ts";
import type { LogStore } from "../../core/logs/logStore.ts";
import type { NodeMessageData } from "./messages.ts";

export interface NodeLogsOptions {
  readonly logs: LogStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly received: (id: string) => void;
  readonly failed: (id: string, error: PicketError) => void;
}

/** Of one node so many batches may wait for the disk. It keeps what it is told to send later. */
const maxUnstored = 8;
/** The source of what the agent says about itself. */
const agentSource = "picket-agent";

/** The lines of one node, each batch acked when it is on the disk. It waits for nobody: heartbeats go by. */
export class NodeLogs {
  readonly #options: NodeLogsOptions;
  #unstored = 0;

  constructor(options: NodeLogsOptions) {
    this.#options = options;
  }

  receive(nodeKey: number, id: string, { entries, dropped }: NodeMessageData<"log_batch">): void {
    const { logs, now, received, failed } = this.#options;
    if (this.#unstored >= maxUnstored) {
      failed(id, new PicketError("RATE_LIMITED", { details: "too many batches at a time" }));
      return;
    }
    this.#unstored += 1;
    const lost = dropped === 0 ? [] : [lossEntry(dropped, entries.at(-1)?.time ?? now())];
    logs
      .append(nodeKey, [...entries, ...lost])
      .then(
        () => received(id),
        (error: unknown) => failed(id, toPicketError(error)),
      )
      .finally(() => {
        this.#unstored -= 1;
      });
  }
}

/** What is missing is said where it is missing. */
function lossEntry(dropped: number, time: number): LogEntry {
  const lines = dropped === 1 ? "1 line was" : `${dropped} lines were`;
  const message = `${lines} dropped: the node's policy allows no more a second`;
  return { time, level: "warning", source: agentSource, message };
}
