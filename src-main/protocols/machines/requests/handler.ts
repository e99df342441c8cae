import type { Core } from "../../../core/core.ts";
import type { Principal, Role } from "../../../core/identity/principal.ts";
import type { NodeRecord } from "../../../core/nodes/nodeRecord.ts";
import type { ParamsOf, RequestType, ResultOf } from "../messages.ts";

/** What a request acts on. The dispatcher looks it up and refuses what the user may not see, before the handler runs. */
export type Target =
  | { readonly kind: "none" }
  /** Every id must name a node that the user may see; an empty list is refused. */
  | { readonly kind: "nodes"; readonly ids: readonly string[] }
  /** The command's node must be one that the user may see. */
  | { readonly kind: "command"; readonly id: string }
  /** The nodes of all of these alerts must be ones that the user may see. */
  | { readonly kind: "alerts"; readonly ids: readonly string[] };

export const noTarget = (): Target => ({ kind: "none" });

/** What a handler may do with the connection that the request came over. */
export interface RequestSession {
  authenticate(token: string): Promise<void>;
  hello(capabilities: readonly string[]): readonly string[];
  subscribe(params: ParamsOf<"subscribe">): void;
  unsubscribe(params: ParamsOf<"unsubscribe">): void;
  connectTerminal(params: ParamsOf<"terminal-connect">): Promise<void>;
  terminalInput(vmId: string, input: string): void;
  resizeTerminal(params: ParamsOf<"terminal-resize">): void;
  disconnectTerminal(vmId: string): void;
  /** For long work: ends the session's former task of that name. The signal is aborted when the session is gone, too. */
  startTask(name: string): AbortSignal;
  finishTask(name: string, signal: AbortSignal): void;
  cancelTask(name: string): void;
}

export interface RequestContext {
  readonly core: Core;
  readonly principal: Principal;
  readonly session: RequestSession;
  /** The nodes of the target, looked up and allowed. */
  readonly nodes: readonly NodeRecord[];
  readonly about: AboutCore;
}

export interface AboutCore {
  readonly version: string;
  /** The node that this core's own machine is, when an agent runs in it. */
  readonly localNodeId: () => string | undefined;
  /** Where a browser on this machine finds the console. */
  readonly consoleUrl: () => string | undefined;
  /** Connects to a documents server and asks what it is. @throws {PicketError} `PEER_LOST`, `INVALID_PARAMS` */
  readonly checkDocumentServer: (url: string) => Promise<ResultOf<"document-server-check">>;
}

/** The authorisation row of a request type and what it does. A type without a row does not compile. */
export interface Handler<T extends RequestType> {
  /** The least role that may send it. */
  readonly role: Role;
  readonly target: (params: ParamsOf<T>) => Target;
  /** For what changes something or reaches a machine: what the audit log says besides who, what and how it ended. */
  readonly audit?: (params: ParamsOf<T>) => { readonly target: string; readonly details?: Record<string, unknown> };
  readonly handle: (params: ParamsOf<T>, context: RequestContext) => Promise<ResultOf<T>>;
}

export type Handlers<T extends RequestType> = { readonly [K in T]: Handler<K> };
