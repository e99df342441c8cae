import type { Disposable } from "../../base/disposable.ts";
import { describeError, PicketError } from "../../base/errors.ts";
import type { CheckedApiKey } from "../../core/identity/apiKeys.ts";
import type { LinkCommand, NodeLink } from "../../core/nodes/nodeLink.ts";
import type { NodeMethod, NodeMethods } from "../../core/nodes/nodeMethods.ts";
import type { NodeRecord } from "../../core/nodes/nodeRecord.ts";
import type { NodeStream } from "../../core/streams/stream.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import { FaultCounter } from "../faultCounter.ts";
import { sampleTime } from "../sampleTime.ts";
import { DockerRequests } from "./dockerRequests.ts";
import { type AgentMessage, type AgentToCore, type CoreToAgent, parseAgentMessage, sentences } from "./messages.ts";
import { NetworkRates } from "./networkRates.ts";
import { readLogEntries } from "./readLogEntries.ts";
import { readReport } from "./readReport.ts";
import type { MonitoringServices } from "./server.ts";

/** Milliseconds. How often an agent of this protocol reports. */
const interval = 5_000;
const authTimeout = 10_000;
const maxEarlyMessages = 64;
/** With so much of an agent's waiting for the disk, the rest of what it sends waits in its own socket. */
const maxUnstored = 64;
/** What the core can ask of an agent of this protocol; whether its machine has an engine, the answer says. */
const agentCapabilities: ReadonlySet<string> = new Set(["docker"]);

/** The core's side of one agent's connection: docs/protocols/monitoring.md. */
export class AgentSession implements ConnectionHandler, NodeLink {
  readonly capabilities = agentCapabilities;
  readonly remembersCommands = false;
  readonly #connection: Connection;
  readonly #services: MonitoringServices;
  readonly #docker: DockerRequests;
  readonly #rates = new NetworkRates();
  #faults: FaultCounter | undefined;
  #key: CheckedApiKey | undefined;
  /** What came while the key was looked up. */
  #early: string[] | undefined;
  #timer: Disposable | undefined;
  #lastTime = 0;
  #unstored = 0;

  constructor(connection: Connection, services: MonitoringServices) {
    this.#connection = connection;
    this.#services = services;
    const { clock } = services.core;
    this.#docker = new DockerRequests({ clock, send: (message) => this.#send(message) });
    this.#timer = clock.schedule(authTimeout, () => this.#refuse(sentences.authenticationRequired));
  }

  /** The key that this connection came in with. */
  get keyId(): string | undefined {
    return this.#key?.id;
  }

  get nodeId(): string | undefined {
    return this.#key?.nodeId;
  }

  text(text: string): void {
    if (!this.#connection.isOpen) return;
    if (this.#early !== undefined) {
      this.#early.push(text);
      if (this.#early.length > maxEarlyMessages) this.#refuse(sentences.authenticationRequired);
      return;
    }
    const message = parseAgentMessage(text);
    if (message !== undefined) this.#services.trace?.("<-", message);
    if (message?.type === "auth") void this.#authenticate(message.api_key);
    else if (this.#key === undefined) this.#fault(sentences.authenticationRequired);
    else if (message === undefined) this.#fault(sentences.invalidMessage);
    else this.#receive(this.#key.nodeId, message);
  }

  binary(): void {
    this.#fault(this.#key === undefined ? sentences.authenticationRequired : sentences.invalidMessage);
  }

  drained(): void {}

  closed(): void {
    this.#timer?.dispose();
    this.#early = undefined;
    this.#docker.lost();
    this.#services.forget(this);
    const nodeId = this.#key?.nodeId;
    this.#key = undefined;
    if (nodeId === undefined) return;
    const { nodes, commands } = this.#services.core;
    if (nodes.linkOf(nodeId) === this) {
      commands.nodeDisconnected(nodeId);
      this.#services.details.delete(nodeId);
    }
    nodes.disconnected(nodeId, this);
  }

  execute({ commandId, commandText }: LinkCommand): void {
    this.#send({ type: "command", command_id: commandId, command: commandText });
  }

  /** The protocol has no word for it. */
  cancel(): boolean {
    return false;
  }

  /** Agents of this protocol report at a pace of their own. */
  setMetricsInterval(): void {}

  openStream(): Promise<NodeStream> {
    return Promise.reject(new PicketError("UNSUPPORTED", { details: "this server's protocol has no streams" }));
  }

  ask<M extends NodeMethod>(method: M, params: NodeMethods[M]["params"]): Promise<NodeMethods[M]["result"]> {
    return this.#docker.ask(method, params);
  }

  resizeTerminal(): void {}

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  /** The key or the server is gone: says why, which after the close nobody would hear. */
  expel(): void {
    this.#refuse(sentences.invalidKey);
  }

  async #authenticate(apiKey: string): Promise<void> {
    const { core } = this.#services;
    this.#early = [];
    try {
      const key = await core.apiKeys.check(apiKey);
      const node = key === undefined ? undefined : core.nodes.get(key.nodeId);
      // A connection is one server's for as long as it lives.
      const same = this.#key === undefined || this.#key.nodeId === key?.nodeId;
      if (!this.#connection.isOpen) return;
      if (key === undefined || node === undefined || !same) this.#refuse(sentences.invalidKey);
      else await this.#admit(key, node);
    } catch (error) {
      core.logger.warn("an agent could not be let in", { error: describeError(error) });
      this.#connection.close(closeCode.tryAgainLater, "try again later");
    }
  }

  async #admit(key: CheckedApiKey, node: NodeRecord): Promise<void> {
    const { core } = this.#services;
    this.#timer?.dispose();
    const isNew = this.#key === undefined;
    // Before anything is awaited: who revokes the key from here on finds this connection by it.
    this.#key = key;
    if (isNew) {
      const older = core.nodes.connected(node.nodeId, this, interval);
      older?.close(closeCode.replaced, "a newer connection of this server took over");
      await this.#writeDown(node);
    }
    if (!this.#connection.isOpen || this.#key === undefined) return;
    this.#send({ type: "auth_success", server_id: node.nodeId, message: sentences.connected });
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const text of early) this.text(text);
    if (isNew) await core.commands.nodeConnected(node.nodeId);
  }

  /** The address it comes from is all that this protocol tells of a machine. */
  async #writeDown(node: NodeRecord): Promise<void> {
    await this.#services.core.nodes.register({
      nodeId: node.nodeId,
      hostname: node.hostname,
      ipAddress: this.#connection.peer.address,
      osInfo: node.osInfo,
      capabilities: [...agentCapabilities],
      publicKey: undefined,
      group: node.group,
    });
  }

  #receive(nodeId: string, message: Exclude<AgentToCore, { type: "auth" }>): void {
    const { core } = this.#services;
    const node = core.nodes.get(nodeId);
    if (node === undefined) {
      this.expel();
      return;
    }
    core.nodes.heard(nodeId);
    switch (message.type) {
      case "metrics":
        this.#onMetrics(node, message);
        break;
      case "command_response":
        this.#store(this.#onResponse(node, message));
        break;
      case "docker_response":
        this.#docker.answered(message);
        break;
      case "log": {
        const entries = readLogEntries(message.entries, core.clock.wallTime());
        if (entries.length > 0) this.#store(core.logs.append(node.key, entries));
        break;
      }
    }
  }

  #onMetrics(node: NodeRecord, message: AgentMessage<"metrics">): void {
    if (message.server_id !== undefined && message.server_id !== node.nodeId) {
      this.#fault("server_id is not the server of this API key");
      return;
    }
    const { core, details } = this.#services;
    const { values, stamp, disk_usage, network } = readReport(message, this.#rates);
    const time = sampleTime(stamp, core.clock.wallTime(), this.#lastTime);
    this.#lastTime = time;
    details.set(node.nodeId, { time, disk_usage, network });
    if (values.every(Number.isNaN)) return;
    // Nobody acks in this protocol. That samples cannot be stored, the core tells its consoles.
    this.#store(
      new Promise<void>((resolve) => core.metrics.append({ nodeKey: node.key, time, values }, () => resolve())),
    );
  }

  async #onResponse(node: NodeRecord, message: AgentMessage<"command_response">): Promise<void> {
    await this.#services.core.commands.finished(node, message.command_id, {
      exitCode: message.exit_code ?? -1,
      stdout: message.output ?? "",
      stderr: "",
      executionTimeMs: Math.round(message.duration_ms),
    });
  }

  /** Waits for the disk; an agent that sends faster than that is read more slowly. */
  #store(stored: Promise<void>): void {
    this.#unstored += 1;
    if (this.#unstored === maxUnstored) this.#connection.pauseReading();
    stored
      .catch((error: unknown) => {
        this.#services.core.logger.warn("what an agent sent could not be stored", { error: describeError(error) });
      })
      .finally(() => {
        if (this.#unstored === maxUnstored) this.#connection.resumeReading();
        this.#unstored -= 1;
      });
  }

  /** A message that should not have been sent: answered, counted, and at some number the end. */
  #fault(message: string): void {
    if (!this.#connection.isOpen) return;
    this.#send({ type: "error", message });
    this.#faults ??= new FaultCounter(this.#services.core.clock);
    if (this.#faults.add()) this.#connection.close(closeCode.policyViolation, "too many malformed messages");
  }

  #refuse(message: string): void {
    this.#timer?.dispose();
    this.#send({ type: "error", message });
    this.#connection.close(closeCode.policyViolation, message);
  }

  #send(message: CoreToAgent): void {
    this.#services.trace?.("->", message);
    this.#connection.sendText(JSON.stringify(message));
  }
}
