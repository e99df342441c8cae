import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { PicketError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { RoomClient, type RoomRefusal } from "../../protocols/rooms/client.ts";
import type { Connection } from "../../wire/connection.ts";
import { type Attach, type ClientState, ReconnectingClient } from "../../wire/reconnectingClient.ts";
import { RoomRunner } from "../commands/roomRunner.ts";
import type { Policy } from "../policy/policy.ts";
import type { Upstream } from "./upstream.ts";

export interface RoomUpstreamOptions {
  /** The relay's name for logs and for the ready line. */
  readonly name: string;
  /** Opens a connection to the relay. */
  readonly dial: (attach: Attach) => Promise<Connection>;
  /** The token that names the room. */
  readonly token: string;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
  /** This machine is in the room. */
  readonly onConnected: () => void;
  readonly onState: (state: ClientState) => void;
  /** The relay does not let this machine in and never has: there is no use in trying again. */
  readonly onRefused: (error: PicketError) => void;
}

/** This machine in a room of anybody's relay, as the device that executes: docs/protocols/rooms.md. */
export class RoomUpstream implements Upstream {
  readonly #options: RoomUpstreamOptions;
  readonly #link: ReconnectingClient;
  readonly #runner: RoomRunner;
  #states: Disposable | undefined;
  #client: RoomClient | undefined;
  #joinedOnce = false;

  constructor(options: RoomUpstreamOptions) {
    this.#options = options;
    const { clock, logger, policy } = options;
    this.#runner = new RoomRunner({ clock, logger, policy, answer: (data) => this.#answer(data) });
    this.#link = new ReconnectingClient({
      clock,
      dial: options.dial,
      attach: (connection) => this.#attach(connection),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  get state(): ClientState {
    return this.#link.state;
  }

  start(): void {
    this.#states = this.#link.onState(this.#options.onState);
    this.#link.start();
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  async close(): Promise<void> {
    await this.#runner.close();
    this.#states?.dispose();
    this.#link.stop("the agent is stopping");
  }

  #attach(connection: Connection): RoomClient {
    const { clock, token, trace } = this.#options;
    const client = new RoomClient(
      connection,
      {
        joined: () => this.#onJoined(client),
        refused: (refusal) => this.#onRefused(refusal),
        execute: (command) => this.#runner.execute(command),
        // What other devices answer is for whoever asked them.
        executeResult: () => {},
        checked: () => {},
        closed: () => {
          if (this.#client === client) this.#client = undefined;
          this.#runner.forgetWaiting();
        },
      },
      { clock, token, trace },
    );
    return client;
  }

  #onJoined(client: RoomClient): void {
    this.#client = client;
    this.#joinedOnce = true;
    this.#link.accepted();
    this.#options.onConnected();
  }

  #answer(data: string): void {
    if (this.#client !== undefined) this.#client.sendResult(data);
    else this.#options.logger.warn("a result of a room was lost with its link", { server: this.name });
  }

  #onRefused({ message, later }: RoomRefusal): void {
    const { logger, name, onRefused } = this.#options;
    logger.error("the relay lets this machine into no room", { server: name, reason: message });
    // A relay that let it in before may know the token again after a restart.
    if (later || this.#joinedOnce) return;
    this.#link.stop("refused");
    const why = message === "" ? "the token opens no room there" : message;
    onRefused(new PicketError("INVALID_TOKEN", { message: `${name} refuses this machine: ${why}` }));
  }
}
