import { type ChildProcess, spawn } from "node:child_process";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { NodeLogEntry } from "../../protocols/nodes/messages.ts";
import type { LogSource, SourceHandler } from "./collectedLine.ts";
import { LineSplitter, type SplitLine } from "./lineSplitter.ts";

/** A program that writes a system's log as lines, and how they are read. */
export interface ProcessLog {
  readonly name: string;
  /** @param position of the last line that was taken; undefined: start with what is new. */
  readonly command: (position: string | undefined) => { readonly file: string; readonly args: readonly string[] };
  /** Undefined for a line that says nothing. */
  readonly read: (line: string) => (NodeLogEntry & { readonly position: string | undefined }) | undefined;
  /** What to start with when the program ended at once with a position: it may not know it any more. */
  readonly afterLoss?: (position: string) => string | undefined;
}

export interface ProcessSourceOptions {
  readonly log: ProcessLog;
  readonly position: string | undefined;
  readonly handler: SourceHandler;
  readonly clock: Clock;
}

/** A line of the program's, not of the log's: its messages are cut further on. */
const longestLine = 1024 * 1024;
const restartDelay = 5_000;
const longestComplaint = 300;

/** Reads a log through a program that follows it, and starts it again when it ends. */
export class ProcessSource implements LogSource {
  readonly #options: ProcessSourceOptions;
  #position: string | undefined;
  #child: ChildProcess | undefined;
  #restart: Disposable | undefined;
  #paused = false;
  #closed = false;
  /** Lines read since the program was started. */
  #lines = 0;
  #complained = false;

  constructor(options: ProcessSourceOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#start();
  }

  get name(): string {
    return this.#options.log.name;
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (paused) this.#child?.stdout?.pause();
    else this.#child?.stdout?.resume();
  }

  close(): void {
    this.#closed = true;
    this.#restart?.dispose();
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
    // What it started itself may live on and hold them open.
    child?.stdout?.destroy();
    child?.stderr?.destroy();
  }

  #start(): void {
    const { log } = this.#options;
    const { file, args } = log.command(this.#position);
    const splitter = new LineSplitter(longestLine);
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    let complaint = "";
    this.#child = child;
    this.#lines = 0;
    child.stdout.on("data", (bytes: Uint8Array) => splitter.push(bytes, (line) => this.#onLine(line)));
    child.stderr.on("data", (bytes: Uint8Array) => {
      complaint = `${complaint}${new TextDecoder().decode(bytes)}`.slice(-longestComplaint);
    });
    child.on("error", (error) => {
      complaint = error.message;
      this.#onEnd(child, complaint);
    });
    child.on("close", () => this.#onEnd(child, complaint));
    if (this.#paused) child.stdout.pause();
  }

  #onLine({ text, cut }: SplitLine): void {
    if (this.#closed || text === "") return;
    const { log, handler } = this.#options;
    if (cut > 0) {
      handler.trouble(`an entry of ${text.length + cut} bytes in ${log.name} was too long to be read`);
      return;
    }
    const entry = log.read(text);
    if (entry === undefined) return;
    this.#lines += 1;
    this.#complained = false;
    this.#position = entry.position ?? this.#position;
    handler.line({ ...entry, backlog: false });
  }

  #onEnd(child: ChildProcess, complaint: string): void {
    if (this.#child !== child || this.#closed) return;
    this.#child = undefined;
    const { log, handler, clock } = this.#options;
    if (!this.#complained) {
      this.#complained = true;
      handler.trouble(`reading ${log.name} ended and starts again: ${complaint.trim() || "no reason was given"}`);
    }
    if (this.#lines === 0 && this.#position !== undefined) this.#position = log.afterLoss?.(this.#position);
    this.#restart = clock.schedule(restartDelay, () => this.#start());
  }
}
