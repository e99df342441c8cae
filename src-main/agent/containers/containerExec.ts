import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import type { Exec } from "dockerode";
import type { Clock } from "../../base/clock.ts";
import { sleep } from "../../base/clock.ts";
import type { TerminalProcess, TerminalProcessEvents } from "../terminals/terminalProcess.ts";
import { readExec } from "./engineMessages.ts";

/** A program to start on a terminal in a container. */
export interface ExecSpec extends TerminalProcessEvents {
  readonly container: string;
  /** A line for the container's shell. Undefined: the best shell that is there. */
  readonly command: string | undefined;
}

export interface ContainerExecOptions extends TerminalProcessEvents {
  readonly exec: Exec;
  /** What is read and written is the program's terminal. */
  readonly stream: Duplex;
  readonly clock: Clock;
  /** A variable that only this program has, and what it is started from. */
  readonly mark: string;
  /** Whether the engine runs on this machine, so that its process ids mean something here. */
  readonly isLocal: boolean;
}

const attempts = 20;
const pauseBetween = 100;
const hangUpKeys = new Uint8Array([0x03, 0x04]);

/** A program on a terminal in a container. */
export class ContainerExec implements TerminalProcess {
  readonly #options: ContainerExecOptions;
  #size: { readonly cols: number; readonly rows: number } | undefined;
  #resizing = false;
  #ended = false;
  #killed = false;
  /** Asked for at the start: when the agent stops there is no time to. */
  #pid: number | undefined;

  constructor(options: ContainerExecOptions) {
    this.#options = options;
    const { stream, onData } = options;
    stream.on("data", onData);
    stream.on("end", () => void this.#end());
    stream.on("close", () => void this.#end());
    stream.on("error", () => void this.#end());
    this.resize(options.cols, options.rows);
    if (options.isLocal) void this.#learnPid();
  }

  write(bytes: Uint8Array, taken: () => void): void {
    const { stream } = this.#options;
    if (this.#ended || !stream.writable) taken();
    else stream.write(bytes, () => taken());
  }

  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    if (!this.#resizing) void this.#resize();
  }

  pause(): void {
    this.#options.stream.pause();
  }

  resume(): void {
    this.#options.stream.resume();
  }

  /** No engine can end what it started in a container: the process is hung up here, or told by its terminal. */
  kill(): void {
    const { stream, mark } = this.#options;
    if (this.#ended || this.#killed) return;
    this.#killed = true;
    if (this.#pid !== undefined && hangUpProcess(this.#pid, mark)) return;
    // A shell takes it for the end of its input; a program that does not stays with its container.
    if (stream.writable) stream.write(hangUpKeys, () => stream.destroy());
    else stream.destroy();
  }

  async #learnPid(): Promise<void> {
    const state = readExec(await this.#options.exec.inspect().catch(() => undefined));
    if (state !== undefined && state.Pid > 0) this.#pid = state.Pid;
  }

  /** Sizes come faster than an engine takes them: only the last one matters. */
  async #resize(): Promise<void> {
    const { exec, clock } = this.#options;
    this.#resizing = true;
    for (let attempt = 0; this.#size !== undefined && !this.#ended && attempt < attempts; attempt += 1) {
      const { cols, rows } = this.#size;
      this.#size = undefined;
      try {
        await exec.resize({ w: cols, h: rows });
      } catch {
        // In its first moment a program has no terminal yet.
        this.#size ??= { cols, rows };
        await sleep(clock, pauseBetween);
      }
    }
    this.#resizing = false;
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onExit(await this.#exitCode());
  }

  /** The stream may end a little before the engine knows how. */
  async #exitCode(): Promise<number> {
    const { exec, clock } = this.#options;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const state = readExec(await exec.inspect().catch(() => undefined));
      if (state === undefined) break;
      if (!state.Running) return state.ExitCode ?? 0;
      await sleep(clock, pauseBetween);
    }
    return 129;
  }
}

/** Hangs a process of this machine up, if it is the one that was started with `mark`. */
function hangUpProcess(pid: number, mark: string): boolean {
  try {
    if (pid <= 1 || !readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(mark)) return false;
    process.kill(pid, "SIGHUP");
    return true;
  } catch {
    return false;
  }
}
