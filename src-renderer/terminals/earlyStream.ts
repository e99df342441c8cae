import type { Channel, ChannelHandler, ChannelReset } from "../../src-main/wire/channels/channel.ts";

/** What is done with a stream once it is known what it is. */
export type StreamEnd = Pick<ChannelHandler, "data" | "ended" | "closed">;

/**
 * Keeps what a stream delivers until somebody has read the answer to its opening: the first bytes come in the same turn
 * as the answer that says where they belong.
 */
export class EarlyStream implements ChannelHandler {
  readonly #attach: (channel: Channel) => StreamEnd;
  #early: ((end: StreamEnd) => void)[] = [];
  #end: StreamEnd | undefined;

  constructor(attach: (channel: Channel) => StreamEnd) {
    this.#attach = attach;
  }

  /** From here on everything is passed on, first what came already. */
  opened(channel: Channel): void {
    const end = this.#attach(channel);
    this.#end = end;
    for (const step of this.#early) step(end);
    this.#early = [];
  }

  data(bytes: Uint8Array): void {
    this.#pass((end) => end.data(bytes));
  }

  ended(): void {
    this.#pass((end) => end.ended());
  }

  writable(): void {}

  closed(reset: ChannelReset | undefined): void {
    this.#pass((end) => end.closed(reset));
  }

  #pass(step: (end: StreamEnd) => void): void {
    if (this.#end === undefined) this.#early.push(step);
    else step(this.#end);
  }
}
