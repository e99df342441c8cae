import { randomUUID } from "node:crypto";
import type { Clock } from "../../src-main/base/clock.ts";
import { PicketError } from "../../src-main/base/errors.ts";
import { NodesClient, type NodesClientHandler } from "../../src-main/protocols/nodes/client.ts";
import type { NodeRequest } from "../../src-main/protocols/nodes/messages/methods.ts";
import type { CoreMessageData } from "../../src-main/protocols/nodes/messages.ts";
import type { Channel } from "../../src-main/wire/channels/channel.ts";
import type { MemoryConnection } from "./memoryPair.ts";
import type { NodeKey } from "./nodeKey.ts";

/** The node's half of the nodes protocol over a connection in memory; keeps what the core says to it. */
export class RecordingNode implements NodesClientHandler {
  readonly client: NodesClient;
  readonly key: NodeKey | undefined;
  nodeId: string | undefined;
  readonly commands: CoreMessageData<"execute_command">[] = [];
  readonly cancelled: string[] = [];
  readonly intervals: number[] = [];
  readonly resizes: CoreMessageData<"terminal_resize">[] = [];
  readonly refusals: PicketError[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  /** What is done with a stream that the core opens; set by a test. */
  onStream: (request: CoreMessageData<"channel_open">, channel: Channel) => Readonly<Record<string, unknown>> =
    () => ({});

  /** What it answers when it is asked for something; set by a test. */
  onAsk: (request: NodeRequest) => Promise<object> = () => Promise.reject(new PicketError("UNSUPPORTED"));

  constructor(connection: MemoryConnection, { clock, key }: { readonly clock: Clock; readonly key?: NodeKey }) {
    this.key = key;
    this.client = new NodesClient(connection, this, { clock, newId: randomUUID });
    connection.handler = this.client;
  }

  welcomed(nodeId: string): void {
    this.nodeId = nodeId;
  }

  sign(nonce: string): string | undefined {
    return this.key?.sign("node-1", nonce);
  }

  execute(command: CoreMessageData<"execute_command">): void {
    this.commands.push(command);
  }

  cancel(commandId: string): void {
    this.cancelled.push(commandId);
  }

  setMetricsInterval(interval: number): void {
    this.intervals.push(interval);
  }

  resizeTerminal(size: CoreMessageData<"terminal_resize">): void {
    this.resizes.push(size);
  }

  async openStream(
    request: CoreMessageData<"channel_open">,
    channel: Channel,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.onStream(request, channel);
  }

  answer(request: NodeRequest): Promise<object> {
    return this.onAsk(request);
  }

  refused(error: PicketError): void {
    this.refusals.push(error);
  }

  closed(code: number, reason: string): void {
    this.closes.push({ code, reason });
  }
}
