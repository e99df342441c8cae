import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { folderContent } from "../support/folderContent.ts";
import type { ProgramOptions } from "../support/runNode.ts";
import { runProgram } from "../support/runProgram.ts";
import { startCore } from "../support/startCore.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const anyPort = ["--core-only", "--listen", "127.0.0.1:0"];

/** A start that must not succeed: one sentence on standard error, nothing on the other, exit code 2. */
async function refusal(t: TestContext, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runProgram(t, args, options).exit;
  assert.equal(code, 2, `${stdout}${stderr}`);
  assert.equal(stdout, "");
  assert.match(stderr, /^picket: [^\n]+\n$/, "one line");
  return stderr.slice("picket: ".length, -1);
}

/** A data folder that a core has used. */
async function usedFolder(t: TestContext): Promise<string> {
  const core = await startCore(t);
  await core.enrolmentToken();
  await core.close();
  return core.dataFolder;
}

test("a port in use: nothing is made at a first start, and nothing changed at a later one", async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const sentence = `Cannot listen on 127.0.0.1:${port}: another program listens there already.`;
  const parent = temporaryFolder(t);
  const fresh = ["--listen", `127.0.0.1:${port}`, "--data", join(parent, "a", "b")];
  assert.equal(await refusal(t, fresh), sentence);
  assert.deepEqual(folderContent(parent), {});
  const folder = await usedFolder(t);
  const before = folderContent(folder);
  assert.equal(await refusal(t, ["--listen", `127.0.0.1:${port}`, "--data", folder]), sentence);
  const second = ["--listen", "127.0.0.1:0", "--listen", `127.0.0.1:${port}`];
  assert.equal(await refusal(t, [...second, "--data", folder]), sentence);
  assert.deepEqual(folderContent(folder), before);
});

test("one port named twice, and an address that is not this machine's", async (t) => {
  const folder = join(temporaryFolder(t), "data");
  const wrong = await refusal(t, ["--listen", "192.0.2.1:9", "--data", folder]);
  assert.equal(wrong, "Cannot listen on 192.0.2.1:9: this machine has no such address.");
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  await new Promise((resolve) => other.close(resolve));
  const twice = ["--listen", `127.0.0.1:${port}`, "--listen", `127.0.0.1:${port}`, "--data", folder];
  assert.match(await refusal(t, twice), new RegExp(`^Cannot listen on 127.0.0.1:${port}: `));
  assert.equal(existsSync(folder), false);
});

test("a data folder of a newer version is left as it is", async (t) => {
  const folder = await usedFolder(t);
  const database = new DatabaseSync(join(folder, "core", "picket.db"));
  database.exec("insert into kysely_migration (name, timestamp) values ('0999_future', '2030-01-01T00:00:00Z')");
  database.close();
  const before = folderContent(folder);
  const sentence = await refusal(t, [...anyPort, "--data", folder]);
  assert.equal(sentence, "The data folder was written by a newer version. (it has 0999_future)");
  assert.deepEqual(folderContent(folder), before);
});

test("a data folder that cannot be written, or cannot be one", async (t) => {
  const parent = temporaryFolder(t);
  chmodSync(parent, 0o755);
  const closed = join(parent, "closed");
  mkdirSync(closed, { mode: 0o555 });
  const file = join(parent, "file");
  writeFileSync(file, "mine");
  const before = folderContent(parent);
  // The superuser may write everywhere.
  const asOther = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  const sentences = await Promise.all([
    refusal(t, [...anyPort, "--data", closed], asOther),
    refusal(t, [...anyPort, "--data", join(closed, "below")], asOther),
    refusal(t, [...anyPort, "--data", join(file, "below")]),
  ]);
  assert.deepEqual(sentences, [
    `The data folder ${closed} cannot be used (EACCES).`,
    `The data folder ${join(closed, "below")} cannot be used (EACCES).`,
    `The data folder ${join(file, "below")} cannot be used (ENOTDIR).`,
  ]);
  assert.deepEqual(folderContent(parent), before);
});

test("a database that is none is said so and left as it is", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "core"));
  writeFileSync(join(folder, "core", "picket.db"), "this is no database, it is a text ".repeat(500));
  const before = folderContent(join(folder, "core"));
  const { code, stdout, stderr } = await runProgram(t, [...anyPort, "--data", folder]).exit;
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^picket: The database could not do this\.[^\n]*not a database\n$/);
  assert.equal(folderContent(join(folder, "core"))["picket.db"], before["picket.db"]);
});

test("a broken key, an unknown option, a missing file: no data folder is made", async (t) => {
  const parent = temporaryFolder(t);
  const config = join(parent, "config.yaml");
  writeFileSync(config, `data: ${join(parent, "data")}\nlog-level: loud\n`);
  const garbage = join(parent, "garbage.pem");
  writeFileSync(garbage, "no certificate");
  let folders = 0;
  /** A folder of its own for each: they run at the same time. */
  const data = (): string[] => {
    folders += 1;
    return ["--data", join(parent, `data-${folders}`)];
  };
  const before = folderContent(parent);
  const rows: readonly (readonly [
    args: readonly string[],
    sentence: string,
    env?: Readonly<Record<string, string>>,
  ])[] = [
    [["--config", config], `${config}, line 2: "log-level" must be one of debug, info, warn, error, not "loud"`],
    [[...data(), "--colour"], "Unknown option '--colour'; see --help"],
    [[...data(), "--agent-only"], "--agent-only needs --server URL: where should it report to?"],
    [[...data(), "start"], '"start" is no subcommand; see --help'],
    [
      data(),
      'PICKET_LISTEN must be HOST:PORT, like 127.0.0.1:9999 or [::1]:9999, not "9999"',
      { PICKET_LISTEN: "9999" },
    ],
    [
      [...data(), ...anyPort, "--tls-cert", garbage, "--tls-key", garbage],
      `--tls-cert and --tls-key: ${garbage} and ${garbage} are no certificate in PEM and its key.`,
    ],
    [
      [...data(), ...anyPort, "--tls-cert", "/none", "--tls-key", garbage],
      "--tls-cert: /none cannot be read (ENOENT).",
    ],
  ];
  await Promise.all(
    rows.map(async ([args, sentence, env = {}]) => {
      const said = await refusal(t, args, { env });
      assert.equal(said, sentence);
    }),
  );
  assert.deepEqual(folderContent(parent), before);
});

test("a given password that is too weak is refused, and a better one is taken afterwards", async (t) => {
  const folder = temporaryFolder(t);
  const args = [...anyPort, "--data", folder];
  const said = await refusal(t, args, { env: { PICKET_ADMIN_PASSWORD: "short" } });
  assert.match(said, /^The password is too weak\. \(it must have 10 to 256 characters\)$/);
  const program = runProgram(t, args, { env: { PICKET_ADMIN_PASSWORD: "a longer password" } });
  const url = await program.printed(/listening on (\S+)/);
  const body = JSON.stringify({ username: "admin", password: "a longer password" });
  const headers = { "content-type": "application/json" };
  assert.equal((await fetch(`${url}/api/v1/auth/login`, { method: "POST", headers, body })).status, 200);
});

test("help and version are printed and nothing else happens", async (t) => {
  const data = ["--data", join(temporaryFolder(t), "data")];
  const [help, version] = await Promise.all([
    runProgram(t, ["--help", ...data]).exit,
    runProgram(t, ["--version", ...data]).exit,
  ]);
  assert.deepEqual([help.code, help.stderr, version.code, version.stderr], [0, "", 0, ""]);
  assert.match(help.stdout, /--agent-only/);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(existsSync(data[1] ?? ""), false);
});
