import { fullJitter } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { type Connection, type ConnectionHandler, closeCode } from "./connection.ts";
import { DialError } from "./dialError.ts";

export type ClientState =
  | { readonly status: "connecting"; readonly attempt: number }
  | { readonly status: "connected" }
  | { readonly status: "waiting"; readonly attempt: number; readonly delay: number; readonly reason: string }
  | { readonly status: "stopped"; readonly reason: string };

export type Attach = (connection: Connection) => ConnectionHandler;

export interface ReconnectingClientOptions {
  /** Opens a connection and attaches the handler that `attach` makes before the first message. */
  readonly dial: (attach: Attach) => Promise<Connection>;
  /** Makes the protocol's handler for a new connection. */
  readonly attach: Attach;
  readonly clock: Clock;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * Keeps one connection up: dials, and when it is lost dials again after a full-jitter exponential back-off of 1 s to
 * 60 s, or when the server asked to be asked, or at once after `retryNow`. It never gives up by itself.
 */
export class ReconnectingClient implements Disposable {
  readonly #options: ReconnectingClientOptions;
  readonly #states = new Emitter<ClientState>();
  #state: ClientState = { status: "stopped", reason: "not started" };
  #connection: Connection | undefined;
  #attempt = 0;
  #timer: Disposable | undefined;
  /** Which dial is the current one: an older one that still completes is closed. */
  #generation = 0;

  constructor(options: ReconnectingClientOptions) {
    this.#options = options;
  }

  get state(): ClientState {
    return this.#state;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  onState(listener: (state: ClientState) => void): Disposable {
    return this.#states.subscribe(listener);
  }

  start(): void {
    if (this.#state.status === "stopped") this.#dial();
  }

  /** The protocol was let in: the next loss starts from the shortest delay again. */
  accepted(): void {
    this.#attempt = 0;
  }

  /** After a wake-up or a network change: no reason to wait any longer. */
  retryNow(): void {
    if (this.#state.status !== "waiting") return;
    this.#attempt = 0;
    this.#dial();
  }

  /** Closes and stays closed until `start`. */
  stop(reason: string, code: number = closeCode.goingAway): void {
    this.#generation += 1;
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#setState({ status: "stopped", reason });
    this.#connection?.close(code, reason);
    this.#connection = undefined;
  }

  dispose(): void {
    this.stop("disposed");
  }

  #dial(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#generation += 1;
    const generation = this.#generation;
    this.#setState({ status: "connecting", attempt: this.#attempt });
    this.#options
      .dial((connection) => this.#attach(connection, generation))
      .then(
        (connection) => {
          if (generation !== this.#generation) connection.close(closeCode.goingAway, "no longer wanted");
        },
        (error: unknown) => {
          if (generation === this.#generation) this.#retryLater(dialFailure(error));
        },
      );
  }

  #attach(connection: Connection, generation: number): ConnectionHandler {
    const handler = this.#options.attach(connection);
    if (generation === this.#generation) {
      this.#connection = connection;
      this.#setState({ status: "connected" });
    }
    return {
      text: (message) => handler.text(message),
      binary: (bytes) => handler.binary(bytes),
      drained: () => handler.drained(),
      closed: (code, reason) => {
        if (generation === this.#generation) this.#connection = undefined;
        handler.closed(code, reason);
        // The handler may have stopped the client: a refusal is final.
        if (generation === this.#generation) this.#retryLater(lossOf(code, reason));
      },
    };
  }

  #retryLater(loss: Loss): void {
    const { clock, random } = this.#options;
    const delay = loss.retryAfter ?? fullJitter(this.#attempt, random === undefined ? {} : { random });
    this.#attempt += 1;
    this.#timer = clock.schedule(delay, () => this.#dial());
    this.#setState({ status: "waiting", attempt: this.#attempt, delay, reason: loss.reason });
  }

  #setState(state: ClientState): void {
    this.#state = state;
    this.#states.emit(state);
  }
}

interface Loss {
  readonly reason: string;
  readonly retryAfter?: number | undefined;
}

function dialFailure(error: unknown): Loss {
  if (error instanceof DialError) return { reason: error.message, retryAfter: bounded(error.retryAfter) };
  return { reason: error instanceof Error ? error.message : String(error) };
}

/** A server that goes away may put `retry-after=<milliseconds>` into the close reason: the slot it keeps for this peer. */
function lossOf(code: number, reason: string): Loss {
  const slot = /\bretry-after=(\d{1,7})\b/.exec(reason)?.[1];
  const what = reason === "" ? `connection closed (${code})` : `connection closed (${code} ${reason})`;
  return { reason: what, retryAfter: slot === undefined ? undefined : bounded(Number(slot)) };
}

/** A server may ask for at most two minutes: a larger wish is more likely a mistake than a plan. */
function bounded(delay: number | undefined): number | undefined {
  return delay === undefined ? undefined : Math.min(Math.max(delay, 0), 120_000);
}
