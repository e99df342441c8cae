import type { Clock } from "../../base/clock.ts";
import { timestamp } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { type ErrorCode, isErrorCode, PicketError, toPicketError } from "../../base/errors.ts";
import type { Channel } from "../../wire/channels/channel.ts";
import { ChannelMux } from "../../wire/channels/channelMux.ts";
import { type Connection, type ConnectionHandler, closeCode, ownPeerTimes } from "../../wire/connection.ts";
import { type NodeRequest, parseNodeRequest } from "./messages/methods.ts";
import {
  type CoreMessageData,
  type CoreToNode,
  encodeMessage,
  type NodeMessageData,
  type NodeToCore,
  parseCoreMessage,
} from "./messages.ts";
import type { Metrics } from "./metrics.ts";

/** What the node does with what the core says. */
export interface NodesClientHandler {
  /** The core let this connection in as this node. */
  welcomed(nodeId: string): void;
  /** Signs a challenge of the core; undefined when this node has no key. */
  sign(nonce: string): string | undefined;
  execute(command: CoreMessageData<"execute_command">, messageId: string): void;
  cancel(commandId: string): void;
  /** Seconds. */
  setMetricsInterval(interval: number): void;
  resizeTerminal(size: CoreMessageData<"terminal_resize">): void;
  /**
   * The core opens a stream. Resolve with the result to accept it; the channel's handler must be attached by then.
   *
   * @throws {PicketError} to reject it
   */
  openStream(request: CoreMessageData<"channel_open">, channel: Channel): Promise<Readonly<Record<string, unknown>>>;
  /**
   * The core asks for something small.
   *
   * @throws {PicketError} what the core is told instead of an answer
   */
  answer(request: NodeRequest): Promise<object>;
  /** The core does not let this node in. The connection closes. */
  refused(error: PicketError): void;
  closed(code: number, reason: string): void;
}

export interface Registered {
  readonly response: CoreMessageData<"register_response">;
  /** What both sides can do; undefined when the core speaks the plain protocol. */
  readonly extension: NonNullable<CoreMessageData<"register_response">["picket"]> | undefined;
}

export interface NodesClientOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

interface Pending {
  readonly timer: Disposable;
  resolve(message: CoreToNode): void;
  reject(error: PicketError): void;
}

const answerTimeout = 30_000;

/** The node's half of the nodes protocol, over one connection: docs/protocols/nodes.md. Runs in any runtime. */
export class NodesClient implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #handler: NodesClientHandler;
  readonly #options: NodesClientOptions;
  readonly #pending = new Map<string, Pending>();
  #mux: ChannelMux | undefined;
  #welcomed = false;

  constructor(connection: Connection, handler: NodesClientHandler, options: NodesClientOptions) {
    this.#connection = connection;
    this.#handler = handler;
    this.#options = options;
  }

  /** @throws {PicketError} the core's own code, `TIMEOUT`, or `PEER_LOST` */
  async register(data: NodeMessageData<"node_register">): Promise<Registered> {
    const answer = await this.#request("node_register", data);
    if (answer.type !== "register_response") throw new PicketError("INVALID_MESSAGE");
    const response = answer.data;
    if (!response.success) throw new PicketError("FORBIDDEN", { details: response.message });
    const extension = data.picket === undefined ? undefined : response.picket;
    if (extension?.capabilities.includes("channels") === true) {
      this.#mux ??= new ChannelMux(this.#connection, { numbers: "odd" });
    }
    if (extension !== undefined) this.#connection.keepAliveTimes = ownPeerTimes;
    return { response, extension };
  }

  /**
   * Reports; resolves when the core has stored it.
   *
   * @param time when it was measured, milliseconds since 1970
   */
  async heartbeat(data: { readonly nodeId: string; readonly metrics?: Metrics; readonly time: number }): Promise<void> {
    const { nodeId, metrics, time } = data;
    const message = { node_id: nodeId, status: "online", ...(metrics === undefined ? {} : { metrics }) };
    await this.#request("heartbeat", message, new Date(time).toISOString());
  }

  commandStarted(commandId: string, messageId: string): void {
    this.#send("command_started", messageId, { command_id: commandId });
  }

  /** Resolves when the core has the result. */
  async commandResult(result: NodeMessageData<"command_result">): Promise<void> {
    await this.#request("command_result", result);
  }

  /** Tells the core that something it sent cannot be done: a command that the policy forbids. */
  sendError(messageId: string, error: PicketError): void {
    const { code, message, details } = error;
    this.#send("error", messageId, { error_code: code, message, details: details ?? "" });
  }

  async inventory(facts: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#request("inventory", { facts: { ...facts } });
  }

  /** The whole list, as it is now. */
  containers(list: NodeMessageData<"containers">): void {
    this.#send("containers", this.#options.newId(), list);
  }

  containerEvent(event: NodeMessageData<"container_event">): void {
    this.#send("container_event", this.#options.newId(), event);
  }

  /** Resolves when the core has stored the lines. */
  async logBatch(batch: NodeMessageData<"log_batch">): Promise<void> {
    await this.#request("log_batch", batch);
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  text(message: string): void {
    const parsed = parseCoreMessage(message);
    // A newer core may know more than this node; what is not understood is not for it.
    if (!parsed.ok) return;
    this.#options.trace?.("<-", parsed.value);
    this.#dispatch(parsed.value);
  }

  binary(bytes: Uint8Array): void {
    if (this.#mux?.binary(bytes) !== true) this.#connection.close(closeCode.protocolError, "malformed frame");
  }

  drained(): void {
    this.#mux?.drained();
  }

  closed(code: number, reason: string): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new PicketError("PEER_LOST"));
    this.#mux?.lost();
    this.#handler.closed(code, reason);
  }

  #dispatch(message: CoreToNode): void {
    switch (message.type) {
      case "welcome":
        this.#welcomed = true;
        this.#handler.welcomed(message.data.node_id);
        break;
      case "challenge":
        this.#onChallenge(message.data.nonce, message.id);
        break;
      case "error":
        this.#onError(message);
        break;
      case "execute_command":
        this.#handler.execute(message.data, message.id);
        break;
      case "cancel_command":
        this.#handler.cancel(message.data.command_id);
        break;
      case "set_metrics_interval":
        this.#handler.setMetricsInterval(message.data.metrics_interval);
        break;
      case "terminal_resize":
        this.#handler.resizeTerminal(message.data);
        break;
      case "node_request":
        void this.#onRequest(message.id, message.data);
        break;
      case "channel_open":
        void this.#onChannelOpen(message.data);
        break;
      case "channel_opened":
      case "channel_rejected":
      case "channel_result":
        break;
      default:
        this.#settle(message.id)?.resolve(message);
    }
  }

  #onChallenge(nonce: string, id: string): void {
    const signature = this.#handler.sign(nonce);
    if (signature === undefined) this.#connection.close(closeCode.policyViolation, "this node has no key");
    else this.#send("challenge_response", id, { signature });
  }

  #onError({ id, data }: Extract<CoreToNode, { type: "error" }>): void {
    const code: ErrorCode = isErrorCode(data.error_code) ? data.error_code : "INTERNAL_ERROR";
    const details = typeof data.details === "string" ? data.details : undefined;
    const error = new PicketError(code, {
      ...(data.message === "" ? {} : { message: data.message }),
      ...(details === undefined ? {} : { details }),
    });
    const pending = this.#settle(id);
    if (pending !== undefined) pending.reject(error);
    if (code === "INVALID_TOKEN" || (pending === undefined && !this.#welcomed)) this.#handler.refused(error);
  }

  async #onRequest(id: string, message: CoreMessageData<"node_request">): Promise<void> {
    const request = parseNodeRequest(message);
    try {
      if (request === undefined) throw new PicketError("UNSUPPORTED", { details: message.method });
      if (!request.ok) throw new PicketError("INVALID_PARAMS", { details: request.error });
      const result = await this.#handler.answer(request.value);
      if (this.#connection.isOpen) this.#send("node_response", id, { result: { ...result } });
    } catch (error) {
      if (this.#connection.isOpen) this.sendError(id, toPicketError(error));
    }
  }

  async #onChannelOpen(request: CoreMessageData<"channel_open">): Promise<void> {
    const { channel: id, window } = request;
    const channel = this.#mux?.accept(id, window);
    if (channel === undefined) {
      const error = new PicketError("CHANNEL_LIMIT");
      this.#sendRejected(id, error);
      return;
    }
    try {
      const result = await this.#handler.openStream(request, channel);
      const opened = { channel: id, window: channel.receiveWindow, result: { ...result } };
      this.#send("channel_opened", this.#options.newId(), opened);
    } catch (error) {
      channel.lost("rejected");
      this.#sendRejected(
        id,
        error instanceof PicketError ? error : new PicketError("INTERNAL_ERROR", { cause: error }),
      );
    }
  }

  /** Says what is known only at the end of a stream, after the last of its bytes. */
  channelResult(channel: Channel, result: Readonly<Record<string, unknown>>): void {
    channel.afterQueued(() => {
      if (!channel.isClosed)
        this.#send("channel_result", this.#options.newId(), { channel: channel.id, result: { ...result } });
    });
  }

  #sendRejected(channel: number, error: PicketError): void {
    const message = error.details ?? error.message;
    this.#send("channel_rejected", this.#options.newId(), { channel, error_code: error.code, message });
  }

  #request<T extends NodeToCore["type"]>(type: T, data: NodeMessageData<T>, time?: string): Promise<CoreToNode> {
    const id = this.#options.newId();
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.schedule(answerTimeout, () =>
        this.#settle(id)?.reject(new PicketError("TIMEOUT")),
      );
      this.#pending.set(id, { timer, resolve, reject });
      this.#send(type, id, data, time);
    });
  }

  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.dispose();
    return pending;
  }

  // biome-ignore lint/complexity/useMaxParams: type, id and data are one message; the time is set for old samples only
  #send<T extends NodeToCore["type"]>(type: T, id: string, data: NodeMessageData<T>, time?: string): void {
    const message = { type, id, timestamp: time ?? timestamp(this.#options.clock), data };
    this.#options.trace?.("->", message);
    this.#connection.sendText(encodeMessage(message));
  }
}
