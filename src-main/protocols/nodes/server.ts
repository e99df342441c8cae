import { type Clock, timestamp } from "../../base/clock.ts";
import { KeyedTurns } from "../../base/keyedTurns.ts";
import type { Logger } from "../../base/logger.ts";
import type { AuditLog } from "../../core/audit/auditLog.ts";
import type { Commands } from "../../core/commands/commands.ts";
import type { Containers } from "../../core/containers/containers.ts";
import type { EnrolmentTokens } from "../../core/identity/enrolmentTokens.ts";
import type { LogStore } from "../../core/logs/logStore.ts";
import type { MetricStore } from "../../core/metrics/metricStore.ts";
import type { NodeRecord } from "../../core/nodes/nodeRecord.ts";
import type { NodeRegistry } from "../../core/nodes/nodeRegistry.ts";
import { retryAfterReason } from "../../wire/closeReason.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import type { NodeCredentials } from "./authenticateNode.ts";
import type { Envelope } from "./messages.ts";
import { NodeSession } from "./nodeSession.ts";

export interface NodesServerOptions {
  readonly nodes: NodeRegistry;
  readonly metrics: MetricStore;
  readonly logs: LogStore;
  readonly commands: Commands;
  readonly containers: Containers;
  readonly tokens: EnrolmentTokens;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told every message when the wire is traced; the logger masks what is secret. */
  readonly trace?: Trace | undefined;
  /** A node has registered: whoever watches it wants to tell it so again. */
  readonly onRegistered: (node: NodeRecord) => void;
}

export type Trace = (direction: "<-" | "->", message: Envelope<string, unknown>) => void;

/** What a session needs: the core's services and its server. */
export interface NodesServices extends Omit<NodesServerOptions, "onRegistered"> {
  /** By node id: of several connections that want to be one node, one at a time becomes it. */
  readonly turns: KeyedTurns;
  registered(node: NodeRecord): void;
  forget(session: NodeSession): void;
  /** The wall time as the wire writes it. */
  now(): string;
}

/** How many nodes a second are asked to come back after a shutdown. */
const returnRate = 200;

/** The core's half of the nodes protocol. */
export class NodesServer {
  readonly #sessions = new Set<NodeSession>();
  readonly #services: NodesServices;
  #stamp = { at: Number.NaN, text: "" };

  constructor(options: NodesServerOptions) {
    this.#services = {
      ...options,
      turns: new KeyedTurns(),
      registered: options.onRegistered,
      forget: (session) => this.#sessions.delete(session),
      now: () => this.#now(options.clock),
    };
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Takes a new connection; the returned handler gets what it sends. */
  accept(connection: Connection, credentials: Omit<NodeCredentials, "peer">): ConnectionHandler {
    const session = new NodeSession(connection, this.#services);
    this.#sessions.add(session);
    session.authenticate({ ...credentials, peer: connection.peer });
    return session;
  }

  /** Closes every connection and gives each node its own moment to come back. */
  close(): void {
    let index = 0;
    for (const session of this.#sessions) {
      session.close(closeCode.goingAway, retryAfterReason("the core is stopping", 500 + (index * 1000) / returnRate));
      index += 1;
    }
  }

  /** Eight acks in one millisecond carry the same time: it is written once. */
  #now(clock: Clock): string {
    const at = clock.wallTime();
    if (at !== this.#stamp.at) this.#stamp = { at, text: timestamp(clock) };
    return this.#stamp.text;
  }
}
