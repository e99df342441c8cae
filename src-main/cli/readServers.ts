import { resolve } from "node:path";
import type { RawSettings, SettingKey } from "./settings.ts";
import { UsageError } from "./usageError.ts";

export const upstreamProtocols = ["nodes", "monitoring", "rooms"] as const;
export type UpstreamProtocol = (typeof upstreamProtocols)[number];

/** A server that the agent is to serve. */
export interface UpstreamConfiguration {
  readonly protocol: UpstreamProtocol;
  readonly server: URL;
  /** By protocol: the enrolment token, the API key, the room's token. Only an enrolled node needs none. */
  readonly token: string | undefined;
  /** Only with `nodes`. */
  readonly nodeId: string | undefined;
  /** What this server may do here; undefined: the agent's own policy file. */
  readonly policyFile: string | undefined;
}

/** One server as it is written, with how each of its keys is called in a sentence. */
interface WrittenServer {
  readonly value: (key: ServerKey) => unknown;
  readonly from: (key: ServerKey) => string;
}

const serverKeys = ["url", "protocol", "token", "api_key", "node_id", "policy"] as const;
type ServerKey = (typeof serverKeys)[number];

/** The single server of `--server` with its `--protocol`, `--token` and `--node-id`, and those of the file's list. */
export function readServers(raw: RawSettings): readonly UpstreamConfiguration[] {
  const single = readServer(fromFlags(raw));
  const servers = [...(single === undefined ? [] : [single]), ...readList(raw)];
  const seen = new Set<string>();
  for (const { protocol, server, token } of servers) {
    // One relay may have several rooms for this machine.
    const name = protocol === "rooms" ? `${server.href} ${token}` : `${protocol} ${server.href}`;
    if (seen.has(name)) throw new UsageError(`the server ${server.href} is given twice for the protocol ${protocol}`);
    seen.add(name);
  }
  return servers;
}

const flagOf: Readonly<Partial<Record<ServerKey, SettingKey>>> = {
  url: "server",
  protocol: "protocol",
  token: "token",
  node_id: "node-id",
};

function fromFlags(raw: RawSettings): WrittenServer {
  const entry = (key: ServerKey) => {
    const flag = flagOf[key];
    return flag === undefined ? undefined : raw[flag];
  };
  return { value: (key) => entry(key)?.value, from: (key) => entry(key)?.from ?? `--${flagOf[key] ?? key}` };
}

function readList({ servers }: RawSettings): readonly UpstreamConfiguration[] {
  if (servers === undefined) return [];
  const { value: list, from } = servers;
  if (!Array.isArray(list)) throw new UsageError(`${from} must be a list of servers`);
  return list.map((item: unknown, index) => {
    const place = `${from}, server ${index + 1}`;
    if (typeof item !== "object" || item === null || Array.isArray(item)) {
      throw new UsageError(`${place} must be a map with at least the key "url"`);
    }
    const unknown = Object.keys(item).find((key) => !serverKeys.some((known) => known === key));
    if (unknown !== undefined) throw new UsageError(`${place}: the key "${unknown}" is not known`);
    const written = item as Readonly<Record<string, unknown>>;
    const server = readServer({ value: (key) => written[key], from: (key) => `${place}: "${key}"` });
    if (server === undefined) throw new UsageError(`${place}: the key "url" is missing`);
    return server;
  });
}

/** Undefined when no address is given. */
function readServer(written: WrittenServer): UpstreamConfiguration | undefined {
  const address = textOf(written, "url");
  const protocol = readProtocol(written);
  if (address === undefined) return undefined;
  const token = textOf(written, "token");
  const apiKey = textOf(written, "api_key");
  if (apiKey !== undefined && protocol !== "monitoring") {
    throw new UsageError(`${written.from("api_key")} is only for the protocol monitoring`);
  }
  const secret = apiKey ?? token;
  if (protocol !== "nodes" && secret === undefined) {
    const what = protocol === "monitoring" ? "the API key" : "the room's token";
    throw new UsageError(`the protocol ${protocol} needs ${what}: give it as ${written.from("token")}`);
  }
  const policy = textOf(written, "policy");
  return {
    protocol,
    server: readAddress(address, written.from("url")),
    token: secret,
    nodeId: readNodeId(written, protocol),
    policyFile: policy === undefined ? undefined : resolve(policy),
  };
}

function readProtocol(written: WrittenServer): UpstreamProtocol {
  const text = textOf(written, "protocol") ?? "nodes";
  const protocol = upstreamProtocols.find((one) => one === text);
  if (protocol !== undefined) return protocol;
  throw new UsageError(`${written.from("protocol")} must be one of ${upstreamProtocols.join(", ")}, not "${text}"`);
}

function readNodeId(written: WrittenServer, protocol: UpstreamProtocol): string | undefined {
  const nodeId = textOf(written, "node_id");
  if (nodeId === undefined) return undefined;
  if (protocol !== "nodes") throw new UsageError(`${written.from("node_id")} is only for the protocol nodes`);
  if (/^[\w.:@-]{1,128}$/.test(nodeId)) return nodeId;
  throw new UsageError(`${written.from("node_id")} must be 1 to 128 letters, digits or . : @ _ -`);
}

function readAddress(address: string, from: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
  const url = URL.parse(withScheme);
  const schemes = ["http:", "https:", "ws:", "wss:"];
  if (url !== null && schemes.includes(url.protocol)) return url;
  throw new UsageError(`${from} must be an address like https://core.example:9999, not "${address}"`);
}

function textOf(written: WrittenServer, key: ServerKey): string | undefined {
  const value = written.value(key);
  if (value === undefined) return undefined;
  if (typeof value === "number") return String(value);
  if (typeof value === "string" && value !== "") return value;
  throw new UsageError(`${written.from(key)} must be a text`);
}
