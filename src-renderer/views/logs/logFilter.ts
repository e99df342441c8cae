import { type LogLevel, logLevels } from "../../../src-main/protocols/machines/messages/logs.ts";
import type { ParamsInput } from "../../../src-main/protocols/machines/messages.ts";

export const logRanges = ["all", "quarter", "hour", "day", "week", "custom"] as const;
export type LogRange = (typeof logRanges)[number];

/** What the fields say. Empty: anything. */
export interface LogFilter {
  readonly text: string;
  /** What people call the node. */
  readonly node: string;
  /** The least serious one that is shown. */
  readonly level: LogLevel;
  readonly source: string;
  readonly range: LogRange;
  /** As fields for local time have it; for `custom` only. */
  readonly from: string;
  readonly to: string;
}

export const noLogFilter: LogFilter = {
  text: "",
  node: "",
  level: "debug",
  source: "",
  range: "all",
  from: "",
  to: "",
};

export type LogQuery = Omit<ParamsInput<"log-search">, "before" | "limit">;

const minute = 60_000;
const lengths = { quarter: 15 * minute, hour: 60 * minute, day: 24 * 60 * minute, week: 7 * 24 * 60 * minute } as const;

/** @param nodeIdOf the id of a node that people know by a name. @param now the core's wall time */
export function logQuery(
  filter: LogFilter,
  { nodeIdOf, now }: { readonly nodeIdOf: (label: string) => string | undefined; readonly now: number },
): LogQuery {
  const text = filter.text.trim();
  const node = filter.node.trim();
  const { level, source } = filter;
  return {
    ...(text === "" ? {} : { text }),
    ...(node === "" ? {} : { nodeIds: [nodeIdOf(node) ?? node] }),
    ...(level === "debug" ? {} : { levels: logLevels.slice(logLevels.indexOf(level)) }),
    ...(source === "" ? {} : { sources: [source] }),
    ...rangeOf(filter, now),
  };
}

function rangeOf({ range, from, to }: LogFilter, now: number): Pick<LogQuery, "from" | "to"> {
  if (range === "all") return {};
  if (range !== "custom") return { from: now - lengths[range] };
  const start = Date.parse(from);
  const end = Date.parse(to);
  return {
    ...(Number.isNaN(start) ? {} : { from: start }),
    // The field shows minutes: the whole of the last one is meant.
    ...(Number.isNaN(end) ? {} : { to: end + minute }),
  };
}
