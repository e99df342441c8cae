import type { Clock } from "../../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../../src-main/base/disposable.ts";
import { toPicketError } from "../../../src-main/base/errors.ts";
import type { Channel } from "../../../src-main/wire/channels/channel.ts";
import { resetCode } from "../../../src-main/wire/channels/frame.ts";
import type { Link } from "../../state/link.svelte.ts";
import { EarlyStream } from "../../terminals/earlyStream.ts";

export interface LiveOutputOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly commandId: string;
}

/** No more than this is kept on the page; the whole is stored when the command has ended. */
const longest = 131_072;
/** What is printed is shown this much later, together: more often nobody can read it. */
const gatherTime = 120;

/** What a running command prints, read along from the oldest that the node still has. */
export class LiveOutput implements Disposable {
  readonly #options: LiveOutputOptions;
  readonly #owned = new DisposableStore();
  #channel: Channel | undefined;
  #timer: Disposable | undefined;
  #gathered = "";
  #text = $state.raw("");
  #available = $state<boolean | undefined>();

  constructor(options: LiveOutputOptions) {
    this.#options = options;
    this.#owned.add(options.link.onReady(() => void this.#open()));
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  get text(): string {
    return this.#text;
  }

  /** False when this cannot be read along with; undefined before that is known. */
  get available(): boolean | undefined {
    return this.#available;
  }

  dispose(): void {
    this.#owned.dispose();
    this.#channel?.reset(resetCode.cancelled, "closed");
  }

  async #open(): Promise<void> {
    const { link, nodeId, commandId } = this.#options;
    const { client } = link;
    if (client === undefined || this.#owned.disposed) return;
    const decoder = new TextDecoder();
    const stream = new EarlyStream((channel) => ({
      data: (bytes) => {
        this.#print(decoder.decode(bytes, { stream: true }));
        channel.consumed(bytes.length);
      },
      ended: () => channel.end(),
      closed: () => {
        if (this.#channel === channel) this.#channel = undefined;
      },
    }));
    try {
      const { channel } = await client.openChannel({
        kind: "exec",
        nodeId,
        params: { command_id: commandId },
        handler: stream,
      });
      if (this.#owned.disposed) {
        channel.reset(resetCode.cancelled, "closed");
        return;
      }
      // After a loss of the link it begins again with the oldest that is kept.
      this.#text = "";
      this.#gathered = "";
      this.#available = true;
      this.#channel = channel;
      stream.opened(channel);
    } catch (thrown) {
      if (toPicketError(thrown).code !== "PEER_LOST") this.#available = false;
    }
  }

  #print(text: string): void {
    this.#gathered = (this.#gathered + text).slice(-longest);
    this.#timer ??= this.#options.clock.schedule(gatherTime, () => {
      this.#timer = undefined;
      this.#text = (this.#text + this.#gathered).slice(-longest);
      this.#gathered = "";
    });
  }
}
