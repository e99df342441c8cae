import type { AuditRecord } from "../../../core/audit/auditLog.ts";
import type { auditActions } from "../messages/audit.ts";
import { documentActions } from "../messages.ts";
import type { Handlers } from "./handler.ts";

/** Only what was asked for over this protocol: whoever may see it may not see what happens to machines. */
const recorded: readonly string[] = Object.keys(documentActions);

export const auditHandlers: Handlers<keyof typeof auditActions> = {
  view_audit_logs: {
    access: "user",
    permission: "view_audit_logs",
    denied: "Access denied",
    async handle({ offset, count, filters }, { core, note }) {
      note.data = { offset, entries_count: count, ...(filters.length === 0 ? {} : { filters }) };
      const actions = filters.length === 0 ? recorded : recorded.filter((action) => filters.includes(action));
      const [total, records] = await Promise.all([
        core.audit.count({ actions }),
        core.audit.list({ actions, offset, limit: count }),
      ]);
      return { message: "Success", data: { total, entries: records.map(viewRecord) } };
    },
  },
};

function viewRecord({ sequence, action, actor, target, details, time }: AuditRecord) {
  const { result, data, remote_address: address } = details;
  return {
    id: sequence,
    action,
    username: actor === "" ? null : actor,
    target: target === "" ? null : target,
    data: typeof data === "object" && data !== null ? (data as Record<string, unknown>) : null,
    result: typeof result === "number" ? result : 0,
    remote_address: typeof address === "string" ? address : null,
    logged_time: time / 1000,
  };
}
