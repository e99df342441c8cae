import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import {
  type AgentMessage,
  type AgentToCore,
  type CoreMessage,
  parseServerMessage,
  type ReportMessage,
  sentences,
} from "./messages.ts";

/** What the agent does with what the server says. */
export interface MonitoringClientHandler {
  /** The server let this connection in. */
  accepted(serverId: string): void;
  execute(command: CoreMessage<"command">): void;
  docker(command: CoreMessage<"docker_command">): void;
  /** The server does not take the key. The connection closes. */
  refused(error: PicketError): void;
  /** The server did not like something; the connection goes on. */
  complained(message: string): void;
  closed(code: number, reason: string): void;
}

export interface MonitoringClientOptions {
  readonly apiKey: string;
  readonly clock: Clock;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

const authTimeout = 10_000;

/** The agent's half of the monitoring protocol, over one connection: docs/protocols/monitoring.md. Runs in any runtime. */
export class MonitoringClient implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #handler: MonitoringClientHandler;
  readonly #options: MonitoringClientOptions;
  readonly #timer: Disposable;
  #serverId: string | undefined;
  #complaint = "";
  #refused = false;

  constructor(connection: Connection, handler: MonitoringClientHandler, options: MonitoringClientOptions) {
    this.#connection = connection;
    this.#handler = handler;
    this.#options = options;
    this.#timer = options.clock.schedule(authTimeout, () => this.close(closeCode.goingAway, "no answer to auth"));
  }

  /** Says who this is. To be called once, when the connection is open. */
  authenticate(): void {
    this.#send({ type: "auth", api_key: this.#options.apiKey });
  }

  /** Reports a sample. Nobody acks it. */
  report(report: Omit<ReportMessage, "type" | "server_id">): void {
    if (this.#serverId !== undefined) this.#send({ type: "metrics", server_id: this.#serverId, ...report });
  }

  commandResponse(response: Omit<AgentMessage<"command_response">, "type">): void {
    this.#send({ type: "command_response", ...response });
  }

  dockerResponse(response: Omit<AgentMessage<"docker_response">, "type">): void {
    this.#send({ type: "docker_response", ...response });
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  text(text: string): void {
    const message = parseServerMessage(text);
    // A newer server may know more than this agent; what is not understood is not for it.
    if (message === undefined) return;
    this.#options.trace?.("<-", message);
    switch (message.type) {
      case "auth_success":
        if (this.#serverId !== undefined) return;
        this.#timer.dispose();
        this.#serverId = message.server_id;
        this.#handler.accepted(message.server_id);
        break;
      case "command":
        this.#handler.execute(message);
        break;
      case "docker_command":
        this.#handler.docker(message);
        break;
      case "error":
        this.#onError(message.message);
        break;
    }
  }

  /** The protocol has no binary messages. */
  binary(): void {}

  drained(): void {}

  closed(code: number, reason: string): void {
    this.#timer.dispose();
    // Other servers may say it in other words.
    if (code === closeCode.policyViolation && this.#serverId === undefined) this.#refuse(this.#complaint || reason);
    this.#handler.closed(code, reason);
  }

  #onError(message: string): void {
    this.#complaint = message;
    if (message === sentences.invalidKey) this.#refuse(message);
    else this.#handler.complained(message);
  }

  #refuse(why: string): void {
    if (this.#refused) return;
    this.#refused = true;
    this.#handler.refused(new PicketError("INVALID_TOKEN", { details: why.slice(0, 256) }));
  }

  #send(message: AgentToCore | ReportMessage): void {
    this.#options.trace?.("->", message);
    this.#connection.sendText(JSON.stringify(message));
  }
}
