import { timestamp } from "../../base/clock.ts";
import { DisposableStore } from "../../base/disposable.ts";
import type { Core } from "../../core/core.ts";
import { localPrincipal } from "../../core/identity/principal.ts";
import { retryAfterReason } from "../../wire/closeReason.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";
import { ConsoleSession } from "./consoleSession.ts";
import type { PushData } from "./messages.ts";
import type { AboutCore } from "./requests/handler.ts";

export interface MachinesServerOptions {
  readonly core: Core;
  readonly about: AboutCore;
  /** Told every message when the wire is traced; the logger masks what is secret. */
  readonly trace?: ((direction: "<-" | "->", message: object) => void) | undefined;
}

/** What a session needs: the core and its server. */
export interface MachinesServices extends MachinesServerOptions {
  forget(session: ConsoleSession): void;
  now(): string;
}

/** The core's half of the machines protocol: what consoles speak. */
export class MachinesServer {
  readonly #sessions = new Set<ConsoleSession>();
  readonly #services: MachinesServices;
  readonly #owned = new DisposableStore();

  constructor(options: MachinesServerOptions) {
    const { core } = options;
    this.#services = {
      ...options,
      forget: (session) => this.#sessions.delete(session),
      now: () => timestamp(core.clock),
    };
    this.#owned.add(
      core.bus.subscribe("session-revoked", ({ sessionId }) => {
        this.#refresh((session) => session.principal?.sessionId === sessionId);
      }),
    );
    this.#owned.add(
      core.bus.subscribe("user-changed", ({ userId }) => {
        this.#refresh((session) => session.principal?.userId === userId);
      }),
    );
    this.#owned.add(
      core.bus.subscribe("storage-changed", ({ failure }) => {
        this.#announce({
          event: failure === null ? "storage-restored" : "storage-failed",
          vmId: null,
          userId: null,
          message: failure ?? "samples are stored again",
          level: failure === null ? "info" : "error",
        });
      }),
    );
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Takes a new connection; the returned handler gets what it sends. One over the local socket needs no token: only the
   * data folder's owner can open it.
   */
  accept(connection: Connection, token: string | undefined): ConnectionHandler {
    const session = new ConsoleSession(connection, this.#services);
    this.#sessions.add(session);
    session.start({ token, principal: connection.peer.isLocal ? localPrincipal : undefined });
    return session;
  }

  /** Closes every connection. Consoles come back by themselves. */
  close(): void {
    this.#owned.dispose();
    for (const session of this.#sessions)
      session.close(closeCode.goingAway, retryAfterReason("the core is stopping", 1_000));
  }

  #refresh(concerns: (session: ConsoleSession) => boolean): void {
    for (const session of this.#sessions) if (concerns(session)) void session.refresh();
  }

  /** An event of the core itself: every console is told. */
  #announce(event: PushData<"system-event">): void {
    for (const session of this.#sessions) if (session.principal !== undefined) session.push("system-event", event);
  }
}
