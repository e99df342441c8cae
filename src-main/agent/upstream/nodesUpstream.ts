import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Clock } from "../../base/clock.ts";
import { timestamp } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { describeError, PicketError, toPicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { NodesClient, type NodesClientHandler } from "../../protocols/nodes/client.ts";
import type { CoreMessageData } from "../../protocols/nodes/messages.ts";
import type { Metrics } from "../../protocols/nodes/metrics.ts";
import type { Channel } from "../../wire/channels/channel.ts";
import type { Connection } from "../../wire/connection.ts";
import { type Attach, type ClientState, ReconnectingClient } from "../../wire/reconnectingClient.ts";
import { CommandRunner } from "../commands/commandRunner.ts";
import { answerContainerRequest } from "../containers/answerContainerRequest.ts";
import type { ContainerEngine } from "../containers/containerEngine.ts";
import { ContainerStreams } from "../containers/containerStreams.ts";
import { osLine, primaryAddress } from "../facts/facts.ts";
import type { NodeIdentity } from "../identity/nodeIdentity.ts";
import type { AgentEvents } from "../logs/agentEvents.ts";
import { LogShipper } from "../logs/logShipper.ts";
import type { SampleTarget } from "../metrics/metricsLoop.ts";
import type { Policy } from "../policy/policy.ts";
import type { ResultSpool, SpooledResult } from "../spool/resultSpool.ts";
import { TerminalHost } from "../terminals/terminalHost.ts";
import { terminalsAvailable } from "../terminals/terminalsAvailable.ts";
import { SampleSender } from "./sampleSender.ts";
import type { Upstream } from "./upstream.ts";

export interface NodesUpstreamOptions {
  /** The server's name for logs and for the ready line. */
  readonly name: string;
  /** Opens a connection with these credentials. */
  readonly dial: (
    credentials: { readonly token: string; readonly nodeId: string },
    attach: Attach,
  ) => Promise<Connection>;
  /** The enrolment token; only needed until the core has pinned this node's key. */
  readonly token: string | undefined;
  readonly identity: NodeIdentity;
  readonly policy: Policy;
  readonly containers: ContainerEngine;
  readonly results: ResultSpool;
  readonly samplesFile: string;
  readonly journalFile: string;
  readonly logsFile: string;
  readonly events: AgentEvents;
  readonly facts: () => Promise<Record<string, unknown> | undefined>;
  /** The agent's own, for the facts. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
  /** The node is registered. */
  readonly onConnected: () => void;
  /** The interval that the core wants has changed. */
  readonly onInterval: () => void;
  readonly onState: (state: ClientState) => void;
  /** The core does not let this node in and never has: there is no use in trying again. */
  readonly onRefused: (error: PicketError) => void;
}

const plainInterval = 30_000;
const extensionVersion = 1;
/** After the core could not store a result it gets this long. */
const resultRetryDelay = 10_000;

/** This machine as a node of one core: keeps the connection, reports, and does what the core asks and the policy allows. */
export class NodesUpstream implements Upstream, SampleTarget, Disposable {
  interval = 5_000;
  readonly #options: NodesUpstreamOptions;
  readonly #link: ReconnectingClient;
  readonly #sender: SampleSender;
  readonly #logs: LogShipper;
  readonly #runner: CommandRunner;
  readonly #terminals: TerminalHost;
  readonly #containerStreams: ContainerStreams;
  /** Tells the core of the containers while it is connected. */
  #containerWatch: Disposable | undefined;
  readonly #owned = new DisposableStore();
  #client: NodesClient | undefined;
  /** The key was refused: the token, if there is one, gets its chance. */
  #keyRefused = false;
  #registeredOnce = false;
  #resultRetry: Disposable | undefined;

  constructor(options: NodesUpstreamOptions) {
    this.#options = options;
    const { clock, logger, policy, results, journalFile } = options;
    this.#sender = new SampleSender({ file: options.samplesFile, clock, logger });
    this.#logs = new LogShipper({ file: options.logsFile, policy, clock, events: options.events });
    this.#terminals = new TerminalHost({ clock, logger, policy });
    this.#containerStreams = new ContainerStreams({ engine: options.containers, policy, terminals: this.#terminals });
    this.#runner = new CommandRunner({
      clock,
      logger,
      policy,
      results,
      journalFile,
      reporter: {
        started: (commandId, messageId) => this.#client?.commandStarted(commandId, messageId),
        finished: (result) => this.#sendResult(result),
        refused: (messageId, error) => this.#client?.sendError(messageId, error),
      },
    });
    this.#link = new ReconnectingClient({
      clock,
      dial: (attach) => options.dial(this.#credentials(), attach),
      attach: (connection) => this.#attach(connection),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  get state(): ClientState {
    return this.#link.state;
  }

  start(): void {
    this.#owned.add(this.#link.onState(this.#options.onState));
    this.#link.start();
  }

  /** After a wake-up or a network change. */
  retryNow(): void {
    this.#link.retryNow();
  }

  sampled(time: number, metrics: Metrics): void {
    this.#sender.add({ time, metrics });
  }

  dispose(): void {
    this.#owned.dispose();
    this.#resultRetry?.dispose();
    this.#containerWatch?.dispose();
    this.#link.stop("the agent is stopping");
    this.#terminals.close();
    this.#sender.dispose();
    this.#logs.dispose();
  }

  /** Ends what runs; its results wait in the spool for the next start. */
  async close(): Promise<void> {
    await this.#runner.close();
    this.dispose();
  }

  #credentials(): { readonly token: string; readonly nodeId: string } {
    const { identity, token } = this.#options;
    const byKey = identity.enrolled && !(this.#keyRefused && token !== undefined);
    return { token: byKey ? `node:${identity.nodeId}` : (token ?? ""), nodeId: identity.nodeId };
  }

  #attach(connection: Connection): NodesClient {
    const handler: NodesClientHandler = {
      welcomed: () => void this.#register(client),
      sign: (nonce) => this.#options.identity.sign(nonce),
      execute: (command, messageId) => this.#execute(command, messageId),
      cancel: (commandId) => this.#runner.cancel(commandId),
      setMetricsInterval: (seconds) => this.#setInterval(seconds * 1000),
      resizeTerminal: (size) => this.#terminals.resize(size),
      openStream: (request, channel) => this.#openStream({ client, request, channel }),
      answer: (request) => answerContainerRequest(this.#options.containers, request),
      refused: (error) => this.#onRefused(error),
      closed: () => {
        if (this.#client === client) {
          this.#client = undefined;
          this.#containerWatch?.dispose();
        }
        this.#sender.disconnected();
        this.#logs.disconnected();
      },
    };
    const { clock, trace } = this.#options;
    const client = new NodesClient(connection, handler, { clock, newId: randomUUID, trace });
    return client;
  }

  async #register(client: NodesClient): Promise<void> {
    const { identity, policy, logger } = this.#options;
    try {
      const { capabilities: allowed } = await policy.rules();
      const capabilities = [
        "channels",
        ...(allowed.has("commands") ? ["exec-stream"] : []),
        ...(allowed.has("terminal") && terminalsAvailable() ? ["terminal"] : []),
        ...(allowed.has("inventory") ? ["inventory"] : []),
        ...(allowed.has("logs") ? ["logs"] : []),
        ...(allowed.has("containers") ? ["docker"] : []),
      ];
      const { extension } = await client.register({
        node_id: identity.nodeId,
        hostname: hostname(),
        ip_address: primaryAddress(),
        os_info: osLine(),
        picket: { version: extensionVersion, capabilities, public_key: identity.publicKey },
      });
      identity.setEnrolled(extension !== undefined);
      this.#keyRefused = false;
      this.#registeredOnce = true;
      this.#client = client;
      this.#link.accepted();
      this.#setInterval(extension === undefined ? plainInterval : extension.metrics_interval * 1000);
      this.#options.onConnected();
      this.#sender.connected(
        (sample) => client.heartbeat({ nodeId: identity.nodeId, ...sample }),
        () => this.#register(client),
      );
      this.#sendResults();
      if (extension?.capabilities.includes("logs") === true) this.#logs.connected((batch) => client.logBatch(batch));
      this.#containerWatch?.dispose();
      if (extension?.capabilities.includes("docker") === true) this.#watchContainers(client);
      if (extension?.capabilities.includes("inventory") === true) await this.#sendFacts(client);
    } catch (error) {
      logger.warn("registering failed", { server: this.#options.name, error: describeError(error) });
      if (toPicketError(error).code !== "PEER_LOST") client.close(1000, "registering failed");
    }
  }

  #setInterval(interval: number): void {
    if (this.interval === interval) return;
    this.interval = interval;
    this.#options.onInterval();
  }

  #execute({ command_id, command_text, timeout }: CoreMessageData<"execute_command">, messageId: string): void {
    // A plain core may give no limit or a foolish one.
    const seconds = Math.min(Math.max(timeout, 1), 7 * 86_400);
    this.#runner.execute({ commandId: command_id, commandText: command_text, timeout: seconds, pty: false }, messageId);
  }

  /** Everything that no core has acked. */
  #sendResults(): void {
    for (const result of this.#options.results.list()) this.#sendResult(result);
  }

  #sendResult(result: SpooledResult): void {
    const { results, logger, clock } = this.#options;
    this.#client?.commandResult(result).then(
      () => results.acked(result.command_id),
      (error: unknown) => {
        const { code, retryable } = toPicketError(error);
        if (!retryable) results.acked(result.command_id);
        // What a broken link cost goes out after the next connect; what the core could not store now, a little later.
        if (retryable && code !== "PEER_LOST") {
          this.#resultRetry ??= clock.schedule(resultRetryDelay, () => {
            this.#resultRetry = undefined;
            this.#sendResults();
          });
        }
        logger.warn("a result was not taken", { command: result.command_id, error: describeError(error) });
      },
    );
  }

  async #openStream({ client, request, channel }: OpenStream): Promise<Readonly<Record<string, unknown>>> {
    const { kind, params } = request;
    const finish = (result: Readonly<Record<string, unknown>>): void => {
      client.channelResult(channel, result);
      channel.end();
    };
    if (kind === "terminal") {
      return { ...(await this.#terminals.open(params, channel, (exitCode) => finish({ exit_code: exitCode }))) };
    }
    if (kind === "docker-logs") return { ...(await this.#containerStreams.openLogs(params, { channel, finish })) };
    if (kind === "docker-exec") return { ...(await this.#containerStreams.openExec(params, { channel, finish })) };
    if (kind === "exec") return { ...(await this.#runner.stream(readExecParams(params), channel, finish)) };
    throw new PicketError("CHANNEL_UNKNOWN_KIND", { details: kind.slice(0, 64) });
  }

  #watchContainers(client: NodesClient): void {
    this.#containerWatch = this.#options.containers.watch({
      changed: (list) => client.containers(list),
      happened: ({ exitCode, ...event }) =>
        client.containerEvent(exitCode === undefined ? event : { ...event, exit_code: exitCode }),
    });
  }

  async #sendFacts(client: NodesClient): Promise<void> {
    const { facts, policy, version, clock } = this.#options;
    const machine = await facts();
    const agent = { version, policy: await policy.summary() };
    await client.inventory({ ...machine, agent, collected_at: timestamp(clock) });
  }

  #onRefused(error: PicketError): void {
    const { identity, token, logger, name } = this.#options;
    if (error.retryable) {
      logger.warn("the core cannot let this node in now", { server: name, error: describeError(error) });
      return;
    }
    if (identity.enrolled && !this.#keyRefused) {
      this.#keyRefused = true;
      logger.error("the core does not know this node's key any more", { server: name, error: describeError(error) });
      return;
    }
    logger.error("the core refuses this node", { server: name, error: describeError(error) });
    // A node that was let in before goes on trying, key and token in turn: a core may be restored from a backup.
    this.#keyRefused = false;
    if (identity.enrolled || this.#registeredOnce) return;
    this.#link.stop("refused");
    const why = token === undefined ? "no token was given" : describeError(error);
    this.#options.onRefused(new PicketError("INVALID_TOKEN", { message: `${name} refuses this node: ${why}` }));
  }
}

interface OpenStream {
  readonly client: NodesClient;
  readonly request: CoreMessageData<"channel_open">;
  readonly channel: Channel;
}

function readExecParams(params: Readonly<Record<string, unknown>>) {
  const { command_id: commandId, command, timeout, pty } = params;
  if (typeof commandId !== "string")
    throw new PicketError("INVALID_PARAMS", { details: "params.command_id: string expected" });
  return {
    commandId,
    commandText: typeof command === "string" ? command : undefined,
    timeout: typeof timeout === "number" && timeout >= 1 ? timeout : 60,
    pty: pty === true,
  };
}
