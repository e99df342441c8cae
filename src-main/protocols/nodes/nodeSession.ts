import {
  describeError,
  type ErrorCode,
  errorTable,
  isErrorCode,
  PicketError,
  toPicketError,
} from "../../base/errors.ts";
import { parsePublicKey } from "../../core/identity/nodeKeys.ts";
import type { LinkCommand, NodeLink, StreamRequest, TerminalSize } from "../../core/nodes/nodeLink.ts";
import type { NodeMethod, NodeMethods } from "../../core/nodes/nodeMethods.ts";
import type { NodeRecord } from "../../core/nodes/nodeRecord.ts";
import type { NearEnd, NodeStream } from "../../core/streams/stream.ts";
import { ChannelMux } from "../../wire/channels/channelMux.ts";
import { type Connection, type ConnectionHandler, closeCode, ownPeerTimes } from "../../wire/connection.ts";
import { mayBeNode, type NodeAdmission, type NodeCredentials } from "./authenticateNode.ts";
import { coreCapabilities, extensionVersion, methodCapabilities } from "./capabilities.ts";
import { type NodeMessageData, type NodeToCore, parseNodeMessage } from "./messages.ts";
import { NodeHandshake } from "./nodeHandshake.ts";
import { NodeOutbox } from "./nodeOutbox.ts";
import { NodeReports } from "./nodeReports.ts";
import { NodeRequests } from "./nodeRequests.ts";
import { NodeStreams } from "./nodeStreams.ts";
import type { NodesServices } from "./server.ts";

/** Milliseconds. A plain node reports every 30 s; one of ours as often as it is told. */
const intervals = { plain: 30_000, own: 5_000 } as const;
const maxUnanswered = 64;

/** The core's side of one node's connection: docs/protocols/nodes.md. */
export class NodeSession implements ConnectionHandler, NodeLink {
  capabilities: ReadonlySet<string> = noCapabilities;
  readonly #connection: Connection;
  readonly #services: NodesServices;
  readonly #outbox: NodeOutbox;
  readonly #reports: NodeReports;
  #requests: NodeRequests | undefined;
  #handshake: NodeHandshake | undefined;
  #admission: NodeAdmission | undefined;
  #streams: NodeStreams | undefined;
  /** Whether this connection is the one that the registry knows for the node. */
  #linked = false;
  #extended = false;
  /** What needs the database is done one after another, in the order in which it came. */
  #answers: Promise<void> | undefined;
  #unanswered = 0;

  constructor(connection: Connection, services: NodesServices) {
    this.#connection = connection;
    this.#services = services;
    this.#outbox = new NodeOutbox(connection, services);
    this.#reports = new NodeReports({ connection, services, outbox: this.#outbox });
  }

  get remembersCommands(): boolean {
    return this.#extended;
  }

  /** Looks at the credentials of the connection. Until that is done, what the node sends waits. */
  authenticate(credentials: NodeCredentials): void {
    this.#handshake = new NodeHandshake({
      connection: this.#connection,
      services: this.#services,
      outbox: this.#outbox,
      onAdmitted: (admission, early) => {
        this.#handshake = undefined;
        this.#admission = admission;
        this.#outbox.tell("welcome", { message: "welcome to Picket", node_id: admission.nodeId });
        for (const message of early) this.text(message);
      },
    });
    void this.#handshake.authenticate(credentials);
  }

  text(message: string): void {
    if (this.#handshake !== undefined) {
      this.#handshake.text(message);
      return;
    }
    // A node that was refused or replaced may go on talking until it answers the close.
    if (this.#admission === undefined || !this.#connection.isOpen) return;
    const parsed = parseNodeMessage(message);
    if (!parsed.ok) {
      this.#outbox.fault(parsed.error);
      return;
    }
    this.#services.trace?.("<-", parsed.value);
    this.#dispatch(this.#admission.nodeId, parsed.value);
  }

  binary(bytes: Uint8Array): void {
    if (!this.#connection.isOpen) return;
    if (this.#streams === undefined) {
      const details = "a binary frame without the channels capability";
      this.#outbox.fault({ code: "INVALID_MESSAGE", id: undefined, type: undefined, details });
    } else if (!this.#streams.mux.binary(bytes)) {
      this.#connection.close(closeCode.protocolError, "malformed frame");
    }
  }

  drained(): void {
    this.#streams?.mux.drained();
  }

  closed(): void {
    this.#handshake?.dispose();
    this.#handshake = undefined;
    const nodeId = this.#admission?.nodeId;
    this.#admission = undefined;
    this.#streams?.lost();
    this.#requests?.lost();
    this.#services.forget(this);
    if (!this.#linked || nodeId === undefined) return;
    const { nodes, commands } = this.#services;
    if (nodes.linkOf(nodeId) === this) commands.nodeDisconnected(nodeId);
    nodes.disconnected(nodeId, this);
  }

  execute(command: LinkCommand): void {
    const { commandId, commandText, timeout } = command;
    // The command's id is the message's too: an error of the node that names the message names the command.
    this.#outbox.send("execute_command", commandId, { command_id: commandId, command_text: commandText, timeout });
  }

  cancel(commandId: string): boolean {
    if (!this.#extended) return false;
    this.#outbox.tell("cancel_command", { command_id: commandId });
    return true;
  }

  setMetricsInterval(interval: number): void {
    if (this.#extended) this.#outbox.tell("set_metrics_interval", { metrics_interval: interval / 1000 });
  }

  openStream(request: StreamRequest, near: NearEnd): Promise<NodeStream> {
    if (this.#streams === undefined) return Promise.reject(new PicketError("UNSUPPORTED", { details: "channels" }));
    return this.#streams.open(request, near);
  }

  ask<M extends NodeMethod>(method: M, params: NodeMethods[M]["params"]): Promise<NodeMethods[M]["result"]> {
    const capability = methodCapabilities[method];
    if (!this.capabilities.has(capability)) {
      return Promise.reject(new PicketError("UNSUPPORTED", { details: capability }));
    }
    this.#requests ??= new NodeRequests({
      clock: this.#services.clock,
      send: (id, data) => this.#outbox.send("node_request", id, data),
    });
    return this.#requests.ask(method, params);
  }

  resizeTerminal(session: string, size: TerminalSize): void {
    if (this.#extended) this.#outbox.tell("terminal_resize", { session, cols: size.cols, rows: size.rows });
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  #dispatch(nodeId: string, message: NodeToCore): void {
    const speaksFor = "node_id" in message.data ? message.data.node_id : undefined;
    if (typeof speaksFor === "string" && speaksFor !== nodeId) {
      const details = "data.node_id: not the node of this connection";
      this.#outbox.fault({ code: "INVALID_MESSAGE", id: message.id, type: message.type, details });
      return;
    }
    const { turns } = this.#services;
    switch (message.type) {
      case "node_register":
        this.#answer(message.id, () => turns.run(nodeId, () => this.#register(nodeId, message.id, message.data)));
        break;
      case "heartbeat":
        if (this.#linked) this.#reports.heartbeat(nodeId, message);
        else this.#answer(message.id, () => turns.run(nodeId, () => this.#onFirstHeartbeat(nodeId, message)));
        break;
      case "command_started":
        this.#answer(message.id, async () => {
          const node = this.#known(nodeId);
          await this.#services.commands.started(node, message.data.command_id);
        });
        break;
      case "command_result":
        this.#answer(message.id, () => this.#onResult(nodeId, message.id, message.data));
        break;
      case "node_response":
        this.#requests?.response(message.id, message.data);
        break;
      case "containers":
      case "container_event":
        if (this.#announced("docker", message)) this.#reports.containers(nodeId, message);
        break;
      case "error":
        if (this.#requests?.error(message.id, message.data) === true) break;
        this.#answer(message.id, () => this.#onError(nodeId, message.id, message.data));
        break;
      case "inventory":
        this.#answer(message.id, async () => {
          await this.#services.nodes.setFacts(this.#known(nodeId).nodeId, message.data.facts);
          this.#outbox.send("inventory_received", message.id, { received: true });
        });
        break;
      case "log_batch":
        if (this.#announced("logs", message)) this.#reports.logs(nodeId, message);
        break;
      case "challenge_response":
        this.#outbox.fault({
          code: "INVALID_MESSAGE",
          id: message.id,
          type: message.type,
          details: "no challenge is open",
        });
        break;
      default:
        if (this.#streams?.message(message) !== true) {
          const details = "without the channels capability";
          this.#outbox.fault({ code: "INVALID_MESSAGE", id: message.id, type: message.type, details });
        }
    }
  }

  /** Whether the node is registered and said that it would send this; if not, it is told. */
  #announced(capability: string, { id, type }: NodeToCore): boolean {
    if (!this.#linked) {
      this.#outbox.error(id, new PicketError("NODE_NOT_FOUND"));
      return false;
    }
    if (this.capabilities.has(capability)) return true;
    const details = `without the ${capability} capability`;
    this.#outbox.fault({ code: "INVALID_MESSAGE", id, type, details });
    return false;
  }

  /** Runs what may fail after what came before it; the failure is the answer. */
  #answer(id: string, run: () => Promise<void>): void {
    this.#unanswered += 1;
    if (this.#unanswered === maxUnanswered) this.#connection.pauseReading();
    const answer = (this.#answers ?? Promise.resolve()).then(run).then(undefined, (thrown: unknown) => {
      const error = toPicketError(thrown);
      if (error.code === "INTERNAL_ERROR") {
        this.#services.logger.error("a node's message failed", { error: describeError(thrown) });
      }
      this.#outbox.error(id, error);
    });
    this.#answers = answer.then(() => {
      if (this.#unanswered === maxUnanswered) this.#connection.resumeReading();
      this.#unanswered -= 1;
      if (this.#unanswered === 0) this.#answers = undefined;
    });
  }

  async #register(nodeId: string, id: string, data: NodeMessageData<"node_register">): Promise<void> {
    const { tokens, nodes, audit } = this.#services;
    if (!(await this.#mayLink())) return;
    const admission = this.#admission;
    const publicKey = data.picket?.public_key === undefined ? undefined : parsePublicKey(data.picket.public_key);
    if (data.picket?.public_key !== undefined && publicKey === undefined) {
      throw new PicketError("INVALID_MESSAGE", { details: "data.picket.public_key: 32 bytes in base64 expected" });
    }
    if (admission?.kind === "token") {
      try {
        await tokens.use(admission.token.id, nodeId);
      } catch (error) {
        if (toPicketError(error).code !== "INVALID_TOKEN") throw error;
        this.#outbox.refuse();
        return;
      }
    }
    const capabilities = coreCapabilities.filter((one) => data.picket?.capabilities.includes(one));
    const { record, created } = await nodes.register({
      nodeId,
      hostname: data.hostname,
      ipAddress: data.ip_address,
      osInfo: data.os_info ?? undefined,
      capabilities,
      publicKey,
      group: admission?.kind === "token" ? admission.token.group : "default",
    });
    if (created) {
      const details = { hostname: record.hostname, address: this.#connection.peer.address };
      await audit.append({ actor: `node:${nodeId}`, action: "node-enrol", target: nodeId, outcome: "done", details });
    }
    // The connection may have closed while the database was asked.
    if (this.#admission === undefined) return;
    this.#extend(data.picket !== undefined, capabilities);
    this.#link(record);
    this.#outbox.send("register_response", id, {
      success: true,
      message: created ? "node registered" : "node updated",
      node_id: nodeId,
      action: created ? "created" : "updated",
      ...(this.#extended
        ? {
            picket: {
              version: extensionVersion,
              capabilities,
              metrics_interval: intervals.own / 1000,
              heartbeat_interval: intervals.plain / 1000,
            },
          }
        : {}),
    });
    this.#services.registered(record);
    await this.#services.commands.nodeConnected(nodeId);
  }

  #extend(extended: boolean, capabilities: readonly string[]): void {
    this.#extended = extended;
    this.capabilities = extended ? new Set(capabilities) : noCapabilities;
    if (extended) this.#connection.keepAliveTimes = ownPeerTimes;
    if (!this.capabilities.has("channels") || this.#streams !== undefined) return;
    this.#streams = new NodeStreams({
      mux: new ChannelMux(this.#connection, { numbers: "even" }),
      clock: this.#services.clock,
      sendOpen: (data) => this.#outbox.tell("channel_open", data),
      sendRejected: (data) => this.#outbox.tell("channel_rejected", data),
    });
  }

  /** From here on this connection is the node's. */
  #link(record: NodeRecord): void {
    this.#linked = true;
    const interval = this.#extended ? intervals.own : intervals.plain;
    const older = this.#services.nodes.connected(record.nodeId, this, interval);
    older?.close(closeCode.replaced, "a newer connection of this node took over");
  }

  /** Refuses the connection when, since it was welcomed, it lost the right to be the node's. */
  async #mayLink(): Promise<boolean> {
    const admission = this.#admission;
    if (admission === undefined) return false;
    if (this.#services.nodes.linkOf(admission.nodeId) === this) return true;
    const may = await mayBeNode(admission, this.#services);
    if (!may) this.#outbox.refuse();
    return may && this.#admission !== undefined;
  }

  /** A known node need not register again: its first heartbeat makes the connection its own. */
  async #onFirstHeartbeat(nodeId: string, message: Extract<NodeToCore, { type: "heartbeat" }>): Promise<void> {
    if (!this.#linked) {
      const record = this.#known(nodeId);
      if (!(await this.#mayLink())) return;
      this.#link(record);
      await this.#services.commands.nodeConnected(nodeId);
    }
    this.#reports.heartbeat(nodeId, message);
  }

  async #onResult(nodeId: string, id: string, data: NodeMessageData<"command_result">): Promise<void> {
    await this.#services.commands.finished(this.#known(nodeId), data.command_id, {
      exitCode: data.exit_code,
      stdout: data.stdout,
      stderr: data.stderr,
      executionTimeMs: Math.round(data.execution_time_ms),
    });
    this.#outbox.send("command_received", id, { received: true, node_id: nodeId });
  }

  /** An error of the node about something it was sent: a command that its policy forbids. */
  async #onError(nodeId: string, id: string, data: NodeMessageData<"error">): Promise<void> {
    const node = this.#services.nodes.get(nodeId);
    const { error_code: code, message } = data;
    this.#services.logger.info("a node reports an error", { node: nodeId, code, message: message.slice(0, 256) });
    if (node === undefined) return;
    const known: ErrorCode = isErrorCode(code) ? code : "INTERNAL_ERROR";
    const { commands, audit } = this.#services;
    const refused = await commands.refused(node, id, { code: known, message: message || errorTable[known].message });
    // Only about a command that the node was given: its word alone must not fill the log.
    if (!refused || code !== "FORBIDDEN_BY_POLICY") return;
    const entry = { actor: `node:${nodeId}`, action: "command-refuse", target: nodeId, outcome: "refused" } as const;
    await audit.append({ ...entry, details: { command: id, message: message.slice(0, 256) } });
  }

  #known(nodeId: string): NodeRecord {
    const record = this.#services.nodes.get(nodeId);
    if (record === undefined) throw new PicketError("NODE_NOT_FOUND");
    return record;
  }
}

const noCapabilities: ReadonlySet<string> = new Set();
