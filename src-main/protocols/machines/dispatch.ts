import { PicketError, toPicketError } from "../../base/errors.ts";
import type { Core } from "../../core/core.ts";
import { hasRole, maySeeGroup, type Principal } from "../../core/identity/principal.ts";
import type { NodeRecord } from "../../core/nodes/nodeRecord.ts";
import { parseParams, type RequestType, type ResultOf } from "./messages.ts";
import type { AboutCore, Handler, RequestSession, Target } from "./requests/handler.ts";
import { handlers } from "./requests/handlers.ts";

export interface Dispatch {
  readonly core: Core;
  readonly about: AboutCore;
  readonly principal: Principal;
  readonly session: RequestSession;
}

/**
 * The one way from a request to what it does: parameters checked, role checked, targets looked up and checked, then the
 * handler, then the audit log. What is not allowed here is not allowed anywhere.
 *
 * @throws {PicketError}
 */
export async function dispatch<T extends RequestType>(type: T, data: unknown, by: Dispatch): Promise<ResultOf<T>> {
  const handler: Handler<T> = handlers[type];
  const { core, principal } = by;
  const params = parseParams(type, data);
  if (!params.ok) throw new PicketError("INVALID_PARAMS", { details: params.error });
  const audit = handler.audit?.(params.value);
  const record = async (outcome: "done" | "refused" | "failed", code?: string): Promise<void> => {
    if (audit === undefined) return;
    const details = code === undefined ? audit.details : { ...audit.details, code };
    await core.audit.append({
      actor: principal.username,
      action: type,
      target: audit.target,
      outcome,
      details: details ?? {},
    });
  };
  let nodes: readonly NodeRecord[];
  try {
    if (!hasRole(principal, handler.role)) throw new PicketError("FORBIDDEN");
    nodes = await resolve(handler.target(params.value), core, principal);
  } catch (error) {
    await record("refused", toPicketError(error).code);
    throw error;
  }
  let result: ResultOf<T>;
  try {
    result = await handler.handle(params.value, { ...by, nodes });
  } catch (error) {
    await record("failed", toPicketError(error).code);
    throw error;
  }
  await record("done");
  return result;
}

/** A node that the user may not see is as unknown as one that is not there: its existence is nobody's business. */
async function resolve(target: Target, core: Core, principal: Principal): Promise<readonly NodeRecord[]> {
  switch (target.kind) {
    case "none":
      return [];
    case "nodes": {
      if (target.ids.length === 0) throw new PicketError("INVALID_PARAMS", { details: "no node is named" });
      return [...new Set(target.ids)].map((id) => visibleNode(core, principal, id));
    }
    case "command": {
      const command = await core.commands.get(target.id);
      const node = command === undefined ? undefined : core.nodes.get(command.nodeId);
      if (node === undefined || !maySeeGroup(principal, node.group)) throw new PicketError("COMMAND_NOT_FOUND");
      return [node];
    }
    case "alerts": {
      const nodes = await Promise.all(
        target.ids.map(async (id) => {
          const alert = await core.alerts.get(id);
          const node = alert === undefined ? undefined : core.nodes.get(alert.nodeId);
          if (node === undefined || !maySeeGroup(principal, node.group)) throw new PicketError("ALERT_NOT_FOUND");
          return node;
        }),
      );
      return [...new Set(nodes)];
    }
  }
}

/** @throws {PicketError} `NODE_NOT_FOUND` */
export function visibleNode(core: Core, principal: Principal, nodeId: string): NodeRecord {
  const node = core.nodes.get(nodeId);
  if (node === undefined || !maySeeGroup(principal, node.group))
    throw new PicketError("NODE_NOT_FOUND", { details: nodeId });
  return node;
}
