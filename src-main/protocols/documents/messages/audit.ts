import * as z from "zod/mini";
import { action, name, time, whole } from "./define.ts";

const entry = z.object({
  /** A number here, text elsewhere. */
  id: z.union([z.int(), z.string()]),
  action: z.string(),
  username: z.nullable(z.string()),
  target: z.nullable(z.string()),
  data: z.nullable(z.record(z.string(), z.unknown())),
  /** 0 for success, otherwise the code that was answered. */
  result: z.int(),
  remote_address: z.nullable(z.string()),
  logged_time: time,
});
export type DocumentsAuditEntry = z.infer<typeof entry>;

export const auditActions = {
  /** Newest first; `total` counts all that the filters let through. No filter lets everything through. */
  view_audit_logs: action({
    data: z.strictObject({
      offset: z._default(whole(0, Number.MAX_SAFE_INTEGER), 0),
      count: z._default(whole(0, 100), 50),
      filters: z._default(z.array(name(64)).check(z.maxLength(256)), []),
    }),
    result: z.object({ total: z.int(), entries: z.array(entry) }),
  }),
};
