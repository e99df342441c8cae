import { join } from "node:path";
import { Agent } from "./agent/agent.ts";
import type { UpstreamSpec } from "./agent/upstream/upstreamSpec.ts";
import type { Clock } from "./base/clock.ts";
import type { PicketError } from "./base/errors.ts";
import type { Logger } from "./base/logger.ts";
import type { Configuration } from "./cli/configuration.ts";
import type { UpstreamConfiguration, UpstreamProtocol } from "./cli/readServers.ts";
import { readSettingFile } from "./cli/readSettingFile.ts";
import { version } from "./version.ts";
import type { KeepAlive } from "./wire/node/keepAlive.ts";

export interface AgentPartOptions {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keepAlive: KeepAlive;
  /** The core of this very process, when there is one. */
  readonly localCore: LocalCore | undefined;
  readonly onConnected: (server: string) => void;
  readonly onRefused: (error: PicketError) => void;
}

export interface LocalCore {
  readonly name: string;
  readonly socketPath: string;
  /** Makes a token for this very machine. */
  readonly makeToken: () => Promise<string>;
}

/** Builds the agent: for the core of this process, and for the servers of the configuration. */
export function assembleAgent(options: AgentPartOptions): Promise<Agent> {
  const { configuration, clock, logger, keepAlive, localCore } = options;
  const upstreams = configuration.upstreams.map(remoteUpstream);
  if (localCore !== undefined) upstreams.unshift(localUpstream(localCore));
  const wire = logger.child("wire");
  const { tlsCaFile } = configuration;
  return Agent.start({
    folder: join(configuration.dataFolder, "agent"),
    policyFile: configuration.policyFile,
    upstreams,
    version,
    clock,
    logger: logger.child("agent"),
    keepAlive,
    certificateAuthority: tlsCaFile === undefined ? undefined : readSettingFile("--tls-ca", tlsCaFile),
    trace: configuration.traceWire ? (direction, message) => wire.info(direction, { frame: message }) : undefined,
    onConnected: ({ name }) => options.onConnected(name),
    onRefused: (_, error) => options.onRefused(error),
  });
}

function localUpstream({ name, socketPath, makeToken }: LocalCore): UpstreamSpec {
  return {
    protocol: "nodes",
    name,
    folder: "local",
    url: "ws://core/api/v1/ws",
    socketPath,
    token: async ({ enrolled }) => (enrolled ? undefined : makeToken()),
  };
}

/** Where each protocol's servers listen, when the address does not say it. */
const paths: Readonly<Record<UpstreamProtocol, string>> = {
  nodes: "/api/v1/ws",
  monitoring: "/api/v1/agents/ws",
  rooms: "/websocket",
};

function remoteUpstream({ protocol, server, token, nodeId, policyFile }: UpstreamConfiguration): UpstreamSpec {
  const secure = server.protocol === "https:" || server.protocol === "wss:";
  const path = server.pathname === "/" ? paths[protocol] : server.pathname;
  // The server's address as a folder name: `core.example:9999` is `core.example_9999`.
  const folder = server.host.replace(/[^\w.-]/g, "_");
  const common = {
    name: `${secure ? "https" : "http"}://${server.host}`,
    folder: protocol === "nodes" ? folder : `${folder}-${protocol}`,
    url: `${secure ? "wss" : "ws"}://${server.host}${path}`,
    policyFile,
  };
  switch (protocol) {
    case "nodes":
      return { ...common, protocol, nodeId, token: async () => token };
    case "monitoring":
      return { ...common, protocol, apiKey: token ?? "" };
    case "rooms":
      return { ...common, protocol, token: token ?? "" };
  }
}
