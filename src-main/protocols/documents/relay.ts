import { DisposableStore } from "../../base/disposable.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Core } from "../../core/core.ts";
import type { DocumentServer } from "../../core/documents/servers/documentServers.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../wire/connection.ts";

export interface DocumentRelayOptions {
  readonly core: Pick<Core, "bus" | "documentServers" | "relayTickets">;
  readonly logger: Logger;
  /** Connects to a server of the list. */
  readonly dial: (server: DocumentServer, attach: (connection: Connection) => ConnectionHandler) => Promise<Connection>;
}

const maxRelays = 500;
/** Bytes one side may be behind before the other is read no more. */
const highWater = 1024 * 1024;

/**
 * Carries frames between a console in a browser and somebody else's documents server, unread: a browser can neither pin
 * a certificate nor, from this core's page, reach another site.
 */
export class DocumentRelay {
  readonly #options: DocumentRelayOptions;
  readonly #relays = new Set<Relay>();
  readonly #owned = new DisposableStore();

  constructor(options: DocumentRelayOptions) {
    this.#options = options;
    const { bus } = options.core;
    const end = (concerns: (relay: Relay) => boolean): void => {
      for (const relay of this.#relays) if (concerns(relay)) relay.end(closeCode.policyViolation, "signed out");
    };
    this.#owned.add(bus.subscribe("session-revoked", ({ sessionId }) => end((relay) => relay.sessionId === sessionId)));
    this.#owned.add(bus.subscribe("user-changed", ({ userId }) => end((relay) => relay.userId === userId)));
  }

  get sessionCount(): number {
    return this.#relays.size;
  }

  /** Takes a console's connection that came with a ticket. */
  accept(connection: Connection, ticketText: string): ConnectionHandler {
    const ticket = this.#options.core.relayTickets.redeem(ticketText);
    const relay = new Relay(connection, ticket?.principal, () => this.#relays.delete(relay));
    this.#relays.add(relay);
    if (ticket === undefined) relay.end(closeCode.policyViolation, "the ticket is unknown, used or too old");
    else if (this.#relays.size > maxRelays) relay.end(closeCode.tryAgainLater, "too many relays");
    else void this.#connect(relay, ticket.serverId);
    return relay;
  }

  /** Ends every relay. */
  close(): void {
    this.#owned.dispose();
    for (const relay of this.#relays) relay.end(closeCode.goingAway, "the core is stopping");
  }

  async #connect(relay: Relay, serverId: string): Promise<void> {
    try {
      const server = await this.#options.core.documentServers.get(serverId);
      if (server === undefined) relay.end(closeCode.policyViolation, "the server was removed from the list");
      else await this.#options.dial(server, (connection) => relay.connected(connection));
    } catch (error) {
      this.#options.logger.warn("a documents server cannot be reached", { serverId, error: describeError(error) });
      relay.end(closeCode.tryAgainLater, error instanceof Error ? error.message : "the server cannot be reached");
    }
  }
}

class Relay implements ConnectionHandler {
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly #console: Connection;
  readonly #forget: () => void;
  #server: Connection | undefined;
  #ended = false;
  readonly #held = new Set<Connection>();

  constructor(
    console: Connection,
    principal: { readonly sessionId: string | undefined; readonly userId: string } | undefined,
    forget: () => void,
  ) {
    this.#console = console;
    this.sessionId = principal?.sessionId;
    this.userId = principal?.userId;
    this.#forget = forget;
    // What the console sends waits in its own buffers until the server is there.
    this.#hold(console);
  }

  connected(server: Connection): ConnectionHandler {
    this.#server = server;
    if (this.#ended) server.close(closeCode.goingAway, "");
    else this.#release(this.#console);
    return {
      text: (message) => this.#pass(server, this.#console, () => this.#console.sendText(message)),
      binary: (bytes) => this.#pass(server, this.#console, () => this.#console.sendBinary(bytes)),
      closed: (code, reason) => this.end(codeOf(code), reason),
      drained: () => this.#drained(server, this.#console),
    };
  }

  text(message: string): void {
    const server = this.#server;
    if (server !== undefined) this.#pass(this.#console, server, () => server.sendText(message));
  }

  binary(bytes: Uint8Array): void {
    const server = this.#server;
    if (server !== undefined) this.#pass(this.#console, server, () => server.sendBinary(bytes));
  }

  closed(code: number, reason: string): void {
    this.#ended = true;
    this.#server?.close(codeOf(code), reason);
    this.#forget();
  }

  drained(): void {
    if (this.#server !== undefined) this.#drained(this.#console, this.#server);
  }

  end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release(this.#console);
    this.#console.close(code, reason);
    this.#server?.close(closeCode.goingAway, "");
  }

  #pass(from: Connection, to: Connection, send: () => void): void {
    send();
    if (to.bufferedBytes <= highWater) return;
    this.#hold(from);
    to.notifyDrained();
  }

  /** `to` has taken what was sent to it: its other side may be read again. */
  #drained(to: Connection, from: Connection): void {
    if (to.bufferedBytes > highWater / 2) to.notifyDrained();
    else this.#release(from);
  }

  #hold(connection: Connection): void {
    if (this.#held.has(connection)) return;
    this.#held.add(connection);
    connection.pauseReading();
  }

  #release(connection: Connection): void {
    if (this.#held.delete(connection)) connection.resumeReading();
  }
}

/** A code that may stand in a close frame. */
function codeOf(code: number): number {
  const isWire = code >= 3000 || (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006);
  return isWire ? code : closeCode.goingAway;
}
