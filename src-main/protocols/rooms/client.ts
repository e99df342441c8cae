import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import {
  checkDeviceMessage,
  executeMessage,
  executeResultMessage,
  initMessage,
  parseRelayMessage,
  type RelayMessage,
} from "./messages.ts";

/** Why the relay lets a device into no room. */
export interface RoomRefusal {
  /** The relay's own words; may be empty. */
  readonly message: string;
  /** Trying again later may help. */
  readonly later: boolean;
}

/** What a device does with what happens in its room. */
export interface RoomClientHandler {
  /** @param sessionId the name of the room's life, where the relay says it */
  joined(sessionId: string | undefined): void;
  /** The relay does not let this device in, or no longer. The connection closes. */
  refused(refusal: RoomRefusal): void;
  execute(command: string): void;
  executeResult(data: string): void;
  /** The answer to `checkDevice`. */
  checked(others: boolean): void;
  closed(code: number, reason: string): void;
}

export interface RoomClientOptions {
  readonly token: string;
  readonly clock: Clock;
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

/** A relay that does not answer `init` by then is none. */
const joinTimeout = 15_000;
/** A relay sends heartbeats every 20 s: after three that did not come, it is gone. */
const silenceTimeout = 60_000;
const tick = 5_000;

/** A device's half of the rooms protocol, over one connection: docs/protocols/rooms.md. Runs in any runtime. */
export class RoomClient implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #handler: RoomClientHandler;
  readonly #options: RoomClientOptions;
  readonly #watch: Disposable;
  readonly #deadline: Disposable;
  #heardAt: number;
  #joined = false;

  constructor(connection: Connection, handler: RoomClientHandler, options: RoomClientOptions) {
    this.#connection = connection;
    this.#handler = handler;
    this.#options = options;
    const { clock, token } = options;
    this.#heardAt = clock.monotonicTime();
    this.#watch = clock.repeat(tick, () => this.#checkSilence());
    this.#deadline = clock.schedule(joinTimeout, () => connection.terminate());
    this.#send(initMessage(token));
  }

  get isJoined(): boolean {
    return this.#joined;
  }

  /** Asks every other device of the room to run a command. Whoever does answers with `executeResult`. */
  execute(command: string): void {
    this.#send(executeMessage(command));
  }

  sendResult(data: string): void {
    this.#send(executeResultMessage(data));
  }

  /** Asks whether anybody else is in the room. */
  checkDevice(): void {
    this.#send(checkDeviceMessage);
  }

  close(): void {
    this.#connection.close(closeCode.normal, "left the room");
  }

  text(message: string): void {
    this.#heardAt = this.#options.clock.monotonicTime();
    const parsed = parseRelayMessage(message);
    // Another relay may know more than this device; what is not understood is not for it.
    if (!parsed.ok) return;
    this.#options.trace?.("<-", parsed.value);
    this.#dispatch(parsed.value);
  }

  binary(): void {
    this.#heardAt = this.#options.clock.monotonicTime();
  }

  drained(): void {}

  closed(code: number, reason: string): void {
    this.#watch.dispose();
    this.#deadline.dispose();
    this.#joined = false;
    this.#handler.closed(code, reason);
  }

  #dispatch(message: RelayMessage): void {
    if (message.cmd === "init") {
      this.#onInit(message);
      return;
    }
    // Before the room is entered nobody in it can have anything to say.
    if (!this.#joined) return;
    switch (message.cmd) {
      case "execute":
        this.#handler.execute(message.command);
        break;
      case "execute_result":
        this.#handler.executeResult(message.data);
        break;
      case "checkDevice":
        this.#handler.checked(message.others);
        break;
      case "Heartbeat":
        break;
    }
  }

  #onInit({ accepted, sessionId, message, later }: Extract<RelayMessage, { cmd: "init" }>): void {
    this.#deadline.dispose();
    if (!accepted) {
      this.#joined = false;
      this.#handler.refused({ message, later });
      this.#connection.close(closeCode.normal, "refused");
    } else if (!this.#joined) {
      this.#joined = true;
      this.#handler.joined(sessionId);
    }
  }

  #checkSilence(): void {
    if (this.#options.clock.monotonicTime() - this.#heardAt >= silenceTimeout) this.#connection.terminate();
  }

  #send(text: string): void {
    if (this.#options.trace !== undefined) this.#options.trace("->", JSON.parse(text) as object);
    this.#connection.sendText(text);
  }
}
