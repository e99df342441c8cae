import { TextDecoder } from "node:util";
import { PicketError, toPicketError } from "../../base/errors.ts";
import type { Core } from "../../core/core.ts";
import { maySeeGroup, type Principal } from "../../core/identity/principal.ts";
import type { Stream } from "../../core/streams/stream.ts";
import { resetCode } from "../../wire/channels/frame.ts";
import type { ParamsOf, PushData } from "./messages.ts";

export interface TextTerminalsOptions {
  readonly core: Core;
  readonly principal: () => Principal;
  push<T extends "terminal-output" | "terminal-closed">(type: T, data: PushData<T>): void;
  /** Whether the console keeps up with what it is sent. */
  readonly hasRoom: () => boolean;
  readonly notifyDrained: () => void;
}

interface TextTerminal {
  readonly stream: Stream;
  readonly session: string | undefined;
  readonly decoder: TextDecoder;
  /** Taken from the stream and not granted again, because the console does not keep up. */
  unread: number;
}

const window = 64 * 1024;

/** Terminals for clients that do not speak channels: text in JSON, one per machine, as the seed has them. */
export class TextTerminals {
  readonly #options: TextTerminalsOptions;
  readonly #terminals = new Map<string, TextTerminal>();
  #disposed = false;

  constructor(options: TextTerminalsOptions) {
    this.#options = options;
  }

  /** @throws {PicketError} `INVALID_PARAMS`, `VM_NOT_FOUND`, `TERMINAL_CONNECT_FAILED` */
  async connect({ vmId, type, cols = 80, rows = 24 }: ParamsOf<"terminal-connect">): Promise<void> {
    const { core } = this.#options;
    if (type !== "node" && type !== "ssh") {
      throw new PicketError("INVALID_PARAMS", { details: 'data.type: "node" or "ssh" expected' });
    }
    const principal = this.#options.principal();
    const node = core.nodes.get(vmId);
    // Until an agent manages machines there is none to reach by ssh.
    if (type === "ssh" || node === undefined || !maySeeGroup(principal, node.group)) {
      throw new PicketError("VM_NOT_FOUND");
    }
    this.disconnect(vmId);
    let exitCode: number | null = null;
    const near = {
      window,
      result: ({ exit_code: code }: Readonly<Record<string, unknown>>) => {
        exitCode = typeof code === "number" ? code : null;
      },
    };
    const opened = await core.streams
      .open({ principal, node, kind: "terminal", params: { cols, rows } }, near)
      .catch((error: unknown) => {
        throw connectFailure(toPicketError(error));
      });
    const { stream, result, release } = opened;
    stream.whenClosed(release);
    if (this.#disposed) {
      stream.reset(resetCode.cancelled, "the console went away");
      throw new PicketError("CANCELLED");
    }
    // Two that were asked for in one breath: the later one stays.
    this.disconnect(vmId);
    const session = typeof result["session"] === "string" ? result["session"] : undefined;
    const terminal: TextTerminal = { stream, session, decoder: new TextDecoder(), unread: 0 };
    this.#terminals.set(vmId, terminal);
    stream.attach({
      data: (bytes) => this.#output(vmId, terminal, bytes),
      ended: () => stream.end(),
      writable() {},
      closed: () => {
        if (this.#terminals.get(vmId) !== terminal) return;
        this.#terminals.delete(vmId);
        this.#options.push("terminal-closed", { vmId, exitCode });
      },
    });
  }

  /** @throws {PicketError} `TERMINAL_NOT_CONNECTED`, `RATE_LIMITED` when the shell does not take what is typed */
  input(vmId: string, input: string): void {
    const { stream } = this.#require(vmId);
    const bytes = new TextEncoder().encode(input);
    if (bytes.length > stream.writableBytes) throw new PicketError("RATE_LIMITED");
    stream.write(bytes);
  }

  /** @throws {PicketError} `TERMINAL_NOT_CONNECTED` */
  resize(vmId: string, size: { readonly cols: number; readonly rows: number }): void {
    const { session } = this.#require(vmId);
    if (session !== undefined) this.#options.core.nodes.linkOf(vmId)?.resizeTerminal(session, size);
  }

  disconnect(vmId: string): void {
    const terminal = this.#terminals.get(vmId);
    this.#terminals.delete(vmId);
    terminal?.stream.reset(resetCode.cancelled, "closed by the console");
  }

  /** The console took what it was sent. */
  drained(): void {
    for (const terminal of this.#terminals.values()) {
      terminal.stream.consumed(terminal.unread);
      terminal.unread = 0;
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const vmId of [...this.#terminals.keys()]) this.disconnect(vmId);
  }

  #output(vmId: string, terminal: TextTerminal, bytes: Uint8Array): void {
    const output = terminal.decoder.decode(bytes, { stream: true });
    if (output !== "") this.#options.push("terminal-output", { vmId, output });
    if (this.#options.hasRoom()) {
      terminal.stream.consumed(bytes.length);
      return;
    }
    terminal.unread += bytes.length;
    this.#options.notifyDrained();
  }

  #require(vmId: string): TextTerminal {
    const terminal = this.#terminals.get(vmId);
    if (terminal === undefined) throw new PicketError("TERMINAL_NOT_CONNECTED");
    return terminal;
  }
}

function connectFailure(error: PicketError): PicketError {
  const keep = error.code === "FORBIDDEN" || error.code === "FORBIDDEN_BY_POLICY" || error.code === "CHANNEL_LIMIT";
  return keep ? error : new PicketError("TERMINAL_CONNECT_FAILED", { details: error.message, cause: error });
}
