import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import fastifyStatic from "@fastify/static";
import fastify, { type FastifyInstance } from "fastify";
import { describeError, errorTable, PicketError, toPicketError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { PeerInfo } from "../wire/connection.ts";
import type { Accept, SocketAcceptor } from "../wire/node/acceptSocket.ts";
import { HostPolicy } from "./hostPolicy.ts";
import { listenError } from "./listenError.ts";
import { matchPath } from "./matchPath.ts";
import { securityHeaders } from "./securityHeaders.ts";

/** A WebSocket endpoint: by path, with the query of the handshake. */
export interface Endpoint {
  /** A path, or a pattern with one segment for any value: see `matchPath`. */
  readonly path: string;
  /** The protocol's name: a listener may be for one protocol only. */
  readonly protocol: string;
  /** On a listener for its protocol alone, every path leads to it: the protocol itself names none. */
  readonly anyPathAlone?: boolean;
  /** @param parameter the value of the pattern's segment */
  readonly accept: (query: URLSearchParams, parameter: string) => Accept;
}

export interface HttpFrontOptions {
  readonly acceptor: SocketAcceptor;
  readonly endpoints: readonly Endpoint[];
  /** Further names that the core answers to. */
  readonly allowedHosts: readonly string[];
  /** The built console; undefined serves none. */
  readonly consoleFolder: string | undefined;
  readonly logger: Logger;
  readonly routes: (app: FastifyInstance) => void;
}

export interface TcpListener {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Only this protocol's endpoint, and no console. */
  readonly protocol?: string | undefined;
}

interface Listening {
  readonly server: Server;
  readonly sockets: Set<Duplex>;
}

const maxBody = 64 * 1024;
/** How long a small body may take to come, in milliseconds. */
const bodyPatience = 300_000;
/** The same for any request: an upload that takes longer is cut, and goes on where it was. */
const requestPatience = 6 * 3_600_000;

/** HTTP and WebSockets on every address that the core listens on: one set of routes, one set of endpoints. */
export class HttpFront {
  readonly #options: HttpFrontOptions;
  readonly #policy: HostPolicy;
  readonly #app: FastifyInstance;
  readonly #listening: Listening[] = [];

  private constructor(options: HttpFrontOptions, app: FastifyInstance) {
    this.#options = options;
    this.#app = app;
    this.#policy = new HostPolicy(options.allowedHosts);
  }

  static async create(options: HttpFrontOptions): Promise<HttpFront> {
    const app = fastify({ bodyLimit: maxBody, logger: false, exposeHeadRoutes: true });
    const front = new HttpFront(options, app);
    await front.#prepare();
    return front;
  }

  /** @throws {PicketError} `PORT_IN_USE`; returns the address with the port that was really taken */
  async listen(listener: TcpListener): Promise<AddressInfo> {
    const { tls } = listener;
    const server = tls === undefined ? createServer() : createTlsServer({ cert: tls.cert, key: tls.key });
    await this.#open(
      server,
      { port: listener.port, host: listener.host },
      { protocol: listener.protocol, isLocal: false },
    );
    return server.address() as AddressInfo;
  }

  /** Listens on a socket file (or a named pipe) that only its owner can open. */
  async listenLocal(path: string): Promise<void> {
    const isFile = process.platform !== "win32";
    // The caller holds the data folder's lock: a file that is there is left over from a crash.
    if (isFile) rmSync(path, { force: true });
    await this.#open(createServer(), { path }, { protocol: undefined, isLocal: true });
    if (isFile) chmodSync(path, 0o600);
  }

  /** Stops accepting. Connections that were upgraded are their protocols' to close. */
  stopAccepting(): void {
    for (const { server } of this.#listening) server.close();
  }

  /** Ends everything that is still open. */
  async close(): Promise<void> {
    this.stopAccepting();
    for (const { server, sockets } of this.#listening) {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
    }
    await this.#app.close();
  }

  async #prepare(): Promise<void> {
    const app = this.#app;
    const { consoleFolder, routes } = this.#options;
    app.addHook("onRequest", async (request, reply) => {
      reply.headers(securityHeaders);
      const { host, origin } = request.headers;
      if (!this.#policy.allowsHost(host) && !isLocalSocket(request.raw.socket)) {
        throw new PicketError("FORBIDDEN", { message: hostMessage(host), details: "set allowed-hosts" });
      }
      if (request.method !== "GET" && request.method !== "HEAD" && !this.#policy.allowsOrigin(origin, host)) {
        throw new PicketError("FORBIDDEN", { message: "This request comes from a page of another site." });
      }
      if (request.method === "POST") {
        const timer = setTimeout(() => request.raw.destroy(), bodyPatience);
        request.raw.once("close", () => clearTimeout(timer));
      }
    });
    app.setErrorHandler((thrown: Error & { statusCode?: number }, request, reply) => {
      const { statusCode } = thrown;
      // Fastify's own refusals: a body that is too large, not JSON, of another type.
      const byFastify = !(thrown instanceof PicketError) && statusCode !== undefined && statusCode < 500;
      const error = byFastify ? new PicketError("INVALID_PARAMS", { details: thrown.message }) : toPicketError(thrown);
      if (error.code === "INTERNAL_ERROR") {
        this.#options.logger.error("a request failed", {
          path: request.routeOptions.url,
          error: describeError(thrown),
        });
      }
      if (error.code === "RATE_LIMITED" && error.details !== undefined) reply.header("retry-after", error.details);
      const { code, message, details } = error;
      reply.code(byFastify ? (statusCode ?? 400) : errorTable[code].status).send({ error: { code, message, details } });
    });
    app.setNotFoundHandler((_, reply) => {
      reply.code(404).send({ error: { code: "NOT_FOUND", message: "There is nothing here." } });
    });
    routes(app);
    if (consoleFolder !== undefined) {
      await app.register(fastifyStatic, {
        root: consoleFolder,
        index: ["index.html"],
        cacheControl: false,
        setHeaders: (reply, path) => {
          // Built assets carry a hash in their names.
          const lasting = /\/assets\/[^/]+$/.test(path);
          reply.header("cache-control", lasting ? "public, max-age=31536000, immutable" : "no-cache");
        },
      });
    }
    await app.ready();
  }

  async #open(
    server: Server,
    at: { readonly port?: number; readonly host?: string; readonly path?: string },
    { protocol, isLocal }: { readonly protocol: string | undefined; readonly isLocal: boolean },
  ): Promise<void> {
    const sockets = new Set<Duplex>();
    server.requestTimeout = requestPatience;
    server.on("request", (request, response) => {
      if (protocol === undefined) this.#app.routing(request, response);
      else response.writeHead(426, { connection: "close" }).end();
    });
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      sockets.add(socket);
      // From here on the HTTP server does not listen for it any more, and without a listener an 'error' ends the process.
      socket.on("error", () => socket.destroy());
      socket.once("close", () => sockets.delete(socket));
      this.#upgrade({ request, socket, head, protocol, isLocal });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, at)));
      server.listen(at, resolve);
    });
    server.on("error", (error) => this.#options.logger.error("a listener failed", { error: error.message }));
    this.#listening.push({ server, sockets });
  }

  #upgrade(upgrade: Upgrade): void {
    const { request, socket, head, protocol, isLocal } = upgrade;
    const url = URL.parse(request.url ?? "/", "http://picket");
    const found = url === null ? undefined : this.#endpointOf(url.pathname, protocol);
    const { origin, host } = request.headers;
    const fromOutside =
      origin !== undefined && !(this.#policy.allowsHost(host) && this.#policy.allowsOrigin(origin, host));
    if (found === undefined || url === null) refuseUpgrade(socket, "404 Not Found");
    else if (fromOutside) refuseUpgrade(socket, "403 Forbidden");
    else {
      const peer = peerOf(request, isLocal);
      const accept = found.endpoint.accept(url.searchParams, found.parameter);
      this.#options.acceptor.accept({ request, socket, head, peer }, accept);
    }
  }

  #endpointOf(path: string, protocol: string | undefined) {
    for (const endpoint of this.#options.endpoints) {
      if (protocol !== undefined && protocol !== endpoint.protocol) continue;
      const anyPath = protocol !== undefined && endpoint.anyPathAlone === true;
      const parameter = anyPath ? "" : matchPath(endpoint.path, path);
      if (parameter !== undefined) return { endpoint, parameter };
    }
    return undefined;
  }
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly protocol: string | undefined;
  readonly isLocal: boolean;
}

function refuseUpgrade(socket: Duplex, status: string): void {
  // Whoever was refused need not close its own side, and nothing else would.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** What came through a proxy on this machine did not come from this machine. */
function peerOf(request: IncomingMessage, isLocal: boolean): PeerInfo {
  const { forwarded, "x-forwarded-for": forwardedFor } = request.headers;
  const address = request.socket.remoteAddress ?? "";
  const proxied = forwarded !== undefined || forwardedFor !== undefined;
  const loopback = address === "::1" || /^(::ffff:)?127\./.test(address);
  return { address: isLocal ? "local" : address, isLoopback: isLocal || (loopback && !proxied), isLocal };
}

function isLocalSocket(socket: Socket): boolean {
  return socket.remoteAddress === undefined;
}

function hostMessage(host: string | undefined): string {
  return `This core does not answer to the name "${(host ?? "").slice(0, 128)}".`;
}
