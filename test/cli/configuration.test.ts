import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import type { Configuration } from "../../src-main/cli/configuration.ts";
import { environmentName, settingKeys, settings } from "../../src-main/cli/settings.ts";
import { UsageError } from "../../src-main/cli/usageError.ts";
import { configurationOf } from "../support/configurationOf.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

interface Row {
  readonly key: keyof typeof settings;
  /** Two values, the texts that people write, and what each comes to. */
  readonly texts: readonly [string, string];
  readonly read: (configuration: Configuration) => unknown;
  readonly values: readonly [unknown, unknown];
  /** What else must be said for the key to mean something. */
  readonly with?: readonly string[];
}

const server = ["--server", "http://core:9999"];
const rows: readonly Row[] = [
  { key: "agent-only", texts: ["true", "false"], read: ({ roles }) => roles.core, values: [false, true], with: server },
  { key: "core-only", texts: ["true", "false"], read: ({ roles }) => roles.agent, values: [false, true] },
  {
    key: "listen",
    texts: ["127.0.0.1:1", "[::1]:2,protocol=nodes"],
    read: ({ listen }) => listen,
    values: [
      [{ host: "127.0.0.1", port: 1, protocol: undefined, tls: false }],
      [{ host: "::1", port: 2, protocol: "nodes", tls: false }],
    ],
  },
  { key: "data", texts: ["/a", "b"], read: ({ dataFolder }) => dataFolder, values: ["/a", resolve("b")] },
  {
    key: "server",
    texts: ["https://core.example", "core:9999"],
    read: ({ upstreams }) => upstreams[0]?.server.href,
    values: ["https://core.example/", "http://core:9999/"],
  },
  { key: "token", texts: ["a", "b"], read: ({ upstreams }) => upstreams[0]?.token, values: ["a", "b"], with: server },
  {
    key: "node-id",
    texts: ["a", "b"],
    read: ({ upstreams }) => upstreams[0]?.nodeId,
    values: ["a", "b"],
    with: server,
  },
  {
    key: "protocol",
    texts: ["nodes", "monitoring"],
    read: ({ upstreams }) => upstreams[0]?.protocol,
    values: ["nodes", "monitoring"],
    with: [...server, "--token", "t"],
  },
  { key: "policy", texts: ["/p", "/q"], read: ({ policyFile }) => policyFile, values: ["/p", "/q"] },
  { key: "tls-ca", texts: ["/p", "/q"], read: ({ tlsCaFile }) => tlsCaFile, values: ["/p", "/q"] },
  {
    key: "tls-cert",
    texts: ["/c", "/d"],
    read: ({ tls }) => tls,
    values: [
      { certFile: "/c", keyFile: "/k" },
      { certFile: "/d", keyFile: "/k" },
    ],
    with: ["--tls-key", "/k"],
  },
  {
    key: "tls-key",
    texts: ["/k", "/l"],
    read: ({ tls }) => tls,
    values: [
      { certFile: "/c", keyFile: "/k" },
      { certFile: "/c", keyFile: "/l" },
    ],
    with: ["--tls-cert", "/c"],
  },
  { key: "allowed-host", texts: ["a", "b"], read: ({ allowedHosts }) => allowedHosts, values: [["a"], ["b"]] },
  {
    key: "allow-default-token",
    texts: ["true", "false"],
    read: ({ allowDefaultToken }) => allowDefaultToken,
    values: [true, false],
  },
  { key: "history-size", texts: ["5GB", "1.5M"], read: ({ historyBytes }) => historyBytes, values: [5e9, 1.5e6] },
  { key: "database-size", texts: ["700", "2 tb"], read: ({ databaseBytes }) => databaseBytes, values: [700, 2e12] },
  { key: "document-quota", texts: ["5GB", "1.5M"], read: ({ documentQuota }) => documentQuota, values: [5e9, 1.5e6] },
  {
    key: "document-max-size",
    texts: ["2G", "700"],
    read: ({ documentMaxSize }) => documentMaxSize,
    values: [2e9, 700],
  },
  { key: "document-bin-days", texts: ["7", "365"], read: ({ documentBinDays }) => documentBinDays, values: [7, 365] },
  { key: "log-days", texts: ["7", "365"], read: ({ logDays }) => logDays, values: [7, 365] },
  { key: "log-size", texts: ["500MB", "2GB"], read: ({ logBytes }) => logBytes, values: [5e8, 2e9] },
  {
    key: "password-min-length",
    texts: ["12", "8"],
    read: ({ passwordPolicy }) => passwordPolicy.minLength,
    values: [12, 8],
  },
  {
    key: "password-max-length",
    texts: ["64", "1024"],
    read: ({ passwordPolicy }) => passwordPolicy.maxLength,
    values: [64, 1024],
  },
  {
    key: "password-must-contain",
    texts: ["digit", "special"],
    read: ({ passwordPolicy }) => passwordPolicy.mustContain,
    values: [["digit"], ["special"]],
  },
  {
    key: "password-days",
    texts: ["365", "90"],
    read: ({ passwordPolicy }) => passwordPolicy.expiresAfterDays,
    values: [365, 90],
  },
  { key: "no-open", texts: ["true", "false"], read: ({ openBrowser }) => openBrowser, values: [false, true] },
  { key: "log-level", texts: ["debug", "warn"], read: ({ logLevel }) => logLevel, values: ["debug", "warn"] },
  { key: "log-format", texts: ["json", "text"], read: ({ logFormat }) => logFormat, values: ["json", "text"] },
  { key: "trace-wire", texts: ["true", "false"], read: ({ traceWire }) => traceWire, values: [true, false] },
];

test("every setting has a row here", () => {
  assert.deepEqual(rows.map(({ key }) => key).sort(), [...settingKeys].sort());
});

for (const { key, texts, read, values, with: more = [] } of rows) {
  const isSwitch = settings[key].kind === "switch";
  const inFile = (text: string): string => `${key}: ${isSwitch ? text : JSON.stringify(text)}\n`;
  const name = environmentName(key);

  test(`${key} from the file, the environment and the command line, each before the one it stands behind`, async (t) => {
    const [first, second] = texts;
    const value = async (sources: Parameters<typeof configurationOf>[1]): Promise<unknown> =>
      read(await configurationOf(t, { ...sources, flags: [...more, ...(sources.flags ?? [])] }));
    const flag = isSwitch ? [`--${key}`] : [`--${key}`, first];
    assert.deepEqual(await value({ file: inFile(first) }), values[0]);
    assert.deepEqual(await value({ env: { [name]: first } }), values[0]);
    assert.deepEqual(await value({ flags: flag }), values[0]);
    assert.deepEqual(await value({ file: inFile(first), env: { [name]: second } }), values[1], "environment over file");
    assert.deepEqual(await value({ env: { [name]: second }, flags: flag }), values[0], "command line over environment");
    assert.deepEqual(await value({ file: inFile(second), flags: flag }), values[0], "command line over file");
    assert.deepEqual(await value({ file: inFile(first), env: { [name]: "" } }), values[0], "an empty one is none");
  });
}

test("without any setting: core and agent here, for this machine only", async (t) => {
  const { adminPassword, ...rest } = await configurationOf(t, {});
  assert.equal(adminPassword, undefined);
  assert.deepEqual(rest, {
    roles: { core: true, agent: true },
    dataFolder: "/default",
    listen: [{ host: "127.0.0.1", port: 9999, protocol: undefined, tls: false }],
    upstreams: [],
    policyFile: "/default/policy.yaml",
    tlsCaFile: undefined,
    tls: undefined,
    allowedHosts: [],
    allowDefaultToken: false,
    historyBytes: 20e9,
    databaseBytes: 0,
    logDays: 30,
    documentQuota: 0,
    documentMaxSize: 0,
    documentBinDays: 30,
    logBytes: 5e9,
    passwordPolicy: { minLength: 10, maxLength: 256, mustContain: [], expiresAfterDays: 0 },
    openBrowser: true,
    logLevel: "info",
    logFormat: "text",
    traceWire: false,
  });
});

test("the administrator's password comes from the environment and nowhere else", async (t) => {
  const env = { PICKET_ADMIN_PASSWORD: "from the environment" };
  assert.equal((await configurationOf(t, { env })).adminPassword, "from the environment");
  assert.equal((await configurationOf(t, { env: { PICKET_ADMIN_PASSWORD: "" } })).adminPassword, undefined);
  await assert.rejects(configurationOf(t, { file: "admin-password: x\n" }), /"admin-password" is not known/);
  await assert.rejects(configurationOf(t, { flags: ["--admin-password", "x"] }), UsageError);
});

test("lists: repeated on the command line, with semicolons in the environment, as a list in the file", async (t) => {
  const hosts = async (sources: Parameters<typeof configurationOf>[1]) =>
    (await configurationOf(t, sources)).allowedHosts;
  assert.deepEqual(await hosts({ flags: ["--allowed-host", "a", "--allowed-host=b"] }), ["a", "b"]);
  assert.deepEqual(await hosts({ env: { PICKET_ALLOWED_HOST: "a;b" } }), ["a", "b"]);
  assert.deepEqual(await hosts({ file: "allowed-host: [a, b]\n" }), ["a", "b"]);
  assert.deepEqual(await hosts({ file: "allowed-host: [a, b]\n", flags: ["--allowed-host", "c"] }), ["c"]);
});

test("a certificate that no address asks for is for all of them, else for those that ask", async (t) => {
  const certificate = ["--tls-cert", "/c", "--tls-key", "/k"];
  const tlsOf = async (...listen: string[]) => {
    const flags = [...certificate, ...listen.flatMap((address) => ["--listen", address])];
    return (await configurationOf(t, { flags })).listen.map(({ tls }) => tls);
  };
  assert.deepEqual(await tlsOf(), [true]);
  assert.deepEqual(await tlsOf("a:1", "b:2"), [true, true]);
  assert.deepEqual(await tlsOf("a:1", "b:2,tls"), [false, true]);
});

test("an empty file, and one of comments, say nothing", async (t) => {
  for (const file of ["", "\n", "# nothing\n", "---\n", "null\n"]) {
    assert.equal((await configurationOf(t, { file })).logLevel, "info", JSON.stringify(file));
  }
});

test("aliases of the file are what they stand for", async (t) => {
  const file = "allowed-host: &names [a]\nlisten:\n  - 127.0.0.1:1\npolicy: &file /p\ntls-ca: *file\n";
  assert.equal((await configurationOf(t, { file })).tlsCaFile, "/p");
});

test("a list of servers, each with its protocol, its credentials and its policy, beside the single one", async (t) => {
  const file = `
server: https://core.example:9999
servers:
  - { url: "https://second.example", token: pkt_enrol_1, node_id: web-1 }
  - { url: "wss://monitor.example/agents", protocol: monitoring, api_key: 12345, policy: /etc/picket/monitor.yaml }
  - { url: "relay.example:8765", protocol: rooms, token: room-1 }
  - { url: "relay.example:8765", protocol: rooms, token: room-2 }
`;
  const { upstreams } = await configurationOf(t, { file });
  const none = { token: undefined, nodeId: undefined, policyFile: undefined };
  assert.deepEqual(
    upstreams.map(({ server: { href }, ...rest }) => ({ href, ...rest })),
    [
      { ...none, href: "https://core.example:9999/", protocol: "nodes" },
      { ...none, href: "https://second.example/", protocol: "nodes", token: "pkt_enrol_1", nodeId: "web-1" },
      {
        ...none,
        href: "wss://monitor.example/agents",
        protocol: "monitoring",
        token: "12345",
        policyFile: "/etc/picket/monitor.yaml",
      },
      { ...none, href: "http://relay.example:8765/", protocol: "rooms", token: "room-1" },
      { ...none, href: "http://relay.example:8765/", protocol: "rooms", token: "room-2" },
    ],
  );
});

test("a list of servers is enough for an agent alone", async (t) => {
  const { roles } = await configurationOf(t, { flags: ["--agent-only"], file: "servers: [{ url: core:9999 }]\n" });
  assert.deepEqual(roles, { core: false, agent: true });
});
