import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { Channel } from "../../wire/channels/channel.ts";
import { resetCode } from "../../wire/channels/frame.ts";
import { OutputLog, type Reader } from "../output/outputLog.ts";
import type { TerminalProcess, TerminalProcessEvents } from "./terminalProcess.ts";

export interface TerminalSpec {
  readonly session: string;
  /** The core's user whose terminal it is: nobody else takes it up again. */
  readonly owner: string;
  /** What runs in it, for people. */
  readonly shell: string;
  readonly cols: number;
  readonly rows: number;
  readonly start: (events: TerminalProcessEvents) => Promise<TerminalProcess>;
}

export interface Viewer {
  readonly channel: Channel;
  /** How many bytes of the output it has seen; undefined shows all that is kept. */
  readonly offset: number | undefined;
  /** The shell has ended and the viewer was sent everything. */
  readonly finished: (exitCode: number) => void;
}

/** How long a shell without a viewer is kept, also one that ended meanwhile. */
const detachedLifetime = 10 * 60_000;

/** One terminal. It outlives the link: a viewer that comes back goes on at the byte where it was. */
export class TerminalSession {
  readonly spec: TerminalSpec;
  readonly #clock: Clock;
  readonly #onGone: () => void;
  readonly #output: OutputLog;
  #process: TerminalProcess | undefined;
  #reader: Reader | undefined;
  #lifetime: Disposable | undefined;
  #exitCode: number | undefined;
  #closing = false;
  #gone = false;

  private constructor(spec: TerminalSpec, clock: Clock, onGone: () => void) {
    this.spec = spec;
    this.#clock = clock;
    this.#onGone = onGone;
    this.#output = new OutputLog(clock, {
      pause: () => this.#process?.pause(),
      resume: () => this.#process?.resume(),
    });
  }

  /**
   * @param onGone called once when nothing is left of the session
   * @throws {PicketError} what the start throws: `UNSUPPORTED`, `TERMINAL_CONNECT_FAILED`
   */
  static async start(spec: TerminalSpec, clock: Clock, onGone: () => void): Promise<TerminalSession> {
    const session = new TerminalSession(spec, clock, onGone);
    const { cols, rows } = spec;
    session.#process = await spec.start({
      cols,
      rows,
      onData: (bytes) => session.#output.append(bytes),
      onExit: (exitCode) => session.#onExit(exitCode),
    });
    // What is over before it was there is not held on to.
    if (session.#exitCode !== undefined) session.#process = undefined;
    return session;
  }

  /**
   * Gives the terminal to a viewer; one that had it before is told so.
   *
   * @returns the offset of the first byte that it will get
   */
  attach({ channel, offset, finished }: Viewer): number {
    const former = this.#reader;
    // No longer its viewer when its channel ends: that would be a viewer who closes the terminal.
    this.#reader = undefined;
    former?.channel.reset(resetCode.cancelled, "taken over by another window");
    this.#lifetime?.dispose();
    const reader: Reader = {
      channel,
      offset: Math.min(Math.max(offset ?? 0, this.#output.start), this.#output.end),
      lossless: true,
      finished: () => {
        finished(this.#exitCode ?? 0);
        this.#remove();
      },
    };
    const from = reader.offset;
    this.#reader = reader;
    channel.attach({
      data: (bytes) => {
        const taken = (): void => channel.consumed(bytes.length);
        if (this.#process === undefined) taken();
        else this.#process.write(bytes, taken);
      },
      ended: () => this.close(),
      writable: () => this.#output.writable(reader),
      closed: (reset) => this.#onDetached(reader, reset?.code),
    });
    this.#output.attach(reader);
    return from;
  }

  /** How many bytes the shell has ever printed. */
  get outputEnd(): number {
    return this.#output.end;
  }

  resize(cols: number, rows: number): void {
    this.#process?.resize(cols, rows);
  }

  /** Hangs up. */
  close(): void {
    this.#closing = true;
    this.#process?.kill();
  }

  #onExit(exitCode: number): void {
    this.#exitCode = exitCode;
    this.#process = undefined;
    this.#output.sourceEnded();
    // Nobody is there, and nobody wants to come back to a shell that was closed.
    if (this.#closing && this.#reader === undefined) this.#remove();
  }

  #onDetached(reader: Reader, code: number | undefined): void {
    this.#output.detach(reader);
    if (this.#reader !== reader || this.#gone) return;
    this.#reader = undefined;
    // A viewer that closed the terminal wants it closed; one that was cut off wants it back, one that lost the right may not.
    const closed = code === undefined || code === resetCode.cancelled || code === resetCode.forbidden;
    if (closed && this.#exitCode !== undefined) {
      this.#remove();
      return;
    }
    if (closed) this.close();
    this.#lifetime = this.#clock.schedule(detachedLifetime, () => {
      this.close();
      this.#remove();
    });
  }

  #remove(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#lifetime?.dispose();
    this.#output.dispose();
    this.#onGone();
  }
}
