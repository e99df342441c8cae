import { type Connection, wireLimits } from "../connection.ts";
import { Channel, channelWindows } from "./channel.ts";
import { frameType, parseFrame, resetCode, resetFrame } from "./frame.ts";

export interface ChannelMuxOptions {
  /** The core numbers its channels evenly, nodes and consoles oddly. */
  readonly numbers: "even" | "odd";
  /** How many channels the connection may carry at a time. @default 256 */
  readonly maxChannels?: number;
}

/** How many channels that are gone are remembered, so that late frames for them are not answered again and again. */
const rememberedChannels = 1024;

/**
 * The channels of one connection: numbers them, routes binary frames to them and lets them take turns when the network
 * is slower than they are.
 */
export class ChannelMux {
  readonly #connection: Connection;
  readonly #own: 0 | 1;
  readonly #maxChannels: number;
  readonly #channels = new Map<number, Channel>();
  readonly #gone = new Set<number>();
  /** Channels with something to send, in the order of their turns. */
  readonly #waiting = new Set<Channel>();
  #nextId: number;
  #pumping = false;

  constructor(connection: Connection, options: ChannelMuxOptions) {
    this.#connection = connection;
    this.#own = options.numbers === "even" ? 0 : 1;
    this.#nextId = options.numbers === "even" ? 2 : 1;
    this.#maxChannels = options.maxChannels ?? 256;
  }

  get size(): number {
    return this.#channels.size;
  }

  /** Whether bulk bytes may be handed to the network now. */
  get hasRoom(): boolean {
    return this.#connection.bufferedBytes < wireLimits.bulkBufferedBytes;
  }

  /** A channel that this side is about to open; undefined when there are too many. */
  open(receiveWindow: number = channelWindows.initial): Channel | undefined {
    if (this.#channels.size >= this.#maxChannels) return undefined;
    const channel = new Channel(this, this.#nextId, receiveWindow);
    this.#nextId += 2;
    this.#channels.set(channel.id, channel);
    return channel;
  }

  /**
   * The channel that the other side asks to open; undefined when its number is not one the other side may use, is in
   * use, or there are too many.
   */
  accept(id: number, sendWindow: number, receiveWindow: number = channelWindows.initial): Channel | undefined {
    const theirs = id % 2 !== this.#own && id > 0 && id <= 0xffffffff;
    if (!theirs || this.#channels.has(id) || this.#channels.size >= this.#maxChannels) return undefined;
    const channel = new Channel(this, id, receiveWindow);
    channel.opened(sendWindow);
    this.#channels.set(id, channel);
    this.#gone.delete(id);
    return channel;
  }

  get(id: number): Channel | undefined {
    return this.#channels.get(id);
  }

  /** Takes a binary message; false when it is malformed. */
  binary(bytes: Uint8Array): boolean {
    const frame = parseFrame(bytes);
    if (frame === undefined) return false;
    const channel = this.#channels.get(frame.channel);
    if (channel !== undefined) {
      channel.received(frame, bytes);
      return true;
    }
    if (frame.type !== frameType.reset && !this.#gone.has(frame.channel)) {
      this.sendReset(frame.channel, resetCode.unknownChannel, "no such channel");
      this.#remember(frame.channel);
    }
    return true;
  }

  /** The network took what was buffered. */
  drained(): void {
    this.#pumpAll();
  }

  /** The connection is gone: every channel ends with `peer lost`. */
  lost(): void {
    for (const channel of [...this.#channels.values()]) channel.lost("peer lost");
    this.#waiting.clear();
  }

  /** Lets `channel` send what it has as far as credit and the network allow. For `Channel` only. */
  pump(channel: Channel): void {
    this.#waiting.add(channel);
    this.#pumpAll();
  }

  send(frame: Uint8Array): void {
    this.#connection.sendBinary(frame);
  }

  sendReset(id: number, code: number, reason: string): void {
    this.#connection.sendBinary(resetFrame(id, code, reason));
  }

  /** For `Channel` only. */
  forget(channel: Channel, remember: boolean): void {
    this.#channels.delete(channel.id);
    this.#waiting.delete(channel);
    if (remember) this.#remember(channel.id);
  }

  #pumpAll(): void {
    // A queued step may write: it joins the round that is running.
    if (this.#pumping) return;
    this.#pumping = true;
    for (const channel of this.#waiting) {
      if (!this.hasRoom) {
        this.#connection.notifyDrained();
        break;
      }
      // Deleted and added again, a channel goes to the end of the set's order: that is its next turn.
      this.#waiting.delete(channel);
      if (channel.sendNext()) this.#waiting.add(channel);
    }
    this.#pumping = false;
  }

  #remember(id: number): void {
    this.#gone.add(id);
    if (this.#gone.size <= rememberedChannels) return;
    for (const oldest of this.#gone) {
      this.#gone.delete(oldest);
      break;
    }
  }
}
