import { PicketError } from "../../src-main/base/errors.ts";
import type { LinkCommand, NodeLink, StreamRequest, TerminalSize } from "../../src-main/core/nodes/nodeLink.ts";
import type { NodeMethod, NodeMethods } from "../../src-main/core/nodes/nodeMethods.ts";
import type { NearEnd, NodeStream } from "../../src-main/core/streams/stream.ts";

/** A node's connection as the core's nouns see it, without a protocol: keeps what it is asked. */
export class RecordingLink implements NodeLink {
  readonly capabilities: ReadonlySet<string>;
  readonly remembersCommands: boolean;
  readonly executed: LinkCommand[] = [];
  readonly cancelled: string[] = [];
  readonly intervals: number[] = [];
  readonly streams: StreamRequest[] = [];
  readonly resizes: { readonly session: string; readonly size: TerminalSize }[] = [];
  readonly closes: number[] = [];
  readonly asked: { readonly method: NodeMethod; readonly params: unknown }[] = [];
  /** What it answers when it is asked for something. */
  onAsk: (method: NodeMethod, params: unknown) => Promise<unknown> = () =>
    Promise.reject(new PicketError("UNSUPPORTED"));
  /** What a stream that is asked for comes to. */
  onStream: (request: StreamRequest, near: NearEnd) => Promise<NodeStream> = () =>
    Promise.reject(new PicketError("UNSUPPORTED"));

  /** @param extended a node of ours: it remembers commands and can cancel them */
  constructor({ extended = true, capabilities = [] as readonly string[] } = {}) {
    this.remembersCommands = extended;
    this.capabilities = new Set(capabilities);
  }

  execute(command: LinkCommand): void {
    this.executed.push(command);
  }

  cancel(commandId: string): boolean {
    if (!this.remembersCommands) return false;
    this.cancelled.push(commandId);
    return true;
  }

  setMetricsInterval(interval: number): void {
    this.intervals.push(interval);
  }

  openStream(request: StreamRequest, near: NearEnd): Promise<NodeStream> {
    this.streams.push(request);
    return this.onStream(request, near);
  }

  async ask<M extends NodeMethod>(method: M, params: NodeMethods[M]["params"]): Promise<NodeMethods[M]["result"]> {
    this.asked.push({ method, params });
    return (await this.onAsk(method, params)) as NodeMethods[M]["result"];
  }

  resizeTerminal(session: string, size: TerminalSize): void {
    this.resizes.push({ session, size });
  }

  close(code: number): void {
    this.closes.push(code);
  }
}
