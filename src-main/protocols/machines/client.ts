import type { Clock } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { type ErrorCode, isErrorCode, PicketError } from "../../base/errors.ts";
import { type Channel, type ChannelHandler, channelWindows } from "../../wire/channels/channel.ts";
import { ChannelMux } from "../../wire/channels/channelMux.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import {
  isChannelType,
  isPushType,
  isRequestType,
  type ParamsInput,
  type PushData,
  type PushType,
  parseChannelMessage,
  parseEnvelope,
  parsePush,
  parseResult,
  type RequestType,
  type ResultOf,
} from "./messages.ts";

export interface MachinesClientOptions {
  readonly clock: Clock;
  /** The connection is gone; every request that waited has been rejected with `PEER_LOST`. */
  readonly onClosed: (code: number, reason: string) => void;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

export interface OpenChannel {
  readonly kind: string;
  /** Left out for what the core serves itself. */
  readonly nodeId?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** @default 1 MiB */
  readonly window?: number;
  readonly handler: ChannelHandler;
  /** What is known only at the end. */
  readonly onResult?: (result: Readonly<Record<string, unknown>>) => void;
}

export interface OpenedChannel {
  readonly channel: Channel;
  readonly result: Readonly<Record<string, unknown>>;
}

interface PendingRequest {
  readonly type: RequestType;
  readonly timer: Disposable;
  resolve(result: never): void;
  reject(error: PicketError): void;
}

interface PendingChannel {
  readonly channel: Channel;
  readonly open: OpenChannel;
  resolve(opened: OpenedChannel): void;
  reject(error: PicketError): void;
}

const requestTimeout = 30_000;
/** A core that is silent for this long is asked whether it is there: a browser sees no ping frames. */
const pingAfter = 5_000;
const deadAfter = 12_000;
const livenessTick = 1_000;

/** The console's half of the machines protocol, over one connection: docs/protocols/machines.md. Runs in any runtime. */
export class MachinesClient implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #options: MachinesClientOptions;
  readonly #requests = new Map<string, PendingRequest>();
  readonly #channels = new Map<number, PendingChannel>();
  readonly #results = new Map<number, NonNullable<OpenChannel["onResult"]>>();
  readonly #pushes = new Map<PushType, Emitter<unknown>>();
  #mux: ChannelMux | undefined;
  #nextId = 1;
  #heardAt: number;
  #pingedAt: number | undefined;
  #liveness: Disposable | undefined;

  constructor(connection: Connection, options: MachinesClientOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#heardAt = options.clock.monotonicTime();
  }

  /** @throws {PicketError} the core's code, `TIMEOUT`, or `PEER_LOST` */
  request<T extends RequestType>(type: T, params: ParamsInput<T>, options: RequestOptions = {}): Promise<ResultOf<T>> {
    if (!this.#connection.isOpen) return Promise.reject(new PicketError("PEER_LOST"));
    const id = `${this.#nextId}`;
    this.#nextId += 1;
    return new Promise<ResultOf<T>>((resolve, reject) => {
      const timer = this.#options.clock.schedule(options.timeout ?? requestTimeout, () => {
        this.#settle(id)?.reject(new PicketError("TIMEOUT"));
      });
      this.#requests.set(id, { type, timer, resolve, reject });
      this.#send({ type, id, data: params });
    });
  }

  /**
   * Says hello: from here on channels and the topics of ours can be used, and a dead link is noticed within 12 s.
   *
   * @throws {PicketError}
   */
  async hello(): Promise<ResultOf<"hello">> {
    const answer = await this.request("hello", { version: 1, capabilities: ["channels"] });
    if (answer.capabilities.includes("channels")) this.#mux ??= new ChannelMux(this.#connection, { numbers: "odd" });
    this.#liveness ??= this.#options.clock.repeat(livenessTick, () => this.#checkLiveness());
    return answer;
  }

  onPush<T extends PushType>(type: T, listener: (data: PushData<T>) => void): Disposable {
    const emitter = this.#pushes.get(type) ?? new Emitter<unknown>();
    this.#pushes.set(type, emitter);
    // The map is by type, and only what was parsed as that type is emitted.
    return emitter.subscribe((data) => listener(data as PushData<T>));
  }

  /** Subscribes to a topic until disposed. @throws {PicketError} when the core does not know or allow it */
  async subscribe(params: ParamsInput<"subscribe">): Promise<Disposable> {
    await this.request("subscribe", params);
    return toDisposable(() => {
      if (this.#connection.isOpen) this.request("unsubscribe", params).catch(() => {});
    });
  }

  /**
   * Opens a stream to a node.
   *
   * @throws {PicketError} the core's or the node's code
   */
  openChannel(open: OpenChannel): Promise<OpenedChannel> {
    const channel = this.#mux?.open(open.window ?? channelWindows.initial);
    if (channel === undefined) return Promise.reject(new PicketError("CHANNEL_LIMIT"));
    return new Promise((resolve, reject) => {
      this.#channels.set(channel.id, { channel, open, resolve, reject });
      channel.whenClosed(() => {
        this.#results.delete(channel.id);
        const pending = this.#channels.get(channel.id);
        this.#channels.delete(channel.id);
        pending?.reject(new PicketError("PEER_LOST"));
      });
      const { kind, nodeId, params } = open;
      this.#send({
        type: "channel_open",
        data: {
          channel: channel.id,
          kind,
          params: nodeId === undefined ? { ...params } : { ...params, node_id: nodeId },
          window: channel.receiveWindow,
        },
      });
    });
  }

  close(): void {
    this.#connection.close(closeCode.normal, "");
  }

  text(message: string): void {
    this.#heard();
    const parsed = parseEnvelope(message);
    if (!parsed.ok) return;
    this.#options.trace?.("<-", parsed.value);
    const { type, id, data } = parsed.value;
    if (isChannelType(type)) this.#onChannelMessage(type, data);
    else if (id !== undefined) this.#onAnswer(id, type, data);
    else if (isPushType(type)) this.#onPush(type, data);
  }

  binary(bytes: Uint8Array): void {
    this.#heard();
    if (this.#mux?.binary(bytes) !== true) this.#connection.close(closeCode.protocolError, "malformed frame");
  }

  drained(): void {
    this.#mux?.drained();
  }

  closed(code: number, reason: string): void {
    this.#liveness?.dispose();
    for (const id of [...this.#requests.keys()]) this.#settle(id)?.reject(new PicketError("PEER_LOST"));
    this.#mux?.lost();
    this.#options.onClosed(code, reason);
  }

  #onAnswer(id: string, type: string, data: Readonly<Record<string, unknown>>): void {
    const pending = this.#settle(id);
    if (pending === undefined) return;
    if (type === "error") {
      pending.reject(readError(data));
      return;
    }
    const known = isRequestType(pending.type) ? parseResult(pending.type, data) : undefined;
    if (known?.ok === true) pending.resolve(known.value as never);
    else pending.reject(new PicketError("INVALID_MESSAGE", { details: known?.error ?? type }));
  }

  #onPush<T extends PushType>(type: T, data: unknown): void {
    const parsed = parsePush(type, data);
    // A push that a newer core made larger is read as far as it is known; one that does not fit is not for us.
    if (parsed.ok) this.#pushes.get(type)?.emit(parsed.value);
  }

  #onChannelMessage(type: Parameters<typeof parseChannelMessage>[0], data: unknown): void {
    if (type === "channel_opened") {
      const opened = parseChannelMessage("channel_opened", data);
      if (opened.ok) this.#onOpened(opened.value);
    } else if (type === "channel_rejected") {
      const rejected = parseChannelMessage("channel_rejected", data);
      if (!rejected.ok) return;
      const { channel, error_code: code, message } = rejected.value;
      const pending = this.#channels.get(channel);
      this.#channels.delete(channel);
      pending?.channel.lost("rejected");
      pending?.reject(readError({ code, message }));
    } else if (type === "channel_result") {
      const result = parseChannelMessage("channel_result", data);
      if (result.ok) this.#results.get(result.value.channel)?.(result.value.result);
    }
  }

  #onOpened({
    channel: id,
    window,
    result,
  }: {
    channel: number;
    window: number;
    result: Record<string, unknown>;
  }): void {
    const pending = this.#channels.get(id);
    this.#channels.delete(id);
    if (pending === undefined) return;
    const { channel, open } = pending;
    channel.opened(window);
    if (open.onResult !== undefined) this.#results.set(id, open.onResult);
    pending.resolve({ channel, result });
    channel.attach(open.handler);
  }

  #settle(id: string): PendingRequest | undefined {
    const pending = this.#requests.get(id);
    this.#requests.delete(id);
    pending?.timer.dispose();
    return pending;
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.monotonicTime();
    this.#pingedAt = undefined;
  }

  #checkLiveness(): void {
    const now = this.#options.clock.monotonicTime();
    if (now - this.#heardAt < pingAfter) return;
    // Counted from the question, not from the last word: in a hidden window timers rest for a minute at a time, and a
    // core that nobody asked had no reason to speak.
    if (this.#pingedAt === undefined) {
      this.#pingedAt = now;
      this.request("ping", {}).catch(() => {});
    } else if (now - this.#pingedAt >= deadAfter - pingAfter) {
      this.#connection.terminate();
    }
  }

  #send(message: { readonly type: string; readonly id?: string; readonly data: object }): void {
    this.#options.trace?.("->", message);
    this.#connection.sendText(JSON.stringify(message));
  }
}

export interface RequestOptions {
  /** Milliseconds. @default 30000 */
  readonly timeout?: number;
}

function readError(data: Readonly<Record<string, unknown>>): PicketError {
  const { code, message, details } = data;
  const known: ErrorCode = isErrorCode(code) ? code : "INTERNAL_ERROR";
  return new PicketError(known, {
    ...(typeof message === "string" && message !== "" ? { message } : {}),
    ...(typeof details === "string" ? { details } : {}),
  });
}
