import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../src-main/cli/usageError.ts";
import { type ConfigurationSources, configurationOf } from "../support/configurationOf.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const address = "must be HOST:PORT, like 127.0.0.1:9999 or [::1]:9999, not";

/** What is written, and the sentence that answers it. `FILE` stands for the file's path. */
const rows: readonly (readonly [ConfigurationSources, string])[] = [
  [{ file: "log-level: info\n\nlisten-on: a\n" }, 'FILE, line 3: the key "listen-on" is not known'],
  [
    { file: "# a comment\nlog-level: loud\n" },
    'FILE, line 2: "log-level" must be one of debug, info, warn, error, not "loud"',
  ],
  [{ file: "log-level: 5\n" }, 'FILE, line 1: "log-level" must be one of debug, info, warn, error, not "5"'],
  [{ file: "log-level:\n" }, 'FILE, line 1: "log-level" must be a text'],
  [{ file: "data: [a]\n" }, 'FILE, line 1: "data" must be a text'],
  [{ file: "data: ''\n" }, 'FILE, line 1: "data" must be a text'],
  [{ file: "core-only: maybe\n" }, 'FILE, line 1: "core-only" must be true or false'],
  [{ file: "core-only: [true]\n" }, 'FILE, line 1: "core-only" must be true or false'],
  [{ file: "listen:\n  - 127.0.0.1\n" }, `FILE, line 1: "listen" ${address} "127.0.0.1"`],
  [{ file: "allowed-host: [a, 5]\n" }, 'FILE, line 1: "allowed-host" must be a text or a list of texts'],
  [{ file: "allowed-host: {a: b}\n" }, 'FILE, line 1: "allowed-host" must be a text or a list of texts'],
  [{ file: "__proto__: {}\n" }, 'FILE, line 1: the key "__proto__" is not known'],
  [{ file: "- a\n" }, "the configuration file FILE must be a map of keys"],
  [{ file: "just text\n" }, "the configuration file FILE must be a map of keys"],
  [
    { file: "data: /a\ndata: /b\n" },
    "the configuration file FILE cannot be read: Map keys must be unique at line 2, column 1",
  ],
  [
    { file: "data: *nothing\n" },
    "the configuration file FILE cannot be read: Unresolved alias (the anchor must be set before the alias): nothing",
  ],
  [{ env: { PICKET_LOG_FORMAT: "xml" } }, 'PICKET_LOG_FORMAT must be one of text, json, not "xml"'],
  [{ env: { PICKET_AGENT_ONLY: "on" } }, "PICKET_AGENT_ONLY must be true or false"],
  [{ env: { PICKET_ALLOWED_HOST: "a;;b" } }, "PICKET_ALLOWED_HOST must be a text or a list of texts"],
  [{ flags: ["--history-size", "much"] }, '--history-size must be a size like 500MB or 20GB, not "much"'],
  [{ flags: ["--document-bin-days", "0"] }, '--document-bin-days must be a number of days from 1 to 3650, not "0"'],
  [{ flags: ["--log-days", "0"] }, '--log-days must be a number of days from 1 to 3650, not "0"'],
  [{ env: { PICKET_LOG_DAYS: "ever" } }, 'PICKET_LOG_DAYS must be a number of days from 1 to 3650, not "ever"'],
  [
    { flags: ["--password-min-length", "0"] },
    '--password-min-length must be a number of characters from 1 to 1024, not "0"',
  ],
  [
    { flags: ["--password-min-length", "20", "--password-max-length", "12"] },
    "password-min-length is more than password-max-length",
  ],
  [
    { env: { PICKET_PASSWORD_MUST_CONTAIN: "digit;emoji" } },
    'PICKET_PASSWORD_MUST_CONTAIN must be one of uppercase, lowercase, digit, special, not "emoji"',
  ],
  [{ flags: ["--password-days", "0"] }, '--password-days must be a number of days from 1 to 3650, not "0"'],
  [{ flags: ["--database-size", "-1"] }, "Option '--database-size' argument is ambiguous; see --help"],
  [{ flags: ["--database-size=-1"] }, '--database-size must be a size like 500MB or 20GB, not "-1"'],
  [{ flags: ["--listen", "localhost:65536"] }, `--listen ${address} "localhost:65536"`],
  [{ flags: ["--listen", "::1:9999"] }, `--listen ${address} "::1:9999"`],
  [{ flags: ["--listen", ":9999"] }, `--listen ${address} ":9999"`],
  [{ flags: ["--listen", "a:1,fast"] }, '--listen: "fast" is neither tls nor protocol=NAME'],
  [
    { flags: ["--listen", "a:1,protocol=ftp"] },
    '--listen: the protocol must be one of nodes, machines, monitoring, rooms, documents, not "ftp"',
  ],
  [{ flags: ["--tls-cert", "/c"] }, "--tls-cert and --tls-key go together"],
  [{ env: { PICKET_TLS_KEY: "/k" } }, "--tls-cert and --tls-key go together"],
  [{ flags: ["--agent-only", "--core-only"] }, "--agent-only and --core-only exclude each other"],
  [{ flags: ["--agent-only"] }, "--agent-only needs --server URL: where should it report to?"],
  [
    { flags: ["--server", "ftp://core"] },
    '--server must be an address like https://core.example:9999, not "ftp://core"',
  ],
  [{ flags: ["--server", "http://"] }, '--server must be an address like https://core.example:9999, not "http://"'],
  [{ flags: ["--protocol", "ftp"] }, '--protocol must be one of nodes, monitoring, rooms, not "ftp"'],
  [
    { flags: ["--server", "m", "--protocol", "monitoring"] },
    "the protocol monitoring needs the API key: give it as --token",
  ],
  [
    { flags: ["--server", "m", "--protocol", "rooms"] },
    "the protocol rooms needs the room's token: give it as --token",
  ],
  [
    { flags: ["--server", "m", "--protocol", "rooms", "--token", "t", "--node-id", "n"] },
    "--node-id is only for the protocol nodes",
  ],
  [{ file: "servers: core:9999\n" }, 'FILE, line 1: "servers" must be a list of servers'],
  [{ file: "servers: [core:9999]\n" }, 'FILE, line 1: "servers", server 1 must be a map with at least the key "url"'],
  [{ file: "servers: [{ token: a }]\n" }, 'FILE, line 1: "servers", server 1: the key "url" is missing'],
  [{ file: "servers: [{ url: a, ur: b }]\n" }, 'FILE, line 1: "servers", server 1: the key "ur" is not known'],
  [{ file: "servers: [{ url: }]\n" }, 'FILE, line 1: "servers", server 1: "url" must be a text'],
  [
    { file: "servers:\n  - { url: a }\n  - { url: b, protocol: monitoring }\n" },
    'the protocol monitoring needs the API key: give it as FILE, line 1: "servers", server 2: "token"',
  ],
  [
    { file: "servers: [{ url: a, api_key: b }]\n" },
    'FILE, line 1: "servers", server 1: "api_key" is only for the protocol monitoring',
  ],
  [
    { flags: ["--server", "a"], file: "servers: [{ url: a }]\n" },
    "the server http://a/ is given twice for the protocol nodes",
  ],
  [{ flags: ["--server", "core:1", "--node-id", "a b"] }, "--node-id must be 1 to 128 letters, digits or . : @ _ -"],
  [{ flags: ["--data", ""] }, "--data must be a text"],
  [{ flags: ["--colour"] }, "Unknown option '--colour'; see --help"],
  [{ flags: ["--data"] }, "Option '--data <value>' argument missing; see --help"],
  [{ flags: ["--core-only=yes"] }, "Option '--core-only' does not take an argument; see --help"],
];

for (const [sources, sentence] of rows) {
  test(`${JSON.stringify(sources)} is answered in one sentence`, async (t) => {
    const { message } = await configurationOf(t, sources).then(
      () => assert.fail("it was taken"),
      (error: unknown) => {
        assert.ok(error instanceof UsageError, String(error));
        return error;
      },
    );
    assert.equal(message.replace(/\/\S*config\.yaml/g, "FILE"), sentence);
    assert.ok(!message.includes("\n"));
  });
}

test("a file that is not there, or is a folder, is said so with its name", async (t) => {
  const folder = temporaryFolder(t);
  const missing = join(folder, "missing.yaml");
  for (const [file, reason] of [
    [missing, /missing\.yaml cannot be read: ENOENT/],
    [folder, /cannot be read: EISDIR/],
  ] as const) {
    await assert.rejects(configurationOf(t, { flags: ["--config", file] }), reason);
    await assert.rejects(configurationOf(t, { env: { PICKET_CONFIG: file } }), reason);
  }
});
