import * as z from "zod/mini";
import { name, request, time, whole } from "./define.ts";

const record = z.object({
  sequence: z.number(),
  time,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  outcome: z.enum(["done", "refused", "failed"]),
  details: z.record(z.string(), z.unknown()),
  /** Over this record and the hash before: see docs/operations. */
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof record>;

export const auditRequests = {
  /**
   * Newest first, in pages: `before` is the sequence that the page before ended with. `target` also finds records that
   * name it among several. From `from` on, and before `to`.
   */
  "audit-list": request(
    z.object({
      before: z.optional(whole(1, Number.MAX_SAFE_INTEGER)),
      limit: z.prefault(whole(1, 500), 100),
      actor: z.optional(name(128)),
      action: z.optional(name(64)),
      target: z.optional(name(128)),
      from: z.optional(time),
      to: z.optional(time),
    }),
    z.object({ records: z.array(record) }),
  ),
  /** Recomputes the chain. `brokenAt` is the first record that does not fit. */
  "audit-verify": request(z.object({}), z.object({ records: z.number(), brokenAt: z.nullable(z.number()) })),
};
