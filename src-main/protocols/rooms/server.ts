import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { Logger } from "../../base/logger.ts";
import type { Rooms } from "../../core/rooms/rooms.ts";
import { retryAfterReason } from "../../wire/closeReason.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import { RoomSession } from "./roomSession.ts";

export interface RoomsServerOptions {
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told every message when the wire is traced; the logger masks what is secret. */
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

/** What a session needs: the rooms and its server. */
export interface RoomsServices extends RoomsServerOptions {
  forget(session: RoomSession): void;
}

const heartbeatInterval = 20_000;

/** The core's half of the rooms protocol: the relay. */
export class RoomsServer {
  readonly #sessions = new Set<RoomSession>();
  readonly #services: RoomsServices;
  /** One for all connections; none while there is no connection. */
  #heartbeats: Disposable | undefined;

  constructor(options: RoomsServerOptions) {
    this.#services = { ...options, forget: (session) => this.#forget(session) };
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Takes a new connection; the returned handler gets what it sends. */
  accept(connection: Connection): ConnectionHandler {
    const session = new RoomSession(connection, this.#services);
    this.#sessions.add(session);
    this.#heartbeats ??= this.#services.clock.repeat(heartbeatInterval, () => {
      for (const one of this.#sessions) one.heartbeat();
    });
    return session;
  }

  /** Closes every connection. Devices come back by themselves. */
  close(): void {
    for (const session of this.#sessions)
      session.close(closeCode.goingAway, retryAfterReason("the core is stopping", 1_000));
  }

  #forget(session: RoomSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    this.#heartbeats?.dispose();
    this.#heartbeats = undefined;
  }
}
