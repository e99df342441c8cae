import { maskSecrets } from "../../base/maskSecrets.ts";
import type { TokenBucket } from "../../base/tokenBucket.ts";
import type { Core } from "../../core/core.ts";
import { isShallow } from "../shallowRecord.ts";
import type { ErrorAnswer } from "./answerOf.ts";
import type { ActionName } from "./messages.ts";
import type { AuditNote, RequestSession } from "./requests/handler.ts";

export interface RequestRecord {
  readonly core: Core;
  readonly strangers: TokenBucket;
  readonly session: RequestSession;
  readonly action: ActionName;
  /** What was answered; undefined when a transfer said everything itself. */
  readonly answer: ErrorAnswer | undefined;
  /** Undefined: nobody that is known. */
  readonly actor: string | undefined;
  readonly note: AuditNote;
}

/** Clients ask for it to see whether the server is there; it would be most of the log and say nothing. */
const unrecorded: ReadonlySet<ActionName> = new Set(["server_info"]);
const maxData = 8 * 1024;
const deepest = 16;

/** Writes a request into the audit log; resolves when it is on the disk. */
export async function recordRequest(record: RequestRecord): Promise<void> {
  const { core, session, action, answer, actor, note } = record;
  if (unrecorded.has(action)) return;
  if (actor === undefined && !record.strangers.take()) return;
  const code = answer?.code ?? 200;
  const data = auditData(note.data ?? {});
  await core.audit.append({
    actor: actor ?? "",
    action,
    target: (note.target ?? "").slice(0, 128),
    outcome: code < 300 ? "done" : [401, 403, 429, 999].includes(code) ? "refused" : "failed",
    details: {
      result: code === 200 ? 0 : code,
      ...(data === undefined ? {} : { data }),
      remote_address: session.address,
    },
  });
}

/** The data without its secrets; undefined when there is nothing in it. What is too long is left out. */
function auditData(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  // Writing JSON does not take any depth, as reading it does.
  if (!isShallow(data, deepest)) return { omitted: "nested too deeply" };
  const masked = maskSecrets(data);
  const { length } = JSON.stringify(masked);
  if (length > maxData) return { omitted: "too long", characters: length };
  return length > 2 ? masked : undefined;
}
