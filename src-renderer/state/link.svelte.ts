import type { Clock } from "../../src-main/base/clock.ts";
import { type Disposable, DisposableStore, toDisposable } from "../../src-main/base/disposable.ts";
import { Emitter } from "../../src-main/base/emitter.ts";
import { PicketError, toPicketError } from "../../src-main/base/errors.ts";
import { MachinesClient } from "../../src-main/protocols/machines/client.ts";
import type {
  ParamsInput,
  PushData,
  PushType,
  RequestType,
  ResultOf,
} from "../../src-main/protocols/machines/messages.ts";
import { type Connection, closeCode } from "../../src-main/wire/connection.ts";
import { DialError } from "../../src-main/wire/dialError.ts";
import { type Attach, type ClientState, ReconnectingClient } from "../../src-main/wire/reconnectingClient.ts";
import type { Session } from "./session.svelte.ts";

export type LinkStatus =
  | { readonly kind: "down" }
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  /** `until` is on the clock's wall side. */
  | { readonly kind: "waiting"; readonly until: number };

export type Hello = ResultOf<"hello">;

export interface LinkOptions {
  readonly session: Session;
  readonly clock: Clock;
  readonly dial: (attach: Attach) => Promise<Connection>;
}

/** The connection to the core: dialled, signed in, and brought back when it is lost. */
export class Link implements Disposable {
  readonly #options: LinkOptions;
  readonly #reconnecting: ReconnectingClient;
  readonly #ready = new Emitter<MachinesClient>();
  readonly #pushes = new Map<PushType, Emitter<unknown>>();
  readonly #owned = new DisposableStore();
  #client: MachinesClient | undefined;
  #status = $state.raw<LinkStatus>({ kind: "down" });
  #hello = $state.raw<Hello | undefined>();
  #lostAt = $state<number | undefined>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#reconnecting = new ReconnectingClient({
      clock: options.clock,
      dial: (attach) => this.#dial(attach),
      attach: (connection) => this.#attach(connection),
    });
    this.#owned.add(this.#reconnecting.onState((state) => this.#onState(state)));
    this.#owned.add(
      options.session.onToken((token) => {
        if (this.#client === undefined) this.#reconnecting.start();
        else this.#client.request("auth", { token }).catch(() => {});
      }),
    );
  }

  get status(): LinkStatus {
    return this.#status;
  }

  get isOnline(): boolean {
    return this.#status.kind === "online";
  }

  /** What the core said at the last greeting; it stays while the link is down. */
  get hello(): Hello | undefined {
    return this.#hello;
  }

  /** Since when what is on the screen is no longer kept up; undefined while it is. Wall side. */
  get lostAt(): number | undefined {
    return this.#lostAt;
  }

  /** The client, while the core can be asked. */
  get client(): MachinesClient | undefined {
    return this.#client;
  }

  /** @throws {PicketError} the core's code, or `PEER_LOST` at once while the link is down */
  request<T extends RequestType>(type: T, params: ParamsInput<T>): Promise<ResultOf<T>> {
    return this.#client?.request(type, params) ?? Promise.reject(new PicketError("PEER_LOST"));
  }

  /** Calls `listener` now if the core can be asked, and every time that it can be asked again. */
  onReady(listener: (client: MachinesClient) => void): Disposable {
    if (this.#client !== undefined) listener(this.#client);
    return this.#ready.subscribe(listener);
  }

  /** Hears a push on this connection and on all that follow it. */
  onPush<T extends PushType>(type: T, listener: (data: PushData<T>) => void): Disposable {
    let emitter = this.#pushes.get(type);
    if (emitter === undefined) {
      emitter = new Emitter<unknown>();
      this.#pushes.set(type, emitter);
      if (this.#client !== undefined) passOn(this.#client, type, emitter);
    }
    // Only what was parsed as this type is emitted here.
    return emitter.subscribe((data) => listener(data as PushData<T>));
  }

  /** Is subscribed to a topic, over every loss of the connection, until disposed. */
  keepSubscribed(params: ParamsInput<"subscribe">): Disposable {
    const subscribing = this.onReady((client) => {
      client.request("subscribe", params).catch(() => {});
    });
    return toDisposable(() => {
      subscribing.dispose();
      this.#client?.request("unsubscribe", params).catch(() => {});
    });
  }

  retryNow(): void {
    this.#reconnecting.retryNow();
  }

  /** Nobody is signed in any more. */
  stop(): void {
    this.#reconnecting.stop("signed out", closeCode.normal);
    this.#hello = undefined;
    this.#lostAt = undefined;
  }

  dispose(): void {
    this.stop();
    this.#owned.dispose();
  }

  async #dial(attach: Attach): Promise<Connection> {
    const token = await this.#options.session.token();
    if (token === undefined) throw new DialError("not signed in");
    return this.#options.dial(attach);
  }

  #attach(connection: Connection): MachinesClient {
    const client = new MachinesClient(connection, {
      clock: this.#options.clock,
      onClosed: (code) => {
        if (this.#client === client) this.#client = undefined;
        if (code === closeCode.policyViolation) this.#options.session.refused();
      },
    });
    void this.#greet(client);
    return client;
  }

  async #greet(client: MachinesClient): Promise<void> {
    try {
      const token = await this.#options.session.token();
      if (token === undefined) throw new PicketError("UNAUTHORIZED");
      await client.request("auth", { token });
      const hello = await client.hello();
      this.#hello = hello;
      this.#client = client;
      this.#reconnecting.accepted();
      this.#lostAt = undefined;
      this.#status = { kind: "online" };
      for (const [type, emitter] of this.#pushes) passOn(client, type, emitter);
      this.#ready.emit(client);
    } catch (error) {
      if (toPicketError(error).code === "UNAUTHORIZED") this.#options.session.refused();
      client.close();
    }
  }

  #onState(state: ClientState): void {
    const { clock } = this.#options;
    if (this.#status.kind === "online") this.#lostAt = clock.wallTime();
    if (state.status === "waiting") this.#status = { kind: "waiting", until: clock.wallTime() + state.delay };
    else this.#status = { kind: state.status === "stopped" ? "down" : "connecting" };
  }
}

function passOn(client: MachinesClient, type: PushType, emitter: Emitter<unknown>): void {
  client.onPush(type, (data) => emitter.emit(data));
}
