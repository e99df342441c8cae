import type { IPty } from "node-pty";
import { PicketError } from "../../base/errors.ts";
import type { TerminalProcess, TerminalProcessEvents } from "./terminalProcess.ts";

export interface PtyOptions extends TerminalProcessEvents {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** What of node-pty's inside has to be touched: see `keepTail`. */
interface PtyInside {
  readonly _socket?: { destroy: (error?: Error) => unknown; pause(): void; resume(): void };
}

const killGrace = 5_000;
/** How long node-pty itself waits for the end of the data after the process has ended. */
const destroyDelay = 200;

/** A process on a pseudo-terminal that can be paused without losing its last words. */
export class PtyProcess implements TerminalProcess {
  readonly #pty: IPty;
  #paused = false;
  #exited = false;
  #killTimer: ReturnType<typeof setTimeout> | undefined;

  private constructor(pty: IPty, options: PtyOptions) {
    this.#pty = pty;
    this.#keepTail();
    // With `encoding: null` node-pty hands out bytes, whatever its types say.
    pty.onData((data) => options.onData(data as unknown as Uint8Array));
    pty.onExit(({ exitCode, signal }) => {
      this.#exited = true;
      clearTimeout(this.#killTimer);
      options.onExit(signal === undefined || signal === 0 ? exitCode : 128 + signal);
    });
  }

  /** @throws {PicketError} `UNSUPPORTED` when node-pty is not there, `TERMINAL_CONNECT_FAILED` when nothing starts */
  static async spawn(options: PtyOptions): Promise<PtyProcess> {
    const { spawn } = await import("node-pty").catch((cause: unknown) => {
      throw new PicketError("UNSUPPORTED", { details: "node-pty is not installed on this machine", cause });
    });
    const { file, args, cwd, env, cols, rows, uid, gid } = options;
    try {
      const ids = uid === undefined || gid === undefined ? undefined : { uid, gid };
      const pty = withGroupsOf(ids, () =>
        spawn(file, [...args], { name: "xterm-256color", encoding: null, cwd, env: { ...env }, cols, rows, ...ids }),
      );
      return new PtyProcess(pty, options);
    } catch (cause) {
      throw new PicketError("TERMINAL_CONNECT_FAILED", { details: `${file} does not start`, cause });
    }
  }

  get pid(): number {
    return this.#pty.pid;
  }

  write(bytes: Uint8Array, taken?: () => void): void {
    // A write to a terminal that has just ended throws: it has nobody to be told to.
    if (!this.#exited) this.#pty.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    taken?.();
  }

  resize(cols: number, rows: number): void {
    if (!this.#exited) this.#pty.resize(cols, rows);
  }

  pause(): void {
    this.#paused = true;
    this.#pty.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#pty.resume();
  }

  /** Ends the process and everything that it started: hang up, then kill. */
  kill(signal: NodeJS.Signals = "SIGHUP"): void {
    if (this.#exited) return;
    this.resume();
    signalGroup(this.#pty, signal);
    this.#killTimer ??= setTimeout(() => signalGroup(this.#pty, "SIGKILL"), killGrace);
  }

  /**
   * node-pty destroys its socket 200 ms after the process has ended, whether it has been read or not: with a reader that
   * had paused it, the last 4 KiB of a `cat` were lost. While paused, the destruction waits.
   */
  #keepTail(): void {
    const socket = (this.#pty as unknown as PtyInside)._socket;
    if (socket === undefined) return;
    const destroy = socket.destroy.bind(socket);
    const resume = socket.resume.bind(socket);
    let wanted: { readonly error: Error | undefined } | undefined;
    socket.destroy = (error?: Error) => {
      if (!this.#paused) return destroy(error);
      wanted = { error };
      return socket;
    };
    socket.resume = () => {
      const waiting = wanted;
      wanted = undefined;
      if (waiting !== undefined) setTimeout(() => socket.destroy(waiting.error), destroyDelay).unref();
      return resume();
    };
  }
}

/**
 * node-pty changes the user and the group and keeps this process's further groups: root's would stay with whoever the
 * terminal is for.
 */
function withGroupsOf<T>(ids: { readonly gid: number } | undefined, start: () => T): T {
  const own = process.getgroups?.();
  if (ids === undefined || own === undefined) return start();
  process.setgroups?.([ids.gid]);
  try {
    return start();
  } finally {
    process.setgroups?.(own);
  }
}

function signalGroup(pty: IPty, signal: NodeJS.Signals): void {
  try {
    // The process on a pseudo-terminal leads its own session and group.
    if (process.platform === "win32") pty.kill();
    else process.kill(-pty.pid, signal);
  } catch {
    // In its first moment a process does not lead its group yet.
    signalProcess(pty.pid, signal);
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
