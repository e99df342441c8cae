import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import { RoomClient, type RoomRefusal } from "../../src-main/protocols/rooms/client.ts";
import type { Connection } from "../../src-main/wire/connection.ts";
import { type Attach, type ClientState, ReconnectingClient } from "../../src-main/wire/reconnectingClient.ts";
import { PromptHistory } from "./promptHistory.ts";
import { RoomTranscript } from "./roomTranscript.svelte.ts";

export type RoomStatus =
  | { readonly kind: "connecting" }
  | { readonly kind: "joined" }
  /** `until` is on the clock's wall side. */
  | { readonly kind: "waiting"; readonly until: number }
  /** The relay does not want this token; it is not tried again by itself. */
  | { readonly kind: "refused"; readonly message: string };

export interface JoinedRoomOptions {
  readonly id: number;
  readonly relay: string;
  readonly token: string;
  readonly clock: Clock;
  readonly dial: (attach: Attach) => Promise<Connection>;
}

/** How often the relay is asked whether anybody else is there. */
const checkInterval = 10_000;

/** A room that this console is in as the device that commands: kept up until it is left. */
export class JoinedRoom implements Disposable {
  readonly id: number;
  readonly relay: string;
  readonly transcript = new RoomTranscript();
  readonly history = new PromptHistory();
  /** Nobody has looked at it yet: whoever joined it wants to type there next. */
  isNew = true;
  readonly #options: JoinedRoomOptions;
  readonly #link: ReconnectingClient;
  readonly #owned = new DisposableStore();
  #client: RoomClient | undefined;
  #refusal: RoomRefusal | undefined;
  #status = $state.raw<RoomStatus>({ kind: "connecting" });
  #company = $state<boolean | undefined>();
  #sessionId = $state<string | undefined>();

  constructor(options: JoinedRoomOptions) {
    this.#options = options;
    this.id = options.id;
    this.relay = options.relay;
    const { clock } = options;
    this.#link = this.#owned.add(
      new ReconnectingClient({ clock, dial: options.dial, attach: (connection) => this.#attach(connection) }),
    );
    this.#owned.add(this.#link.onState((state) => this.#onState(state)));
    this.#owned.add(clock.repeat(checkInterval, () => this.#check()));
    this.#link.start();
  }

  get status(): RoomStatus {
    return this.#status;
  }

  /** Whether anybody else is there; undefined while that is not known. */
  get company(): boolean | undefined {
    return this.#company;
  }

  /** The name of the room's life, where the relay says it. */
  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  isOf(relay: string, token: string): boolean {
    return this.relay === relay && this.#options.token === token;
  }

  /** Asks every other device for a command; false when this console is not in the room at the moment. */
  execute(command: string): boolean {
    if (this.#client === undefined) return false;
    this.#client.execute(command);
    this.history.add(command);
    this.#note("sent", command);
    this.#check();
    return true;
  }

  retryNow(): void {
    if (this.#status.kind === "refused") this.#link.start();
    else this.#link.retryNow();
  }

  /** Leaves the room for good. */
  dispose(): void {
    this.#client = undefined;
    this.#owned.dispose();
  }

  #attach(connection: Connection): RoomClient {
    const { token, clock } = this.#options;
    this.#refusal = undefined;
    const client = new RoomClient(
      connection,
      {
        joined: (sessionId) => {
          this.#client = client;
          this.#sessionId = sessionId;
          this.#link.accepted();
          this.#status = { kind: "joined" };
          this.#note("joined", "");
          this.#check();
        },
        refused: (refusal) => this.#onRefused(refusal),
        execute: (command) => this.#note("asked", command),
        executeResult: (data) => this.#note("result", data),
        checked: (others) => {
          this.#company = others;
        },
        closed: () => this.#onClosed(client),
      },
      { token, clock },
    );
    return client;
  }

  #onRefused(refusal: RoomRefusal): void {
    this.#refusal = refusal;
    this.#note("refused", refusal.message);
    if (!refusal.later) this.#link.stop("refused");
  }

  #onClosed(client: RoomClient): void {
    this.#company = undefined;
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#sessionId = undefined;
    if (this.#refusal === undefined) this.#note("lost", "");
  }

  #onState(state: ClientState): void {
    if (state.status === "stopped") this.#status = { kind: "refused", message: this.#refusal?.message ?? "" };
    else if (state.status === "waiting") {
      this.#status = { kind: "waiting", until: this.#options.clock.wallTime() + state.delay };
      // The state `connected` says only that a socket is open: the room is entered when the relay has said so.
    } else if (this.#client === undefined) this.#status = { kind: "connecting" };
  }

  #check(): void {
    this.#client?.checkDevice();
  }

  #note(kind: Parameters<RoomTranscript["add"]>[0], text: string): void {
    this.transcript.add(kind, text, this.#options.clock.wallTime());
  }
}
