import { connect, type Socket } from "node:net";
import { getCACertificates } from "node:tls";
import { type ClientOptions, WebSocket } from "ws";
import type { Clock } from "../../base/clock.ts";
import { type ConnectionHandler, type KeepAliveTimes, strangerTimes, wireLimits } from "../connection.ts";
import { DialError } from "../dialError.ts";
import type { KeepAlive } from "./keepAlive.ts";
import { pinnedSocket } from "./pinnedSocket.ts";
import { SocketConnection } from "./socketConnection.ts";

const defaultTimeout = 10_000;

export interface DialSocketOptions {
  /** `ws:` or `wss:`. With `socketPath` only its path and query count. */
  readonly url: string;
  /** A local socket to connect to instead of the URL's host. */
  readonly socketPath?: string;
  /** Certificates in PEM that are trusted beside the system's. */
  readonly certificateAuthority?: string | undefined;
  /** SHA-256 of the only certificate that is accepted, lower-case hex, whoever signed it. */
  readonly fingerprint?: string | undefined;
  readonly clock: Clock;
  readonly keepAlive: KeepAlive;
  readonly keepAliveTimes?: KeepAliveTimes;
  /** Gives up after this many milliseconds. @default 10000 */
  readonly timeout?: number;
  /** The largest message that is taken, in bytes. @default 1 MiB */
  readonly maxMessageBytes?: number | undefined;
}

/**
 * Connects to a WebSocket server and attaches the handler that `attach` makes.
 *
 * @throws {DialError} with the HTTP status and the server's wish when to come back, where it answered
 */
export function dialSocket(
  options: DialSocketOptions,
  attach: (connection: SocketConnection) => ConnectionHandler,
): Promise<SocketConnection> {
  const { socketPath, certificateAuthority, fingerprint } = options;
  const webSocket = new WebSocket(options.url, {
    perMessageDeflate: false,
    maxPayload: options.maxMessageBytes ?? wireLimits.maxTextBytes,
    handshakeTimeout: options.timeout ?? defaultTimeout,
    ...(socketPath === undefined ? {} : { createConnection: () => connect(socketPath) }),
    ...(fingerprint === undefined ? {} : { createConnection: pinned(options, fingerprint) }),
    ...(certificateAuthority === undefined ? {} : { ca: [...getCACertificates("default"), certificateAuthority] }),
  });
  return new Promise((resolve, reject) => {
    let socket: Socket;
    webSocket.once("upgrade", (response) => {
      socket = response.socket;
    });
    webSocket.once("unexpected-response", (request, response) => {
      const retryAfter = Number(response.headers["retry-after"]);
      request.destroy();
      reject(
        new DialError(`the server answered ${response.statusCode} instead of a WebSocket`, {
          status: response.statusCode,
          retryAfter: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
        }),
      );
    });
    const failed = (error: Error): void => reject(new DialError(error.message, { cause: error }));
    webSocket.once("error", failed);
    webSocket.once("open", () => {
      webSocket.off("error", failed);
      const connection = new SocketConnection({
        webSocket,
        socket,
        peer: { address: options.url, isLoopback: false, isLocal: socketPath !== undefined },
        clock: options.clock,
        keepAlive: options.keepAlive,
        keepAliveTimes: options.keepAliveTimes ?? strangerTimes,
      });
      connection.attach(attach(connection));
      resolve(connection);
    });
  });
}

type CreateConnection = NonNullable<ClientOptions["createConnection"]>;

/** Node's HTTP client waits for the second argument when nothing is returned; `ws` types only the first. */
function pinned({ url, timeout }: DialSocketOptions, fingerprint: string): CreateConnection {
  const { hostname, port } = new URL(url);
  const create = (_: unknown, created: (error: Error | null, socket?: Socket) => void): undefined => {
    pinnedSocket({
      host: hostname,
      port: Number(port === "" ? 443 : port),
      fingerprint,
      timeout: timeout ?? defaultTimeout,
    }).then(
      ({ socket }) => created(null, socket),
      (error: Error) => created(error),
    );
  };
  return create as unknown as CreateConnection;
}
