import { fullJitter } from "../../src-main/base/backoff.ts";
import { ByteQueue } from "../../src-main/base/byteQueue.ts";
import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import { type ErrorCode, type PicketError, toPicketError } from "../../src-main/base/errors.ts";
import { type Channel, type ChannelReset, channelWindows } from "../../src-main/wire/channels/channel.ts";
import { resetCode } from "../../src-main/wire/channels/frame.ts";
import type { Link } from "../state/link.svelte.ts";
import { EarlyStream } from "./earlyStream.ts";
import { StreamPosition } from "./streamPosition.ts";
import type { TerminalScreen } from "./terminalScreen.ts";

export type TerminalStatus =
  | { readonly kind: "opening" }
  | { readonly kind: "open" }
  /** The shell goes on without this console until the way to it is back. */
  | { readonly kind: "cut" }
  | { readonly kind: "ended"; readonly exitCode: number | undefined }
  | { readonly kind: "gone" }
  | { readonly kind: "taken" }
  | { readonly kind: "failed"; readonly error: PicketError };

export interface ContainerPlace {
  readonly id: string;
  /** The node's word, for people. */
  readonly name: string;
}

export interface TerminalTabOptions {
  readonly nodeId: string;
  /** A container of the node that the program runs in; undefined: a shell of the node itself. */
  readonly container?: ContainerPlace | undefined;
  /** Which one of the node's, for its name. */
  readonly number: number;
  readonly link: Link;
  readonly clock: Clock;
  readonly screen: TerminalScreen;
  /** A shell that is there already, to be taken up again. */
  readonly session?: string | undefined;
  /** The session has become known, or is over. */
  readonly onSession: () => void;
  /** What to say where output is missing. */
  readonly lostText: (bytes: number) => string;
}

/** Bytes. Nobody types more in the time in which a shell opens. */
const typedAheadLimit = 4096;
/** What heals by itself: the way to the shell, not the shell. */
const passing: readonly ErrorCode[] = ["PEER_LOST", "TIMEOUT", "NODE_OFFLINE", "SHUTTING_DOWN", "RATE_LIMITED"];

/** One shell on a node with its screen. It is taken up again after every loss of the connection, at the byte where it was. */
export class TerminalTab implements Disposable {
  readonly nodeId: string;
  readonly number: number;
  readonly screen: TerminalScreen;
  readonly #options: TerminalTabOptions;
  readonly #owned = new DisposableStore();
  #position = new StreamPosition();
  #session: string | undefined;
  #channel: Channel | undefined;
  #started = false;
  #connecting = false;
  #attempt = 0;
  #timer: Disposable | undefined;
  #exitCode: number | undefined;
  /** Output up to here was shown by an earlier page: what it asks the terminal was answered then. */
  #answeredUntil = 0;
  #processed = 0;
  /** What was typed before the shell was there. */
  readonly #typedAhead = new ByteQueue();
  #closing = false;
  #disposed = false;
  #status = $state.raw<TerminalStatus>({ kind: "opening" });
  #title = $state("");

  constructor(options: TerminalTabOptions) {
    const { link, screen, nodeId } = options;
    this.#options = options;
    this.nodeId = nodeId;
    this.number = options.number;
    this.screen = screen;
    this.#session = options.session;
    this.#owned.add(screen.onInput((bytes) => this.#input(bytes)));
    this.#owned.add(screen.onSize(() => this.#resize()));
    this.#owned.add(
      screen.onTitle((title) => {
        this.#title = printable(title);
      }),
    );
    this.#owned.add(link.onReady(() => this.#retry()));
    this.#owned.add(
      link.onPush("node-changed", ({ node }) => {
        if (node.nodeId === nodeId && node.status === "online") this.#retry();
      }),
    );
    this.#owned.add({ dispose: () => this.#timer?.dispose() });
  }

  get status(): TerminalStatus {
    return this.#status;
  }

  /** What the shell calls itself; empty when it does not say. The text is the node's. */
  get title(): string {
    return this.#title === "" ? printable(this.container?.name ?? "") : this.#title;
  }

  get container(): ContainerPlace | undefined {
    return this.#options.container;
  }

  get session(): string | undefined {
    return this.#session;
  }

  /** Opens the shell, now that the size of the screen is known. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#connect();
  }

  /** Starts a new shell on the same screen, or takes a lost one back. */
  again(): void {
    if (this.#status.kind !== "taken") {
      this.#session = undefined;
      this.#position = new StreamPosition();
      this.screen.reset();
    }
    this.#exitCode = undefined;
    this.#status = { kind: "opening" };
    void this.#connect();
  }

  /** Ends the shell. */
  close(): void {
    this.#closing = true;
    this.#channel?.reset(resetCode.cancelled, "closed");
    this.dispose();
  }

  /** Lets go of the shell, which lives on for a while. */
  dispose(): void {
    this.#disposed = true;
    this.#owned.dispose();
    this.screen.dispose();
  }

  /** Only what waits for the way to the shell. */
  #retry(): void {
    if (!this.#started || (this.#status.kind !== "opening" && this.#status.kind !== "cut")) return;
    this.#attempt = 0;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const { link, nodeId, container } = this.#options;
    const { client } = link;
    if (this.#connecting || this.#channel !== undefined || this.#disposed || client === undefined) return;
    this.#timer?.dispose();
    this.#connecting = true;
    const { received } = this.#position;
    const stream = new EarlyStream((channel) => ({
      data: (bytes) => this.#output(bytes, channel),
      ended: () => channel.end(),
      closed: (reset) => this.#closed(channel, reset),
    }));
    try {
      const { channel, result } = await client.openChannel({
        kind: container === undefined ? "terminal" : "docker-exec",
        nodeId,
        window: channelWindows.terminal,
        params: {
          ...this.screen.size,
          ...(container === undefined ? {} : { container: container.id }),
          ...(this.#session === undefined ? {} : { session: this.#session }),
          ...(received === undefined ? {} : { offset: received }),
        },
        handler: stream,
        onResult: ({ exit_code: code }) => {
          this.#exitCode = typeof code === "number" ? code : undefined;
        },
      });
      this.#opened(channel, result);
      stream.opened(channel);
    } catch (thrown) {
      this.#failed(toPicketError(thrown));
    } finally {
      this.#connecting = false;
    }
  }

  #opened(channel: Channel, { session, offset, end }: Readonly<Record<string, unknown>>): void {
    if (this.#disposed) {
      // A shell that was there before is left for later, unless it was closed.
      const left = this.#session !== undefined && !this.#closing;
      channel.reset(left ? resetCode.peerLost : resetCode.cancelled, "closed");
      return;
    }
    this.#channel = channel;
    this.#attempt = 0;
    const from = typeof offset === "number" ? offset : 0;
    if (this.#position.received === undefined) {
      this.#answeredUntil = typeof end === "number" ? end : from;
      this.#processed = from;
    }
    const missing = this.#position.resume(from);
    if (missing > 0) {
      this.screen.remark(this.#options.lostText(missing));
      this.#processed += missing;
    }
    if (typeof session === "string" && session !== this.#session) {
      this.#session = session;
      this.#options.onSession();
    }
    this.#status = { kind: "open" };
    // The window may have changed its size while the shell could not be told.
    this.#resize();
    if (this.#typedAhead.length > 0) channel.write(this.#typedAhead.take(typedAheadLimit));
  }

  #output(bytes: Uint8Array, channel: Channel): void {
    const fresh = this.#position.take(bytes);
    this.screen.write(fresh, () => {
      this.#processed += fresh.length;
      // More may come only when the screen has taken these.
      channel.consumed(bytes.length);
    });
  }

  #closed(channel: Channel, reset: ChannelReset | undefined): void {
    if (this.#channel !== channel || this.#disposed) return;
    this.#channel = undefined;
    if (reset === undefined || this.#exitCode !== undefined) {
      this.#over({ kind: "ended", exitCode: this.#exitCode });
    } else if (reset.code === resetCode.cancelled) {
      this.#status = { kind: "taken" };
    } else {
      this.#cut();
    }
  }

  #failed(error: PicketError): void {
    if (this.#disposed) return;
    if (passing.includes(error.code)) this.#cut();
    else if (error.code === "SESSION_NOT_FOUND") this.#over({ kind: "gone" });
    else this.#over({ kind: "failed", error });
  }

  #over(status: TerminalStatus): void {
    this.#session = undefined;
    this.#status = status;
    this.#options.onSession();
  }

  /** Tries again: when the link or the node is back at once, otherwise now and then. */
  #cut(): void {
    const { clock } = this.#options;
    if (this.#session !== undefined) this.#status = { kind: "cut" };
    this.#timer?.dispose();
    this.#timer = clock.schedule(500 + fullJitter(this.#attempt, { cap: 15_000 }), () => void this.#connect());
    this.#attempt += 1;
  }

  #input(bytes: Uint8Array): void {
    if (this.#processed < this.#answeredUntil) return;
    if (this.#channel !== undefined) this.#channel.write(bytes);
    else if (this.#status.kind === "opening" && this.#typedAhead.length + bytes.length <= typedAheadLimit) {
      this.#typedAhead.append(bytes);
    }
  }

  #resize(): void {
    const session = this.#session;
    if (this.#channel === undefined || session === undefined) return;
    const { link, nodeId } = this.#options;
    link.request("terminal-resize", { vmId: nodeId, session, ...this.screen.size }).catch(() => {});
  }
}

/** A title without what could make a label lie or break: controls, and marks that turn the direction of text. */
function printable(title: string): string {
  return title.replace(/[\p{Cc}\p{Cf}]/gu, "").slice(0, 64);
}
