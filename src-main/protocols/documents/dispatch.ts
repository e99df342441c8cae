import { describeError, PicketError } from "../../base/errors.ts";
import type { DocumentUser, VerifyResult } from "../../core/identity/documentTokens.ts";
import { answerOf, type ErrorAnswer } from "./answerOf.ts";
import { recordRequest } from "./auditRequest.ts";
import { type ActionName, isActionName, type Request } from "./messages.ts";
import { Refusal } from "./refusal.ts";
import type { Answer, AuditNote, Handler, OpenContext, RequestSession } from "./requests/handler.ts";
import { handlers } from "./requests/handlers.ts";
import { parseData } from "./schemaFault.ts";
import type { DocumentsServices } from "./server.ts";

export interface Dispatch extends DocumentsServices {
  readonly session: RequestSession;
}

const faultMessages = {
  missing: "Authentication required",
  invalid: "Invalid user or token",
  expired: "Token expired",
} as const;

/**
 * The one way from a request to what it does. The order is part of the protocol: lockdown, action known, data valid,
 * credentials, permission, handler; then the audit log, and only then the answer. What is not allowed here is not allowed
 * anywhere.
 *
 * @returns the answer; undefined when everything was said already
 * @throws when the audit log cannot be written
 */
export async function dispatch(request: Request, by: Dispatch): Promise<ErrorAnswer | undefined> {
  const { action } = request;
  const known = isActionName(action) ? action : undefined;
  const credentials = new Credentials(request, by);
  if (by.core.documents.lockdown.active && (known === undefined || handlers[known].lockdownOpen !== true)) {
    const user = await credentials.userIfAny();
    if (user?.rights.permissions.has("bypass_lockdown") !== true) {
      const answer = answerOf(new PicketError("LOCKDOWN"));
      if (known !== undefined) await recordRequest({ ...by, action: known, answer, actor: user?.username, note: {} });
      return answer;
    }
  }
  if (known === undefined) return { code: 400, message: `Unknown action: ${action.slice(0, 64)}`, data: {} };
  return run(known, { request, credentials, by });
}

async function run<A extends ActionName>(
  action: A,
  { request, credentials, by }: { readonly request: Request; readonly credentials: Credentials; readonly by: Dispatch },
): Promise<ErrorAnswer | undefined> {
  const data = parseData(action, request.data);
  if (!data.ok) return { code: 400, ...data.error };
  const { core, about, session } = by;
  const handler: Handler<A> = handlers[action];
  const note: AuditNote = {};
  const context = { core, about, session, request, note };
  let answer: ErrorAnswer | undefined;
  let lost = false;
  try {
    answer = successOf(await handle(handler, data.value, { context, credentials }));
  } catch (thrown) {
    lost = thrown instanceof PicketError && thrown.code === "PEER_LOST";
    answer = answerOf(thrown);
    if (answer.code === 500 && !lost) by.logger.error("a request failed", { action, error: describeError(thrown) });
  }
  await recordRequest({
    ...by,
    action,
    answer,
    actor: note.actor ?? credentials.verified?.username,
    note: { target: handler.target?.(data.value) ?? undefined, data: asRecord(data.value), ...note },
  });
  return lost ? undefined : answer;
}

async function handle<A extends ActionName>(
  handler: Handler<A>,
  data: Parameters<Handler<A>["handle"]>[0],
  { context, credentials }: { readonly context: OpenContext; readonly credentials: Credentials },
): Promise<Answer<A> | undefined> {
  switch (handler.access) {
    case "open":
      return handler.handle(data, context);
    case "user": {
      const user = await credentials.user();
      await handler.first?.(data, { ...context, user });
      requirePermission(handler, data, user);
      return handler.handle(data, { ...context, user });
    }
    case "either": {
      if (!handler.needsUser(data, context.request)) return handler.handle(data, { ...context, user: undefined });
      const user = await credentials.user();
      await handler.first?.(data, { ...context, user });
      requirePermission(handler, data, user);
      return handler.handle(data, { ...context, user });
    }
  }
}

/** @throws {Refusal} 403 */
function requirePermission<A extends ActionName>(
  { permission, denied = "Permission denied" }: Exclude<Handler<A>, { access: "open" }>,
  data: Parameters<Handler<A>["handle"]>[0],
  user: DocumentUser,
): void {
  const needed = typeof permission === "function" ? permission(data, user) : permission;
  if (needed !== undefined && !user.rights.permissions.has(needed)) throw new Refusal(403, denied);
}

/** The credentials of one envelope: checked when somebody wants to know, and once. */
class Credentials {
  readonly #request: Request;
  readonly #by: Dispatch;
  #result: VerifyResult | undefined;

  constructor(request: Request, by: Dispatch) {
    this.#request = request;
    this.#by = by;
  }

  /** Who it is, as far as that was looked up. */
  get verified(): DocumentUser | undefined {
    return this.#result !== undefined && "user" in this.#result ? this.#result.user : undefined;
  }

  async userIfAny(): Promise<DocumentUser | undefined> {
    const { username, token } = this.#request;
    this.#result ??= await this.#by.core.documentTokens.verify(username, token);
    return this.verified;
  }

  /** @throws {Refusal} 401 */
  async user(): Promise<DocumentUser> {
    const user = await this.userIfAny();
    if (user !== undefined) return user;
    const fault = this.#result !== undefined && "fault" in this.#result ? this.#result.fault : "missing";
    throw new Refusal(401, faultMessages[fault]);
  }
}

function successOf<A extends ActionName>(answer: Answer<A> | undefined): ErrorAnswer | undefined {
  if (answer === undefined) return undefined;
  const { code = 200, message, data } = answer;
  return { code, message, data: data as Readonly<Record<string, unknown>> };
}

function asRecord(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
}
