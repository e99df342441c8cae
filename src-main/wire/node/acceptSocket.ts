import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Clock } from "../../base/clock.ts";
import { type ConnectionHandler, type PeerInfo, strangerTimes, wireLimits } from "../connection.ts";
import type { KeepAlive } from "./keepAlive.ts";
import { SocketConnection } from "./socketConnection.ts";

export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly peer: PeerInfo;
}

/** Makes the handler of a connection that was just accepted. */
export type Accept = (connection: SocketConnection) => ConnectionHandler;

/** Turns upgrade requests of an HTTP server into connections. */
export class SocketAcceptor {
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: wireLimits.maxTextBytes,
  });
  readonly #clock: Clock;
  readonly #keepAlive: KeepAlive;

  constructor(clock: Clock, keepAlive: KeepAlive) {
    this.#clock = clock;
    this.#keepAlive = keepAlive;
  }

  /** Completes the handshake and calls `accept`; a request that is no WebSocket handshake is answered 400 and dropped. */
  accept(upgrade: UpgradeRequest, accept: Accept): void {
    this.#server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (webSocket) => {
      const connection = new SocketConnection({
        webSocket,
        // The upgrade event types its socket as any Duplex; from an HTTP server it is a TCP, TLS or local socket.
        socket: upgrade.socket as Socket,
        peer: upgrade.peer,
        clock: this.#clock,
        keepAlive: this.#keepAlive,
        keepAliveTimes: strangerTimes,
      });
      connection.attach(accept(connection));
    });
  }
}
