import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { type ErrorCode, isErrorCode, PicketError } from "../../base/errors.ts";
import type { StreamRequest } from "../../core/nodes/nodeLink.ts";
import { abandonReset } from "../../core/streams/abandonReset.ts";
import type { NearEnd, NodeStream } from "../../core/streams/stream.ts";
import type { Channel } from "../../wire/channels/channel.ts";
import type { ChannelMux } from "../../wire/channels/channelMux.ts";
import type { CoreMessageData, NodeToCore } from "./messages.ts";

export interface NodeStreamsOptions {
  readonly mux: ChannelMux;
  readonly clock: Clock;
  sendOpen(data: CoreMessageData<"channel_open">): void;
  sendRejected(data: CoreMessageData<"channel_rejected">): void;
}

interface PendingOpen {
  readonly channel: Channel;
  readonly timer: Disposable;
  resolve(stream: NodeStream): void;
  reject(error: PicketError): void;
}

/** A node answers an open within this, or the stream is given up. Starting a shell takes milliseconds. */
const openTimeout = 15_000;

/** The streams that the core opens on one node's connection. */
export class NodeStreams {
  readonly mux: ChannelMux;
  readonly #options: NodeStreamsOptions;
  readonly #pending = new Map<number, PendingOpen>();
  /** By channel: who is told the result that comes at the end. */
  readonly #results = new Map<number, NearEnd>();

  constructor(options: NodeStreamsOptions) {
    this.#options = options;
    this.mux = options.mux;
  }

  /** @throws {PicketError} `CHANNEL_LIMIT`, `TIMEOUT`, `PEER_LOST`, or the node's own code */
  open(request: StreamRequest, near: NearEnd): Promise<NodeStream> {
    const channel = this.mux.open(near.window);
    if (channel === undefined) return Promise.reject(new PicketError("CHANNEL_LIMIT"));
    const { id, receiveWindow } = channel;
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.schedule(openTimeout, () => {
        this.#settle(id)?.reject(new PicketError("TIMEOUT", { details: "the node did not open the stream" }));
        // On a link that is slow, not broken, the node still gets this.
        channel.reset(abandonReset(request.params), "timed out");
      });
      this.#pending.set(id, { channel, timer, resolve, reject });
      this.#results.set(id, near);
      channel.whenClosed(() => {
        this.#results.delete(id);
        this.#settle(id)?.reject(new PicketError("PEER_LOST"));
      });
      this.#options.sendOpen({
        channel: id,
        kind: request.kind,
        params: request.params,
        window: receiveWindow,
      });
    });
  }

  /** Takes a message about channels; false when it is none. */
  message(message: NodeToCore): boolean {
    switch (message.type) {
      case "channel_opened": {
        const { channel, window, result } = message.data;
        const pending = this.#settle(channel);
        if (pending === undefined) return true;
        pending.channel.opened(window);
        pending.resolve({ stream: pending.channel, window, result });
        return true;
      }
      case "channel_rejected": {
        const { channel, error_code, message: reason } = message.data;
        const pending = this.#settle(channel);
        if (pending === undefined) return true;
        pending.channel.lost("rejected");
        const code: ErrorCode = isErrorCode(error_code) ? error_code : "INTERNAL_ERROR";
        pending.reject(new PicketError(code, reason === "" ? {} : { details: reason.slice(0, 512) }));
        return true;
      }
      case "channel_result": {
        const near = this.#results.get(message.data.channel);
        this.#results.delete(message.data.channel);
        near?.result(message.data.result);
        return true;
      }
      case "channel_open": {
        const error = new PicketError("UNSUPPORTED");
        const { channel } = message.data;
        this.#options.sendRejected({ channel, error_code: error.code, message: error.message });
        return true;
      }
      default:
        return false;
    }
  }

  /** The connection is gone. */
  lost(): void {
    this.mux.lost();
  }

  #settle(id: number): PendingOpen | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.dispose();
    return pending;
  }
}
