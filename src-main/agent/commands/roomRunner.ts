import { randomUUID } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import { describeError, PicketError, toPicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Policy } from "../policy/policy.ts";
import { type CommandOutcome, RunningCommand } from "./runningCommand.ts";
import { accountOf } from "./shell.ts";

export interface RoomRunnerOptions {
  readonly policy: Policy;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Says what came of a command to whoever is in the room now. */
  readonly answer: (data: string) => void;
}

/** Seconds. Nobody in a room can end a command, so its time is short. */
const timeLimit = 60;
const maxWaiting = 32;
const outputLimit = 1024 * 1024;
/** The answer must fit one text message of 1 MiB, with its JSON escapes. */
const maxAnswer = 960 * 1024;
/** What still runs when the agent stops gets this long: the whole stop must take less than five seconds. */
const closeGrace = 1_500;

/** Runs what devices of a room ask for, one command at a time, as far as the machine's policy names rooms. */
export class RoomRunner {
  readonly #options: RoomRunnerOptions;
  readonly #waiting: string[] = [];
  #running: RunningCommand | undefined;
  /** Resolves when nothing runs and nothing waits. */
  #work: Promise<void> | undefined;
  #closed = false;

  constructor(options: RoomRunnerOptions) {
    this.#options = options;
  }

  /** Takes a command; what comes of it, also that it is refused, is answered. */
  execute(command: string): void {
    if (this.#closed) return;
    if (this.#waiting.length >= maxWaiting) {
      this.#options.answer(refusal(new PicketError("RATE_LIMITED", { details: "too many commands wait here" })));
      return;
    }
    this.#waiting.push(command);
    this.#work ??= this.#runAll().finally(() => {
      this.#work = undefined;
    });
  }

  /** The room is gone: nobody waits for what has not begun. What runs goes on, so that it is not cut in the middle. */
  forgetWaiting(): void {
    this.#waiting.length = 0;
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.forgetWaiting();
    this.#running?.cancel(closeGrace);
    await this.#work;
  }

  async #runAll(): Promise<void> {
    for (let command = this.#waiting.shift(); command !== undefined; command = this.#waiting.shift()) {
      this.#options.answer(await this.#run(command));
    }
  }

  async #run(commandText: string): Promise<string> {
    const { policy, clock, logger } = this.#options;
    try {
      const { runAs } = await policy.requireCommand(commandText, "rooms");
      if (this.#closed) throw new PicketError("SHUTTING_DOWN");
      const spec = {
        commandId: randomUUID(),
        commandText,
        timeout: timeLimit,
        account: accountOf(runAs),
        pty: false,
      };
      logger.info("a command of a room starts", { command: spec.commandId });
      this.#running = new RunningCommand(spec, clock);
      const outcome = await this.#running.run();
      logger.info("a command of a room has ended", { command: spec.commandId, exitCode: outcome.exitCode });
      return textOf(outcome);
    } catch (error) {
      logger.warn("a command of a room was refused", { error: describeError(error) });
      return refusal(toPicketError(error));
    } finally {
      this.#running = undefined;
    }
  }
}

function refusal({ code, message, details }: PicketError): string {
  return `picket: refused (${code}): ${details ?? message}\n`;
}

/** What it printed, first to standard output and then to standard error, and its exit code when it is not 0. */
function textOf({ stdout, stderr, exitCode }: CommandOutcome): string {
  for (let limit = outputLimit; ; limit = Math.floor(limit * 0.7)) {
    const printed = `${stdout.toText(limit)}${stderr.toText(Math.floor(limit / 4))}`;
    const lineEnd = printed === "" || printed.endsWith("\n") ? "" : "\n";
    const text = exitCode === 0 ? printed : `${printed}${lineEnd}[exit code ${exitCode}]\n`;
    if (Buffer.byteLength(JSON.stringify(text)) <= maxAnswer) return text;
  }
}
