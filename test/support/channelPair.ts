import type { Channel } from "../../src-main/wire/channels/channel.ts";
import { ChannelMux } from "../../src-main/wire/channels/channelMux.ts";
import type { ConnectionHandler } from "../../src-main/wire/connection.ts";
import { memoryPair } from "./memoryPair.ts";

export interface ChannelPair {
  /** The end of whoever opened it. */
  readonly near: Channel;
  /** The end that was opened, as the node's code gets it. */
  readonly far: Channel;
  /** Breaks the connection under it. */
  cut(): void;
}

/** Both ends of an open channel, over a connection in memory. */
export function channelPair({ window }: { readonly window?: number } = {}): ChannelPair {
  const [left, right] = memoryPair();
  const leftMux = new ChannelMux(left, { numbers: "even" });
  const rightMux = new ChannelMux(right, { numbers: "odd" });
  left.handler = handlerOf(leftMux);
  right.handler = handlerOf(rightMux);
  const near = leftMux.open(window);
  const far = near === undefined ? undefined : rightMux.accept(near.id, near.receiveWindow);
  if (near === undefined || far === undefined) throw new Error("no channel");
  near.opened(far.receiveWindow);
  return { near, far, cut: () => left.terminate() };
}

function handlerOf(mux: ChannelMux): ConnectionHandler {
  return { text() {}, binary: (bytes) => mux.binary(bytes), drained: () => mux.drained(), closed: () => mux.lost() };
}

/** Reads one end of a channel; a test decides when what came counts as taken. */
export class ChannelReader {
  readonly channel: Channel;
  hasEnded = false;
  closedBy: { readonly code: number; readonly reason: string } | "end" | undefined;
  /** While true, what comes is not confirmed: the other side's window runs out. */
  holding = false;
  readonly #chunks: Uint8Array[] = [];
  #held = 0;

  constructor(channel: Channel) {
    this.channel = channel;
    channel.attach({
      data: (bytes) => {
        this.#chunks.push(bytes.slice());
        this.#held += bytes.length;
        if (!this.holding) this.release();
      },
      ended: () => {
        this.hasEnded = true;
      },
      writable() {},
      closed: (reset) => {
        this.closedBy = reset ?? "end";
      },
    });
  }

  /** Confirms what was held back. */
  release(): void {
    this.channel.consumed(this.#held);
    this.#held = 0;
  }

  get length(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Everything that came. */
  all(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  text(): string {
    return this.all().toString("utf8");
  }
}
