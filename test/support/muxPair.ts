import type { Channel, ChannelHandler, ChannelReset } from "../../src-main/wire/channels/channel.ts";
import { ChannelMux } from "../../src-main/wire/channels/channelMux.ts";
import { type Frame, parseFrame } from "../../src-main/wire/channels/frame.ts";
import type { ConnectionHandler } from "../../src-main/wire/connection.ts";
import { type MemoryConnection, memoryPair } from "./memoryPair.ts";

/** One end of a connection with channels. */
export class MuxEnd implements ConnectionHandler {
  readonly connection: MemoryConnection;
  readonly mux: ChannelMux;
  /** Every frame that arrived, as it came. */
  readonly received: Frame[] = [];
  malformed = 0;
  onFrame: (frame: Frame) => void = () => {};

  constructor(connection: MemoryConnection, numbers: "even" | "odd", maxChannels?: number) {
    this.connection = connection;
    this.mux = new ChannelMux(connection, { numbers, ...(maxChannels === undefined ? {} : { maxChannels }) });
    connection.handler = this;
  }

  text(): void {}

  binary(bytes: Uint8Array): void {
    // The mux may change the bytes.
    const frame = parseFrame(bytes.slice());
    if (frame !== undefined) {
      this.received.push(frame);
      this.onFrame(frame);
    }
    if (!this.mux.binary(bytes)) this.malformed += 1;
  }

  drained(): void {
    this.mux.drained();
  }

  closed(): void {
    this.mux.lost();
  }
}

/** Two ends in memory: the core's even one and a peer's odd one. */
export function muxPair(maxChannels?: number): { readonly core: MuxEnd; readonly peer: MuxEnd } {
  const [left, right] = memoryPair();
  return { core: new MuxEnd(left, "even", maxChannels), peer: new MuxEnd(right, "odd", maxChannels) };
}

/** What the owner of a channel saw. With `consumes` it takes every byte at once. */
export class RecordingChannel implements ChannelHandler {
  readonly channel: Channel;
  readonly chunks: Uint8Array[] = [];
  ends = 0;
  writables = 0;
  readonly closes: (ChannelReset | undefined)[] = [];
  consumes = true;
  onWritable: () => void = () => {};

  constructor(channel: Channel) {
    this.channel = channel;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  get length(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0);
  }

  data(bytes: Uint8Array): void {
    this.chunks.push(bytes.slice());
    if (this.consumes) this.channel.consumed(bytes.length);
  }

  ended(): void {
    this.ends += 1;
  }

  writable(): void {
    this.writables += 1;
    this.onWritable();
  }

  closed(reset: ChannelReset | undefined): void {
    this.closes.push(reset);
  }
}

export interface OpenedPair {
  readonly near: RecordingChannel;
  readonly far: RecordingChannel;
}

/** A channel that `from` opened and `to` accepted, both attached; `window` holds in both directions. */
export function openPair(from: MuxEnd, to: MuxEnd, window?: number): OpenedPair {
  const near = from.mux.open(window);
  if (near === undefined) throw new Error("too many channels");
  const far = to.mux.accept(near.id, near.receiveWindow, window);
  if (far === undefined) throw new Error("not accepted");
  near.opened(far.receiveWindow);
  const pair = { near: new RecordingChannel(near), far: new RecordingChannel(far) };
  near.attach(pair.near);
  far.attach(pair.far);
  return pair;
}
