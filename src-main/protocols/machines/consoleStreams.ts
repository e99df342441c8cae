import { PicketError, toPicketError } from "../../base/errors.ts";
import type { Core } from "../../core/core.ts";
import type { Principal } from "../../core/identity/principal.ts";
import { abandonReset } from "../../core/streams/abandonReset.ts";
import type { Stream } from "../../core/streams/stream.ts";
import { type Channel, channelWindows } from "../../wire/channels/channel.ts";
import { ChannelMux } from "../../wire/channels/channelMux.ts";
import type { Connection } from "../../wire/connection.ts";
import { visibleNode } from "./dispatch.ts";
import { LogTail } from "./logTail.ts";
import type { ChannelMessages } from "./messages/channels.ts";

/** The console's end. Every stream here is a channel, so that two can be spliced. */
type Near = Stream & Pick<Channel, "lost">;
type Answer = "channel_opened" | "channel_rejected" | "channel_result";

export interface ConsoleStreamsOptions {
  readonly connection: Connection;
  readonly core: Core;
  readonly principal: () => Principal;
  send(type: Answer, data: ChannelMessages[Answer]): void;
}

/** Kinds whose session has a size. */
const resizable: ReadonlySet<string> = new Set(["terminal", "docker-exec"]);

/** The channels of one console: each is spliced to one of the node that it names. */
export class ConsoleStreams {
  readonly mux: ChannelMux;
  readonly #options: ConsoleStreamsOptions;
  /** The terminal sessions that this console has open, and on which node. */
  readonly #terminals = new Map<string, string>();

  constructor(options: ConsoleStreamsOptions) {
    this.#options = options;
    this.mux = new ChannelMux(options.connection, { numbers: "even" });
  }

  /** The node that a terminal session of this console runs on. */
  terminalNode(session: string): string | undefined {
    return this.#terminals.get(session);
  }

  async open({ channel, kind, params, window }: ChannelMessages["channel_open"]): Promise<void> {
    const { core, send } = this.#options;
    const principal = this.#options.principal();
    // Nothing may come from the console before the node's end is open.
    const near: Near | undefined = this.mux.accept(channel, window, 0);
    if (near === undefined) {
      const error = new PicketError("INVALID_PARAMS", { details: "data.channel: in use, not odd, or too many" });
      send("channel_rejected", { channel, error_code: error.code, message: `${error.message} ${error.details}` });
      return;
    }
    try {
      const { node_id: nodeId, ...rest } = params;
      if (kind === "logs" && nodeId === undefined) {
        this.#openTail(near, channel, rest);
        return;
      }
      if (typeof nodeId !== "string") {
        throw new PicketError("INVALID_PARAMS", { details: "data.params.node_id: string expected" });
      }
      const node = visibleNode(core, principal, nodeId);
      const far = await core.streams.open(
        { principal, node, kind, params: rest },
        {
          window,
          result: (result) => near.afterQueued(() => send("channel_result", { channel, result: { ...result } })),
        },
      );
      if (near.isClosed) {
        far.release();
        far.stream.reset(abandonReset(rest), "the console went away");
        return;
      }
      const { session } = far.result;
      if (resizable.has(kind) && typeof session === "string") this.#terminals.set(session, nodeId);
      near.whenClosed(() => {
        far.release();
        if (typeof session === "string") this.#terminals.delete(session);
      });
      // No more than the splice lets through, whatever the node allows.
      const allowed = Math.min(far.window, channelWindows.maximum);
      send("channel_opened", { channel, window: allowed, result: { ...far.result } });
      near.splice(far.stream);
    } catch (thrown) {
      const error = toPicketError(thrown);
      near.lost("rejected");
      const message = error.details === undefined ? error.message : `${error.message} (${error.details})`;
      send("channel_rejected", { channel, error_code: error.code, message });
    }
  }

  /** Lines of many nodes come from the core itself. */
  #openTail(near: Near, channel: number, params: Readonly<Record<string, unknown>>): void {
    const { core, principal, send } = this.#options;
    // Before the first line: it may be there at once.
    const tail = LogTail.open({ core, principal, stream: near }, params);
    send("channel_opened", { channel, window: 0, result: {} });
    tail.start();
  }
}
