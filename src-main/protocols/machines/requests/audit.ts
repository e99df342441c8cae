import { PicketError } from "../../../base/errors.ts";
import type { auditRequests } from "../messages/audit.ts";
import { type Handlers, noTarget } from "./handler.ts";

export const auditHandlers: Handlers<keyof typeof auditRequests> = {
  "audit-list": {
    role: "administrator",
    target: noTarget,
    async handle(params, { core, principal }) {
      // The log speaks of every group.
      if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
      const records = await core.audit.list(params);
      return { records: records.map((record) => ({ ...record, details: { ...record.details } })) };
    },
  },
  "audit-verify": {
    role: "administrator",
    target: noTarget,
    async handle(_, { core, principal }) {
      if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
      const { records, brokenAt } = await core.audit.verify();
      return { records, brokenAt: brokenAt ?? null };
    },
  },
};
