import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { DisposableStore } from "../../base/disposable.ts";
import { describeError, PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { MonitoringClient, type MonitoringClientHandler } from "../../protocols/monitoring/client.ts";
import type { CoreMessage, ReportMessage } from "../../protocols/monitoring/messages.ts";
import type { Metrics } from "../../protocols/nodes/metrics.ts";
import { type Connection, closeCode } from "../../wire/connection.ts";
import { type Attach, type ClientState, ReconnectingClient } from "../../wire/reconnectingClient.ts";
import { CommandRunner } from "../commands/commandRunner.ts";
import { MachineDetails } from "../metrics/machineDetails.ts";
import type { SampleTarget } from "../metrics/metricsLoop.ts";
import type { Policy } from "../policy/policy.ts";
import type { ResultSpool, SpooledResult } from "../spool/resultSpool.ts";
import type { DockerAnswers } from "./dockerAnswers.ts";
import { ReportQueue } from "./reportQueue.ts";
import type { Upstream } from "./upstream.ts";

export interface MonitoringUpstreamOptions {
  readonly name: string;
  readonly apiKey: string;
  /** Opens a connection to the agents' endpoint. */
  readonly dial: (attach: Attach) => Promise<Connection>;
  readonly policy: Policy;
  readonly results: ResultSpool;
  readonly journalFile: string;
  readonly docker: DockerAnswers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
  readonly onConnected: () => void;
  readonly onState: (state: ClientState) => void;
  readonly onRefused: (error: PicketError) => void;
}

/** Seconds. The protocol has no time limit for commands; this one only keeps a forgotten one from staying for ever. */
const longestCommand = 3_600;
/** As a shell has it for what may not be run. */
const refusedExitCode = 126;
/** A link that is cut without a word is noticed after so long: until then a result may be on its way into it. */
const doubtFor = 40_000;

/** This machine as a server of somebody's monitoring: reports, and does what it is told and the policy allows. */
export class MonitoringUpstream implements Upstream, SampleTarget, Disposable {
  readonly interval = 5_000;
  readonly #options: MonitoringUpstreamOptions;
  readonly #link: ReconnectingClient;
  readonly #runner: CommandRunner;
  readonly #reports = new ReportQueue<Omit<ReportMessage, "type" | "server_id">>();
  readonly #details: MachineDetails;
  readonly #owned = new DisposableStore();
  /** By command: the wait until its result has surely left. */
  readonly #leaving = new Map<string, Disposable>();
  #client: MonitoringClient | undefined;

  constructor(options: MonitoringUpstreamOptions) {
    this.#options = options;
    const { clock, logger, policy, results, journalFile } = options;
    this.#details = new MachineDetails(clock);
    this.#runner = new CommandRunner({
      clock,
      logger,
      policy,
      results,
      journalFile,
      reporter: {
        started: () => {},
        finished: (result) => this.#sendResult(result),
        refused: (commandId, error) => this.#sendRefusal(commandId, error),
      },
    });
    this.#link = new ReconnectingClient({
      clock,
      dial: options.dial,
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

  retryNow(): void {
    this.#link.retryNow();
  }

  sampled(time: number, metrics: Metrics): void {
    const report = {
      cpu_percent: metrics.cpu_usage,
      memory_percent: metrics.memory_usage,
      disk_usage: this.#details.disks(metrics),
      network: this.#details.network(),
      timestamp: new Date(time).toISOString(),
    };
    this.#reports.add(report, time);
    this.#sendReports();
  }

  dispose(): void {
    this.#owned.dispose();
    for (const wait of this.#leaving.values()) wait.dispose();
    this.#leaving.clear();
    this.#link.stop("the agent is stopping");
  }

  /** Ends what runs; its results wait in the spool for the next start. */
  async close(): Promise<void> {
    await this.#runner.close();
    this.dispose();
  }

  #attach(connection: Connection): MonitoringClient {
    const { apiKey, clock, trace, logger, name } = this.#options;
    const handler: MonitoringClientHandler = {
      accepted: () => this.#accepted(client),
      execute: ({ command_id, command }) => this.#execute(command_id, command),
      docker: (command) => void this.#docker(client, command),
      refused: (error) => this.#onRefused(error),
      complained: (message) => logger.warn("the server complains", { server: name, message: message.slice(0, 256) }),
      closed: (code) => this.#closed(client, code),
    };
    const client = new MonitoringClient(connection, handler, { apiKey, clock, trace });
    client.authenticate();
    return client;
  }

  #accepted(client: MonitoringClient): void {
    this.#client = client;
    this.#link.accepted();
    this.#options.onConnected();
    this.#sendReports();
    for (const result of this.#options.results.list()) this.#sendResult(result);
  }

  #closed(client: MonitoringClient, code: number): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    // Results that may be lost are sent again; to an id it knows, a server says nothing.
    for (const wait of this.#leaving.values()) wait.dispose();
    this.#leaving.clear();
    if (code === closeCode.abnormal) this.#reports.cut(this.#options.clock.monotonicTime());
  }

  #sendReports(): void {
    const client = this.#client;
    if (client === undefined) return;
    for (const report of this.#reports.take(this.#options.clock.monotonicTime())) client.report(report);
  }

  #execute(commandId: string, commandText: string): void {
    this.#runner.execute({ commandId, commandText, timeout: longestCommand, pty: false }, commandId);
  }

  #sendResult(result: SpooledResult): void {
    const client = this.#client;
    const { command_id: commandId, stdout, stderr, exit_code, execution_time_ms } = result;
    if (client === undefined) return;
    const output = stdout + stderr;
    client.commandResponse({ command_id: commandId, output, exit_code, duration_ms: Math.round(execution_time_ms) });
    const { clock, results } = this.#options;
    this.#leaving.get(commandId)?.dispose();
    this.#leaving.set(
      commandId,
      clock.schedule(doubtFor, () => {
        this.#leaving.delete(commandId);
        results.acked(commandId);
      }),
    );
  }

  #sendRefusal(commandId: string, error: PicketError): void {
    const output = `picket: ${describeError(error)}\n`;
    this.#client?.commandResponse({ command_id: commandId, output, exit_code: refusedExitCode, duration_ms: 0 });
  }

  async #docker(client: MonitoringClient, command: CoreMessage<"docker_command">): Promise<void> {
    client.dockerResponse({ command_id: command.command_id, ...(await this.#options.docker.answer(command)) });
  }

  #onRefused(error: PicketError): void {
    const { logger, name, onRefused } = this.#options;
    logger.error("the server refuses this API key", { server: name, error: describeError(error) });
    this.#link.stop("refused");
    const message = `${name} refuses this API key: ${error.details ?? error.message}`;
    onRefused(new PicketError("INVALID_TOKEN", { message }));
  }
}
