import type { Clock } from "../../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../../src-main/base/disposable.ts";
import { type PicketError, toPicketError } from "../../../../src-main/base/errors.ts";
import type { Channel } from "../../../../src-main/wire/channels/channel.ts";
import { resetCode } from "../../../../src-main/wire/channels/frame.ts";
import type { Link } from "../../../state/link.svelte.ts";
import { EarlyStream } from "../../../terminals/earlyStream.ts";

export interface ContainerOutputOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly container: string;
}

export type OutputStatus =
  | { readonly kind: "opening" }
  | { readonly kind: "following" }
  | { readonly kind: "ended" }
  | { readonly kind: "cut" }
  | { readonly kind: "failed"; readonly error: PicketError };

/** Characters that are kept on the page. */
const longest = 262_144;
const tail = 1_000;
/** Small: what is held back waits with the engine, not here. */
const receiveWindow = 64 * 1024;
const gatherTime = 120;

/** What a container prints, followed from its last lines on. */
export class ContainerOutput implements Disposable {
  readonly #options: ContainerOutputOptions;
  readonly #owned = new DisposableStore();
  #channel: Channel | undefined;
  #timer: Disposable | undefined;
  #gathered = "";
  /** Bytes that came while the page was held: the engine is told that they were taken when it goes on. */
  #owed = 0;
  #opening = false;
  #text = $state.raw("");
  #held = $state(false);
  #status = $state.raw<OutputStatus>({ kind: "opening" });

  constructor(options: ContainerOutputOptions) {
    this.#options = options;
    this.#owned.add(options.link.onReady(() => void this.#open()));
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  get text(): string {
    return this.#text;
  }

  get status(): OutputStatus {
    return this.#status;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Keeps the page as it is, and the engine from sending more; or lets both go on. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) return;
    this.#channel?.consumed(this.#owed);
    this.#owed = 0;
    this.#show();
  }

  /** From the last lines on, once more. */
  again(): void {
    void this.#open();
  }

  dispose(): void {
    this.#owned.dispose();
    this.#channel?.reset(resetCode.cancelled, "closed");
  }

  async #open(): Promise<void> {
    const { link, nodeId, container } = this.#options;
    const { client } = link;
    if (client === undefined || this.#owned.disposed || this.#opening || this.#channel !== undefined) return;
    this.#opening = true;
    const decoder = new TextDecoder();
    const stream = new EarlyStream((channel) => ({
      data: (bytes) => this.#print(decoder.decode(bytes, { stream: true }), { channel, bytes: bytes.length }),
      ended: () => {
        this.#status = { kind: "ended" };
        channel.end();
      },
      closed: () => this.#closed(channel),
    }));
    try {
      const params = { container, follow: true, tail };
      const { channel } = await client.openChannel({
        kind: "docker-logs",
        nodeId,
        params,
        window: receiveWindow,
        handler: stream,
      });
      if (this.#owned.disposed) {
        channel.reset(resetCode.cancelled, "closed");
        return;
      }
      this.#gathered = "";
      this.#text = "";
      this.#owed = 0;
      this.#status = { kind: "following" };
      this.#channel = channel;
      stream.opened(channel);
    } catch (thrown) {
      const error = toPicketError(thrown);
      this.#status = error.code === "PEER_LOST" ? { kind: "cut" } : { kind: "failed", error };
    } finally {
      this.#opening = false;
    }
  }

  #closed(channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    if (this.#status.kind === "following") this.#status = { kind: "cut" };
  }

  #print(text: string, { channel, bytes }: { readonly channel: Channel; readonly bytes: number }): void {
    this.#gathered = (this.#gathered + text).slice(-longest);
    if (this.#held) {
      this.#owed += bytes;
      return;
    }
    channel.consumed(bytes);
    this.#timer ??= this.#options.clock.schedule(gatherTime, () => {
      this.#timer = undefined;
      this.#show();
    });
  }

  #show(): void {
    if (this.#held || this.#gathered === "") return;
    this.#text = (this.#text + this.#gathered).slice(-longest);
    this.#gathered = "";
  }
}
