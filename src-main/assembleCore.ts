import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { fileURLToPath } from "node:url";
import { assembleDocumentRelay, checkDocumentServer } from "./assembleDocumentRelay.ts";
import type { Clock } from "./base/clock.ts";
import { PicketError } from "./base/errors.ts";
import type { Logger } from "./base/logger.ts";
import type { Configuration, ListenAddress } from "./cli/configuration.ts";
import { readSettingFile } from "./cli/readSettingFile.ts";
import { type Core, openCore } from "./core/core.ts";
import { administratorName, ensureAdministrator } from "./core/identity/firstAdministrator.ts";
import { defaultRetention } from "./core/metrics/metricRetention.ts";
import { localSocketPath } from "./host/dataFolder.ts";
import { registerAuthRoutes } from "./http/authRoutes.ts";
import { type OwnCertificate, ownCertificate } from "./http/certificate/ownCertificate.ts";
import { registerDownloadRoute } from "./http/downloadRoute.ts";
import { HttpFront } from "./http/httpFront.ts";
import { probeAddresses } from "./http/probeAddresses.ts";
import { coreGauges, prometheusText } from "./http/prometheus.ts";
import { registerUploadRoute } from "./http/uploadRoute.ts";
import { DocumentsServer } from "./protocols/documents/server.ts";
import { MachinesServer } from "./protocols/machines/server.ts";
import { MonitoringServer } from "./protocols/monitoring/server.ts";
import { NodesServer } from "./protocols/nodes/server.ts";
import { RoomsServer } from "./protocols/rooms/server.ts";
import { version } from "./version.ts";
import type { Connection } from "./wire/connection.ts";
import { SocketAcceptor } from "./wire/node/acceptSocket.ts";
import type { KeepAlive } from "./wire/node/keepAlive.ts";

export interface CorePartOptions {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keepAlive: KeepAlive;
  /** The node that the agent of this very process is, once it is known. */
  readonly localNodeId: () => string | undefined;
  /** Stops the program as SIGTERM does: somebody who may asked for it over the wire. */
  readonly shutdown: () => void;
}

/** The core as a running part of the program. */
export interface CorePart {
  readonly core: Core;
  readonly localSocket: string;
  /** Where it listens, as URLs. */
  readonly urls: readonly string[];
  /** Where a browser on this machine finds the console; undefined when no address serves it. */
  readonly consoleUrl: string | undefined;
  /** Made up at the first start, to be shown once. */
  readonly madePassword: string | undefined;
  /** SHA-256 of the certificate that the core made for itself; undefined where it uses none. */
  readonly ownFingerprint: string | undefined;
  close(): Promise<void>;
}

/** How long peers get to answer the close. */
const closeGrace = 500;

/** Builds the core by hand, in order: nouns, protocols, HTTP, addresses. */
export async function assembleCore(options: CorePartOptions): Promise<CorePart> {
  const { configuration, clock, logger, keepAlive } = options;
  const { dataFolder } = configuration;
  const givenTls = readTls(configuration);
  await probeAddresses(configuration.listen);
  const core = await openCore({
    folder: join(dataFolder, "core"),
    clock,
    logger,
    allowDefaultToken: configuration.allowDefaultToken,
    retention: defaultRetention,
    maxMetricBytes: configuration.historyBytes,
    maxDatabaseBytes: configuration.databaseBytes,
    logLimits: { keep: configuration.logDays * 86_400_000, maxBytes: configuration.logBytes },
    passwordPolicy: configuration.passwordPolicy,
    documents: {
      keepDeleted: configuration.documentBinDays * 86_400_000,
      limits: { perUser: configuration.documentQuota, perFile: configuration.documentMaxSize },
    },
  });
  const trace = configuration.traceWire ? wireTrace(logger.child("wire")) : undefined;
  const nodesServer = new NodesServer({
    ...core,
    logger: logger.child("nodes"),
    trace,
    onRegistered: (node) => core.nodeWatch.nodeConnected(node.nodeId),
  });
  let consoleUrl: string | undefined;
  const about = {
    version,
    localNodeId: options.localNodeId,
    consoleUrl: () => consoleUrl,
    checkDocumentServer: (url: string) => checkDocumentServer(url, { clock, keepAlive }),
  };
  const machinesServer = new MachinesServer({ core, about, trace });
  const roomsServer = new RoomsServer({ rooms: core.rooms, clock, logger: logger.child("rooms"), trace });
  const monitoringServer = new MonitoringServer({ core, trace });
  const documentsServer = new DocumentsServer({
    core,
    about: { version, serverName: "Picket", shutdown: options.shutdown },
    logger: logger.child("documents"),
    trace,
  });
  const documentRelay = assembleDocumentRelay({ core, clock, keepAlive, logger: logger.child("relay") });
  const servers = [documentsServer, documentRelay, nodesServer, machinesServer, roomsServer, monitoringServer];
  const sessionCount = (): number => servers.reduce((count, server) => count + server.sessionCount, 0);
  let ready = false;
  let front: HttpFront | undefined;
  const close = async (): Promise<void> => {
    ready = false;
    front?.stopAccepting();
    for (const server of servers) server.close();
    const until = clock.monotonicTime() + closeGrace;
    while (sessionCount() > 0 && clock.monotonicTime() < until) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await front?.close();
    await core.close();
  };
  try {
    const madePassword = await ensureAdministrator({
      users: core.users,
      policy: core.passwordPolicy,
      password: configuration.adminPassword,
      passwordFile: join(dataFolder, "admin-password"),
    });
    front = await HttpFront.create({
      acceptor: new SocketAcceptor(clock, keepAlive),
      endpoints: [
        {
          path: "/api/v1/ws",
          protocol: "nodes",
          accept: (query) => (connection) =>
            nodesServer.accept(connection, {
              token: query.get("token") ?? undefined,
              nodeId: query.get("node_id") ?? undefined,
            }),
        },
        {
          path: "/ws",
          protocol: "machines",
          accept: (query) => (connection) => machinesServer.accept(connection, query.get("token") ?? undefined),
        },
        {
          path: "/api/v1/agents/ws",
          protocol: "monitoring",
          accept: () => (connection) => monitoringServer.acceptAgent(connection),
        },
        ...(["metrics", "logs"] as const).map((kind) => ({
          path: `/api/v1/ws/${kind}/:server_id`,
          protocol: "monitoring",
          accept: (_: URLSearchParams, nodeId: string) => (connection: Connection) =>
            monitoringServer.acceptDashboard(connection, { nodeId, kind }),
        })),
        {
          path: "/api/v1/document-servers/:ticket",
          protocol: "machines",
          accept: (_, ticket) => (connection) => documentRelay.accept(connection, ticket),
        },
        {
          path: "/websocket",
          protocol: "rooms",
          anyPathAlone: true,
          accept: () => (connection) => roomsServer.accept(connection),
        },
        ...["/", "/cfms"].map((path) => ({
          path,
          protocol: "documents",
          anyPathAlone: true,
          accept: () => (connection: Connection) => documentsServer.accept(connection),
        })),
      ],
      allowedHosts: configuration.allowedHosts,
      consoleFolder: builtConsole(),
      logger: logger.child("http"),
      routes: (app) => {
        registerAuthRoutes(app, core);
        registerDownloadRoute(app, core.documents.downloads);
        registerUploadRoute(app, core.documents);
        app.get("/healthz", async (_, reply) => {
          if (!ready) reply.code(503);
          return { status: ready ? "ok" : "starting", version };
        });
        app.get("/metrics", async (_, reply) => {
          reply.type("text/plain; version=0.0.4; charset=utf-8");
          const counts = {
            nodes: nodesServer.sessionCount + monitoringServer.agentCount,
            consoles: machinesServer.sessionCount + monitoringServer.dashboardCount,
          };
          return prometheusText(await coreGauges(core, counts));
        });
      },
    });
    const ownTls = givenTls === undefined ? await makeTls(configuration, clock) : undefined;
    const tls = givenTls ?? ownTls;
    const localSocket = localSocketPath(dataFolder);
    await front.listenLocal(localSocket);
    const urls: string[] = [];
    for (const address of configuration.listen) {
      const listener = { ...address, tls: address.tls ? tls : undefined };
      const url = urlOf(address, await front.listen(listener));
      urls.push(url);
      if (address.protocol === undefined) consoleUrl ??= url;
      warnIfOpen(address, logger);
    }
    ready = true;
    if (madePassword !== undefined) {
      logger.info("the first administrator was made", {
        user: administratorName,
        file: join(dataFolder, "admin-password"),
      });
    }
    return { core, localSocket, urls, consoleUrl, madePassword, ownFingerprint: ownTls?.fingerprint, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where the console's files are: built beside this file. Run from source, there is none; `npm run dev` serves it then. */
function builtConsole(): string | undefined {
  const folder = fileURLToPath(new URL("../renderer", import.meta.url));
  return existsSync(join(folder, "index.html")) ? folder : undefined;
}

function readTls({ tls }: Configuration): { readonly cert: string; readonly key: string } | undefined {
  if (tls === undefined) return undefined;
  const cert = readSettingFile("--tls-cert", tls.certFile);
  const key = readSettingFile("--tls-key", tls.keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const message = `--tls-cert and --tls-key: ${tls.certFile} and ${tls.keyFile} are no certificate in PEM and its key.`;
    throw new PicketError("CONFIG_INVALID", { message, cause });
  }
  return { cert, key };
}

/** Where an address wants TLS and nobody gave a certificate, the core makes its own. */
async function makeTls({ listen, dataFolder }: Configuration, clock: Clock): Promise<OwnCertificate | undefined> {
  const hosts = listen.filter(({ tls }) => tls).map(({ host }) => host);
  if (hosts.length === 0) return undefined;
  return ownCertificate({ folder: join(dataFolder, "core", "tls"), hosts, clock });
}

function urlOf({ host, tls }: ListenAddress, { port }: AddressInfo): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${tls ? "https" : "http"}://${name}:${port}`;
}

function warnIfOpen({ host, port, tls }: ListenAddress, logger: Logger): void {
  const loopback = host === "localhost" || host === "::1" || host.startsWith("127.");
  if (loopback || tls) return;
  logger.warn(
    "this address is reachable from other machines without TLS: passwords and terminals can be read on the way",
    {
      address: `${host}:${port}`,
    },
  );
}

/** A trace of the wire for developers; the logger masks secrets. */
export function wireTrace(logger: Logger): (direction: "<-" | "->", message: object) => void {
  return (direction, message) => logger.info(direction, { frame: message });
}
