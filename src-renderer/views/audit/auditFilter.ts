import type { ParamsInput } from "../../../src-main/protocols/machines/messages.ts";

/** What the fields say. Empty: anything. */
export interface AuditFilter {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  /** As a field for local time has it. */
  readonly from: string;
  readonly to: string;
}

export const noAuditFilter: AuditFilter = { actor: "", action: "", target: "", from: "", to: "" };

export type AuditQuery = Omit<ParamsInput<"audit-list">, "before" | "limit">;

/**
 * The filter as the core is asked for it.
 *
 * @param nodeIdOf the id of a node that people know by a name
 */
export function auditQuery(filter: AuditFilter, nodeIdOf: (label: string) => string | undefined): AuditQuery {
  const actor = filter.actor.trim();
  const action = filter.action.trim();
  const target = filter.target.trim();
  const from = Date.parse(filter.from);
  const to = Date.parse(filter.to);
  return {
    ...(actor === "" ? {} : { actor }),
    ...(action === "" ? {} : { action }),
    ...(target === "" ? {} : { target: nodeIdOf(target) ?? target }),
    ...(Number.isNaN(from) ? {} : { from }),
    // The field shows minutes: the whole of the last one is meant.
    ...(Number.isNaN(to) ? {} : { to: to + 60_000 }),
  };
}
