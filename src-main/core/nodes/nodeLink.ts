import type { NearEnd, NodeStream } from "../streams/stream.ts";
import type { NodeMethods } from "./nodeMethods.ts";

/** What the core asks of a connected node. The protocol that the node speaks implements it. */
export interface NodeLink {
  /** What both sides can do; empty for a node that speaks the plain protocol. */
  readonly capabilities: ReadonlySet<string>;
  /** Whether the node runs a command that it is given twice only once. */
  readonly remembersCommands: boolean;
  /** Hands a command over; its start and result come back through `Commands`. */
  execute(command: LinkCommand): void;
  /** Asks the node to end a running command. False when it cannot be asked. */
  cancel(commandId: string): boolean;
  /** How often the node should report, in milliseconds. */
  setMetricsInterval(interval: number): void;
  /**
   * Opens a stream on the node.
   *
   * @throws {PicketError} with the node's code: `FORBIDDEN_BY_POLICY`, `UNSUPPORTED`, `TIMEOUT` …
   */
  openStream(request: StreamRequest, near: NearEnd): Promise<NodeStream>;
  /**
   * Asks the node for something small that it answers at once.
   *
   * @throws {PicketError} the node's own code, `UNSUPPORTED`, `TIMEOUT` after 30 s, `PEER_LOST`, `RATE_LIMITED`,
   *   `INVALID_MESSAGE` when the answer is not one
   */
  ask<M extends keyof NodeMethods>(method: M, params: NodeMethods[M]["params"]): Promise<NodeMethods[M]["result"]>;
  /** Changes the size of a terminal session on the node. */
  resizeTerminal(session: string, size: TerminalSize): void;
  close(code: number, reason: string): void;
}

export interface LinkCommand {
  readonly commandId: string;
  readonly commandText: string;
  /** Seconds. */
  readonly timeout: number;
}

export interface StreamRequest {
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}
