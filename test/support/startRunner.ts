import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { CommandRunner } from "../../src-main/agent/commands/commandRunner.ts";
import { Policy } from "../../src-main/agent/policy/policy.ts";
import { ResultSpool, type SpooledResult } from "../../src-main/agent/spool/resultSpool.ts";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import type { PicketError } from "../../src-main/base/errors.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { eventually } from "./eventually.ts";
import { ManualClock } from "./manualClock.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface TestRunner {
  readonly runner: CommandRunner;
  readonly results: ResultSpool;
  readonly folder: string;
  readonly started: string[];
  readonly finished: SpooledResult[];
  readonly refused: { readonly messageId: string; readonly error: PicketError }[];
  /** Gives a command as a core does; the message has the command's id. */
  execute(commandId: string, commandText: string, timeout?: number): void;
  /** The result of a command, when it is there. */
  result(commandId: string): Promise<SpooledResult>;
  /** Ends what runs. A clock that stands still is moved for it: what does not end when asked is killed. */
  close(): Promise<void>;
}

export interface TestRunnerOptions {
  readonly clock?: Clock;
  /** The same again is the same agent, restarted. */
  readonly folder?: string;
  /** The text of a policy file. */
  readonly policy?: string;
}

/** The agent's command runner with real processes, in a folder of its own; what runs is ended when the test ends. */
export async function startRunner(
  context: Pick<TestContext, "after">,
  options: TestRunnerOptions = {},
): Promise<TestRunner> {
  let close = async (): Promise<void> => {};
  // Before the folder's own: what still runs writes into it.
  context.after(() => close());
  const folder = options.folder ?? temporaryFolder(context);
  const clock = options.clock ?? systemClock;
  const policyFile = join(folder, "policy.yaml");
  mkdirSync(folder, { recursive: true });
  if (options.policy !== undefined) writeFileSync(policyFile, options.policy);
  const results = new ResultSpool(join(folder, "results"), silentLogger);
  const started: string[] = [];
  const finished: SpooledResult[] = [];
  const refused: { messageId: string; error: PicketError }[] = [];
  const runner = new CommandRunner({
    clock,
    logger: silentLogger,
    policy: await Policy.load({ file: policyFile, logger: silentLogger }),
    results,
    journalFile: join(folder, "commands.journal"),
    reporter: {
      started: (commandId) => started.push(commandId),
      finished: (result) => finished.push(result),
      refused: (messageId, error) => refused.push({ messageId, error }),
    },
  });
  let closing: Promise<void> | undefined;
  close = () => {
    closing ??= moving(clock, runner.close());
    return closing;
  };
  return {
    runner,
    results,
    folder,
    started,
    finished,
    refused,
    execute: (commandId, commandText, timeout = 60) =>
      runner.execute({ commandId, commandText, timeout, pty: false }, commandId),
    result: (commandId) =>
      eventually(() => finished.find((result) => result.command_id === commandId), { what: `the end of ${commandId}` }),
    close,
  };
}

/** Waits for something that takes time of the clock, and lets it pass if it stands still. */
async function moving(clock: Clock, work: Promise<void>): Promise<void> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  if (clock instanceof ManualClock) {
    await eventually(() => {
      clock.advance(50);
      return done;
    });
  }
  await finished;
}
