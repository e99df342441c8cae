import { type Severity, severities } from "../../../../src-main/protocols/machines/messages/alerts.ts";
import type { ParamsInput } from "../../../../src-main/protocols/machines/messages.ts";

/** What the fields say. Empty: anything. */
export interface HistoryFilter {
  /** What people call the node. */
  readonly node: string;
  readonly ruleId: string;
  readonly severity: string;
  /** As a field for local time has it: when the alert began. */
  readonly from: string;
  readonly to: string;
}

export const noHistoryFilter: HistoryFilter = { node: "", ruleId: "", severity: "", from: "", to: "" };

export interface HistoryQuery {
  readonly params: Pick<ParamsInput<"alert-list">, "nodeId" | "ruleId" | "severity" | "before">;
  /** Older ones are not wanted. The list is newest first: it ends there. */
  readonly from: number | undefined;
}

/**
 * The filter as the core is asked for it.
 *
 * @param nodeIdOf the id of a node that people know by a name
 */
export function historyQuery(
  { node, ruleId, severity, from, to }: HistoryFilter,
  nodeIdOf: (label: string) => string | undefined,
): HistoryQuery {
  const label = node.trim();
  const wanted: Severity | undefined = severities.find((name) => name === severity);
  const begin = Date.parse(from);
  const end = Date.parse(to);
  return {
    params: {
      ...(label === "" ? {} : { nodeId: nodeIdOf(label) ?? label }),
      ...(ruleId === "" ? {} : { ruleId }),
      ...(wanted === undefined ? {} : { severity: wanted }),
      // The field shows minutes: the whole of the last one is meant.
      ...(Number.isNaN(end) ? {} : { before: end + 60_000 }),
    },
    from: Number.isNaN(begin) ? undefined : begin,
  };
}
