/** From the least to the most serious. */
export const logLevels = ["debug", "info", "notice", "warning", "error", "critical"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One line of a log, as a node says it. */
export interface LogEntry {
  /** Milliseconds since 1970, as the node has it. */
  readonly time: number;
  readonly level: LogLevel;
  /** What wrote it: a unit, a program, a file. At most 128 characters. */
  readonly source: string;
  /** At most 16 KiB; control characters and all: it is shown as text only. */
  readonly message: string;
}

/** A line that is on the disk. */
export interface StoredLogEntry extends LogEntry {
  /** Unique, and in the order of time: the cursor of pages. */
  readonly id: number;
  readonly nodeKey: number;
}
