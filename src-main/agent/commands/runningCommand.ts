import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { type Clock, sleep } from "../../base/clock.ts";
import { type Disposable, DisposableStore } from "../../base/disposable.ts";
import { CapturedOutput } from "../output/capturedOutput.ts";
import { OutputLog } from "../output/outputLog.ts";
import { PtyProcess } from "../terminals/ptyProcess.ts";
import { type Account, commandShell, environmentOf, startFolder } from "./shell.ts";

export interface CommandSpec {
  readonly commandId: string;
  readonly commandText: string;
  /** Seconds. */
  readonly timeout: number;
  readonly account: Account;
  /** On a pseudo-terminal instead of pipes: one stream, and programs behave as for a person. */
  readonly pty: boolean;
}

export interface CommandOutcome {
  readonly exitCode: number;
  readonly executionTimeMs: number;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
}

/** What is kept of each stream for the result. */
const captureLimit = 1024 * 1024;
const killGrace = 5_000;
/** How often the rest of a group that was asked to end is looked for. */
const groupTick = 50;
const timeoutExitCode = 124;

/**
 * One command in a process group of its own. At its time limit the whole group is terminated, and killed five seconds
 * later. Whoever reads along gets what it prints while it prints it.
 */
export class RunningCommand {
  readonly spec: CommandSpec;
  readonly output: OutputLog;
  /** Known when it has ended. */
  exitCode: number | undefined;
  readonly #clock: Clock;
  readonly #stdout = new CapturedOutput(captureLimit);
  readonly #stderr = new CapturedOutput(captureLimit);
  readonly #timers = new DisposableStore();
  #child: ChildProcess | undefined;
  #pty: PtyProcess | undefined;
  #startedAt = 0;
  #ending: Disposable | undefined;
  #killed = false;
  #timedOut = false;
  #interactive = false;

  constructor(spec: CommandSpec, clock: Clock) {
    this.spec = spec;
    this.#clock = clock;
    this.output = new OutputLog(clock, {
      pause: () => this.#pause(),
      resume: () => this.#resume(),
    });
  }

  /** Starts it; resolves when it has ended, however it ended. */
  async run(): Promise<CommandOutcome> {
    this.#startedAt = this.#clock.monotonicTime();
    const { timeout } = this.spec;
    this.#timers.add(
      this.#clock.schedule(timeout * 1000, () => {
        this.#timedOut = true;
        this.#terminate();
      }),
    );
    const ownCode = await (this.spec.pty ? this.#runOnPty() : this.#runOnPipes());
    if (this.#ending !== undefined) await this.#groupGone();
    const exitCode = this.#timedOut ? timeoutExitCode : ownCode;
    this.exitCode = exitCode;
    this.#timers.dispose();
    if (this.#timedOut) {
      this.#stderr.append(
        new TextEncoder().encode(`\npicket: the command was ended at its time limit of ${timeout} s\n`),
      );
    }
    this.output.sourceEnded();
    return {
      exitCode,
      executionTimeMs: Math.round(this.#clock.monotonicTime() - this.#startedAt),
      stdout: this.#stdout,
      stderr: this.#stderr,
    };
  }

  /** Input of whoever opened it: for a command on a pseudo-terminal, or one that reads its standard input. */
  write(bytes: Uint8Array): void {
    if (this.#pty !== undefined) this.#pty.write(bytes);
    else if (this.#child?.stdin?.writable === true) this.#child.stdin.write(bytes);
  }

  endInput(): void {
    this.#child?.stdin?.end();
  }

  /** Ends it on request. @param grace milliseconds between asking and killing */
  cancel(grace: number = killGrace): void {
    this.#terminate(grace);
  }

  async #runOnPty(): Promise<number> {
    const { commandText, account } = this.spec;
    const { file, args } = commandShell(commandText);
    const { promise, resolve } = Promise.withResolvers<number>();
    try {
      this.#pty = await PtyProcess.spawn({
        file,
        args,
        cwd: startFolder(account),
        env: environmentOf(account),
        cols: 120,
        rows: 40,
        ...account.ids,
        onData: (bytes) => {
          this.#stdout.append(bytes);
          this.output.append(bytes);
        },
        onExit: resolve,
      });
      return await promise;
    } catch (error) {
      return this.#couldNotStart(error as Error);
    }
  }

  #runOnPipes(): Promise<number> {
    const { commandText, account } = this.spec;
    const { file, args } = commandShell(commandText);
    const { promise, resolve } = Promise.withResolvers<number>();
    const child = spawn(file, args, {
      cwd: startFolder(account),
      env: environmentOf(account),
      detached: process.platform !== "win32",
      windowsVerbatimArguments: true,
      stdio: ["pipe", "pipe", "pipe"],
      ...account.ids,
    });
    this.#child = child;
    // Nobody types into a queued command: it reads an end at once instead of waiting for its time limit.
    if (!this.#interactive) child.stdin.end();
    child.stdin.on("error", () => {});
    child.stdout.on("data", (bytes: Buffer) => {
      this.#stdout.append(bytes);
      this.output.append(bytes);
    });
    child.stderr.on("data", (bytes: Buffer) => {
      this.#stderr.append(bytes);
      this.output.append(bytes);
    });
    child.once("error", (error) => resolve(this.#couldNotStart(error)));
    // 'close' and not 'exit': the streams are read to their end. A grandchild that keeps them open does not keep the
    // command open for longer than the grace.
    child.once("close", (code, signal) => resolve(exitCodeOf(code, signal)));
    child.once("exit", (code, signal) => {
      this.#timers.add(
        this.#clock.schedule(killGrace, () => {
          child.stdout.destroy();
          child.stderr.destroy();
          resolve(exitCodeOf(code, signal));
        }),
      );
    });
    return promise;
  }

  /** Keeps standard input open for whoever reads along. Before `run`. */
  keepInputOpen(): void {
    this.#interactive = true;
  }

  #couldNotStart(error: Error): number {
    this.#stderr.append(new TextEncoder().encode(`picket: the command could not be started: ${error.message}\n`));
    return 127;
  }

  #terminate(grace: number = killGrace): void {
    if (this.#ending !== undefined || this.exitCode !== undefined) return;
    this.#signal("SIGTERM");
    this.#ending = this.#timers.add(
      this.#clock.schedule(grace, () => {
        this.#killed = true;
        this.#signal("SIGKILL");
      }),
    );
  }

  /** What the command started may outlive it, and gets the same time to end before it is killed. */
  async #groupGone(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined || process.platform === "win32") return;
    while (!this.#killed && groupRuns(pid)) await sleep(this.#clock, groupTick);
  }

  #signal(signal: NodeJS.Signals): void {
    // A source that waits for its reader would not see its own end.
    this.#resume();
    if (this.#pty !== undefined) {
      this.#pty.kill(signal);
      return;
    }
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    if (process.platform === "win32") {
      spawnSync("taskkill", ["/pid", `${pid}`, "/t", "/f"], { stdio: "ignore" });
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  }

  #pause(): void {
    this.#pty?.pause();
    this.#child?.stdout?.pause();
    this.#child?.stderr?.pause();
  }

  #resume(): void {
    this.#pty?.resume();
    this.#child?.stdout?.resume();
    this.#child?.stderr?.resume();
  }
}

function groupRuns(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0));
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
