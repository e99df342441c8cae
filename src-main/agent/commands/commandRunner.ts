import type { Clock } from "../../base/clock.ts";
import { describeError, PicketError, toPicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Channel } from "../../wire/channels/channel.ts";
import type { Reader } from "../output/outputLog.ts";
import type { Policy } from "../policy/policy.ts";
import { CommandJournal } from "../spool/commandJournal.ts";
import type { ResultSpool, SpooledResult } from "../spool/resultSpool.ts";
import { type CommandOutcome, RunningCommand } from "./runningCommand.ts";
import { accountOf } from "./shell.ts";

/** How the runner talks back: over whatever connection there is at the moment, or none. */
export interface CommandReporter {
  started(commandId: string, messageId: string): void;
  /** A result is in the spool and can be sent. */
  finished(result: SpooledResult): void;
  refused(messageId: string, error: PicketError): void;
}

export interface CommandRunnerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly policy: Policy;
  readonly results: ResultSpool;
  readonly journalFile: string;
  readonly reporter: CommandReporter;
}

export interface ExecRequest {
  readonly commandId: string;
  readonly commandText: string;
  /** Seconds. */
  readonly timeout: number;
  readonly pty: boolean;
}

export type StreamedExec = Omit<ExecRequest, "commandText"> & { readonly commandText: string | undefined };

/** What is known of a streamed command at its start and at its end. */
export type ExecOpened = { readonly command_id: string; readonly offset: number };
export type ExecResult = { readonly command_id: string; readonly exit_code: number };

interface ReadAlong {
  readonly channel: Channel;
  readonly finish: (result: ExecResult) => void;
  /** Whether it is the one who started the command. */
  readonly owner: boolean;
}

const maxRunning = 32;
const maxWaiting = 1_000;
/** What still runs when the agent stops gets this long: the whole stop must take less than five seconds. */
const closeGrace = 1_500;
/** A result must fit one text message of 1 MiB, with its JSON escapes. */
const maxResultText = 960 * 1024;

/** Runs commands, each id once, at most so many at a time, and keeps their results until the core has them. */
export class CommandRunner {
  readonly #options: CommandRunnerOptions;
  readonly #journal: CommandJournal;
  readonly #running = new Map<string, RunningCommand>();
  /** Commands whose right to run is being looked up, with the message they came in; one that is taken out does not run. */
  readonly #starting = new Map<string, string | undefined>();
  readonly #waiting: { readonly request: ExecRequest; readonly messageId: string }[] = [];
  /** By command: resolves when its result is in the spool. */
  readonly #ended = new Map<string, Promise<void>>();
  #closing = false;

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
    this.#journal = new CommandJournal(options.journalFile);
    for (const id of this.#journal.interrupted()) this.#reportInterrupted(id);
  }

  /** Takes a command of the core. One that is known already is answered and not run again. */
  execute(request: ExecRequest, messageId: string): void {
    const { commandId } = request;
    const { reporter, results } = this.#options;
    const finished = results.get(commandId);
    if (this.#running.has(commandId)) reporter.started(commandId, messageId);
    else if (this.#starting.has(commandId)) return;
    else if (finished !== undefined) reporter.finished(finished);
    else if (this.#journal.has(commandId)) {
      reporter.refused(messageId, new PicketError("CONFLICT", { details: "this command was run before" }));
    } else if (this.#waiting.some(({ request: waiting }) => waiting.commandId === commandId)) return;
    else if (this.#hasRoom) this.#start(request, messageId);
    else if (this.#waiting.length < maxWaiting) this.#waiting.push({ request, messageId });
    else reporter.refused(messageId, new PicketError("RATE_LIMITED", { details: "too many commands wait here" }));
  }

  cancel(commandId: string): void {
    const waiting = this.#waiting.findIndex(({ request }) => request.commandId === commandId);
    const [removed] = waiting === -1 ? [] : this.#waiting.splice(waiting, 1);
    const messageId = removed?.messageId ?? this.#starting.get(commandId);
    this.#starting.delete(commandId);
    if (messageId !== undefined) this.#options.reporter.refused(messageId, new PicketError("CANCELLED"));
    this.#running.get(commandId)?.cancel();
  }

  /**
   * Runs a command over a stream, or reads along with one that runs. When it has ended and everything was sent, `finish`
   * is called with what is known then.
   *
   * @throws {PicketError} `FORBIDDEN_BY_POLICY`, `COMMAND_NOT_FOUND`, `CONFLICT`, `RATE_LIMITED`
   */
  async stream(request: StreamedExec, channel: Channel, finish: (result: ExecResult) => void): Promise<ExecOpened> {
    const { commandId, commandText, timeout, pty } = request;
    const known = this.#running.get(commandId);
    if (known !== undefined) return this.#readAlong(known, { channel, finish, owner: false });
    if (commandText === undefined) throw new PicketError("COMMAND_NOT_FOUND", { details: "it does not run here now" });
    if (this.#starting.has(commandId) || this.#journal.has(commandId)) {
      throw new PicketError("CONFLICT", { details: "this command was run before" });
    }
    if (!this.#hasRoom) throw new PicketError("RATE_LIMITED");
    this.#starting.set(commandId, undefined);
    try {
      const command = await this.#prepare({ commandId, commandText, timeout, pty });
      if (!this.#starting.has(commandId)) throw new PicketError("CANCELLED");
      command.keepInputOpen();
      const opened = this.#readAlong(command, { channel, finish, owner: true });
      this.#run(command, commandId);
      return opened;
    } finally {
      this.#starting.delete(commandId);
      this.#startWaiting();
    }
  }

  /** Ends everything that runs. Results of what ended come at the next start. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#starting.clear();
    const running = [...this.#running.values()];
    for (const command of running) command.cancel(closeGrace);
    this.#closing = true;
    await Promise.all(running.map((command) => this.#ended.get(command.spec.commandId)));
    this.#journal.close();
  }

  get #hasRoom(): boolean {
    return this.#running.size + this.#starting.size < maxRunning;
  }

  #start(request: ExecRequest, messageId: string): void {
    const { commandId } = request;
    this.#starting.set(commandId, messageId);
    void this.#prepare(request)
      .then((command) => {
        if (this.#starting.has(commandId)) this.#run(command, messageId);
      })
      .catch((error: unknown) => {
        if (!this.#starting.has(commandId)) return;
        this.#options.logger.warn("a command was refused", { command: commandId, error: describeError(error) });
        this.#options.reporter.refused(messageId, toPicketError(error));
      })
      .finally(() => {
        this.#starting.delete(commandId);
        this.#startWaiting();
      });
  }

  async #prepare(request: ExecRequest): Promise<RunningCommand> {
    const { policy, clock } = this.#options;
    const rules = await policy.requireCommand(request.commandText);
    // Anything can be typed into a pseudo-terminal: it takes the right to a terminal.
    if (request.pty) await policy.require("terminal");
    return new RunningCommand({ ...request, account: accountOf(rules.runAs) }, clock);
  }

  #run(command: RunningCommand, messageId: string): void {
    const { commandId } = command.spec;
    const { logger, reporter } = this.#options;
    // Written down first: a command whose start is not on the disk could start twice.
    this.#journal.started(commandId);
    this.#running.set(commandId, command);
    logger.info("a command starts", { command: commandId });
    reporter.started(commandId, messageId);
    const ended = command.run().then((outcome) => {
      const result = fitted(commandId, outcome);
      this.#options.results.put(result);
      this.#journal.ended(commandId);
      this.#running.delete(commandId);
      this.#ended.delete(commandId);
      logger.info("a command has ended", { command: commandId, exitCode: outcome.exitCode });
      reporter.finished(result);
      this.#startWaiting();
    });
    this.#ended.set(commandId, ended);
  }

  #startWaiting(): void {
    const next = this.#closing || !this.#hasRoom ? undefined : this.#waiting.shift();
    if (next !== undefined) this.#start(next.request, next.messageId);
  }

  #readAlong(command: RunningCommand, { channel, finish, owner }: ReadAlong): ExecOpened {
    const { output, spec } = command;
    const reader: Reader = {
      channel,
      offset: output.start,
      // The command waits for whoever opened it; somebody who only looks on does not hold it up.
      lossless: owner,
      finished: () => finish({ exit_code: command.exitCode ?? -1, command_id: spec.commandId }),
    };
    channel.attach({
      data: (bytes) => {
        if (owner) command.write(bytes);
        channel.consumed(bytes.length);
      },
      ended: () => {
        if (owner) command.endInput();
      },
      writable: () => output.writable(reader),
      closed: () => output.detach(reader),
    });
    output.attach(reader);
    return { command_id: spec.commandId, offset: reader.offset };
  }

  #reportInterrupted(commandId: string): void {
    const { results, logger } = this.#options;
    this.#journal.ended(commandId);
    if (results.get(commandId) !== undefined) return;
    logger.warn("a command was running when the agent stopped", { command: commandId });
    const stderr = "picket: the agent stopped while the command ran; it may have run in part\n";
    results.put({ command_id: commandId, exit_code: -1, stdout: "", stderr, execution_time_ms: 0 });
  }
}

/** The result with as much of the output as one message can carry. */
function fitted(commandId: string, outcome: CommandOutcome): SpooledResult {
  for (let limit = 1024 * 1024; ; limit = Math.floor(limit * 0.7)) {
    const result = {
      command_id: commandId,
      exit_code: outcome.exitCode,
      stdout: outcome.stdout.toText(limit),
      stderr: outcome.stderr.toText(limit),
      execution_time_ms: outcome.executionTimeMs,
    };
    if (Buffer.byteLength(JSON.stringify(result)) <= maxResultText) return result;
  }
}
