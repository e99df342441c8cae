import type { LogEntry, LogLevel } from "../../core/logs/logEntry.ts";

/** Levels as programs write them, to ours. */
const levels: ReadonlyMap<string, LogLevel> = new Map([
  ["trace", "debug"],
  ["debug", "debug"],
  ["info", "info"],
  ["information", "info"],
  ["notice", "notice"],
  ["warn", "warning"],
  ["warning", "warning"],
  ["err", "error"],
  ["error", "error"],
  ["crit", "critical"],
  ["critical", "critical"],
  ["fatal", "critical"],
  ["alert", "critical"],
  ["emerg", "critical"],
]);

const maxSource = 128;
/** Characters. The store has its own limit in bytes. */
const maxMessage = 16 * 1024;
const newest = 10 * 60_000;

/**
 * The log lines of a `log` message. What is no line is left out; a level that nobody knows is `info`.
 *
 * @param now the core's wall time: of a line that has no time, or one far ahead
 */
export function readLogEntries(entries: readonly unknown[], now: number): LogEntry[] {
  return entries.flatMap((entry) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { level, message, timestamp, source } = entry as Readonly<Record<string, unknown>>;
    if (typeof message !== "string") return [];
    const own = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
    return {
      time: own > 0 && own <= now + newest ? own : now,
      level: (typeof level === "string" ? levels.get(level.toLowerCase()) : undefined) ?? "info",
      source: typeof source === "string" ? source.slice(0, maxSource) : "",
      message: message.slice(0, maxMessage),
    };
  });
}
