import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainDocuments } from "../support/plainDocuments.ts";
import { RawPeer } from "../support/rawPeer.ts";
import type { RunningProgram } from "../support/runNode.ts";
import { runProgram } from "../support/runProgram.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const adminPassword = "a good password";

interface RunningCore extends RunningProgram {
  readonly folder: string;
  readonly url: string;
}

async function runCore(t: TestContext, folder = temporaryFolder(t), env = {}): Promise<RunningCore> {
  const args = ["--core-only", "--listen", "127.0.0.1:0", "--data", folder];
  const program = runProgram(t, args, { env: { PICKET_ADMIN_PASSWORD: adminPassword, ...env } });
  const url = await program.printed(/^picket core listening on (\S+)$/m);
  return Object.assign(program, { folder, url });
}

const cli = (t: TestContext, core: { readonly folder: string }, ...args: string[]) =>
  runProgram(t, ["--data", core.folder, ...args]).exit;

async function signIn(url: string, password: string): Promise<string> {
  const body = JSON.stringify({ username: "admin", password });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/auth/login`, { method: "POST", headers, body });
  return ((await response.json()) as { access_token: string }).access_token;
}

test("the first start prints the administrator's password once and keeps it for the owner alone", async (t) => {
  const args = ["--core-only", "--listen", "127.0.0.1:0", "--data", temporaryFolder(t)];
  const first = runProgram(t, args);
  const url = await first.printed(/^picket core listening on (\S+)$/m);
  const [, password = "", file = ""] =
    /^picket administrator: user admin, password (\S+) \(also in (\S+)\)$/m.exec(first.stdout) ?? [];
  assert.notEqual(await signIn(url, password), undefined);
  assert.equal(readFileSync(file, "utf8"), `${password}\n`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  first.signal("SIGTERM");
  assert.equal((await first.exit).code, 0);
  assert.ok(!first.stderr.includes(password), "no log has it");
  const second = runProgram(t, args);
  await second.printed(/listening/);
  assert.ok(!second.stdout.includes("password") && !second.stdout.includes(password));
});

test("a second start on the same data folder is refused, and the first notices nothing", async (t) => {
  const core = await runCore(t);
  const args = ["--core-only", "--listen", "127.0.0.1:0", "--data", core.folder];
  const { code, stdout, stderr } = await runProgram(t, args).exit;
  const sentence = `picket: Another Picket (process ${core.pid}) uses the data folder ${core.folder}.\n`;
  assert.deepEqual([code, stdout, stderr], [2, "", sentence]);
  const healthz = await fetch(`${core.url}/healthz`);
  assert.equal(healthz.status, 200);
  assert.equal((await cli(t, core, "token", "list", "--json")).stdout, "[]\n");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal}: peers are told, the lock goes, the exit code is 0, and what was acked is there again`, async (t) => {
    const core = await runCore(t);
    const wsUrl = core.url.replace(/^http/, "ws");
    const { token } = JSON.parse((await cli(t, core, "token", "create", "--json")).stdout) as { token: string };
    const node = await RawPeer.connect(t, `${wsUrl}/api/v1/ws?token=${token}&node_id=n`);
    const send = (type: string, data: object): void =>
      node.send({ type, id: crypto.randomUUID(), timestamp: new Date().toISOString(), data });
    send("node_register", { node_id: "n", hostname: "h", ip_address: "192.0.2.1" });
    await node.nextOf("register_response");
    send("heartbeat", { node_id: "n", status: "online", metrics: { cpu_usage: 42 } });
    await node.nextOf("heartbeat_ack");
    const console = await RawPeer.connect(t, `${wsUrl}/ws?token=${await signIn(core.url, adminPassword)}`);
    const started = performance.now();
    core.signal(signal);
    assert.equal((await core.exit).code, 0);
    assert.ok(performance.now() - started < 5_000);
    const closed = await node.closed;
    assert.equal(closed.code, 1001);
    assert.match(closed.reason, /retry-after=\d+$/);
    assert.equal((await console.closed).code, 1001);
    assert.equal(existsSync(join(core.folder, "lock")), false);
    const again = await runCore(t, core.folder);
    const list = JSON.parse((await cli(t, again, "node", "list", "--json")).stdout) as Record<string, unknown>[];
    assert.deepEqual(
      list.map(({ node_id, status, metrics }) => ({ node_id, status, metrics })),
      [{ node_id: "n", status: "offline", metrics: { cpu_usage: 42 } }],
    );
  });
}

test("it ends in time also with peers that answer nothing any more", async (t) => {
  const core = await runCore(t);
  const port = Number(new URL(core.url).port);
  const silent = await Promise.all(
    [
      "",
      "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n",
      "POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n",
    ].map(async (start) => {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      t.after(() => socket.destroy());
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(start);
      return socket;
    }),
  );
  const peer = await RawPeer.connect(t, `${core.url.replace(/^http/, "ws")}/ws`);
  peer.socket.pause();
  assert.equal(silent.length, 3);
  const started = performance.now();
  core.signal("SIGTERM");
  assert.equal((await core.exit).code, 0);
  assert.ok(performance.now() - started < 5_000);
});

test("after a kill the next start takes the folder over", async (t) => {
  const core = await runCore(t);
  core.signal("SIGKILL");
  await core.exit;
  assert.equal(existsSync(join(core.folder, "lock")), true);
  const again = await runCore(t, core.folder);
  assert.equal((await fetch(`${again.url}/healthz`)).status, 200);
  assert.match(readFileSync(join(core.folder, "lock"), "utf8"), new RegExp(`^${again.pid} `));
});

test("core, agent and console in one: this machine is a node, and a link signs in", async (t) => {
  const folder = temporaryFolder(t);
  const program = runProgram(t, ["--no-open", "--listen", "127.0.0.1:0", "--data", folder]);
  const link = await program.printed(/^picket console: (\S+)$/m);
  await program.printed(/^picket agent connected to /m);
  const { stdout } = await cli(t, { folder }, "node", "list", "--json");
  const [node] = JSON.parse(stdout) as { node_id: string; status: string }[];
  assert.equal(node?.status, "online");
  const ticket = new URL(link).hash.replace("#ticket=", "");
  const headers = { "content-type": "application/json" };
  const post = { method: "POST", headers, body: JSON.stringify({ ticket }) };
  const url = new URL("/api/v1/auth/ticket", link);
  assert.equal((await fetch(url, post)).status, 200);
  assert.equal((await fetch(url, post)).status, 401);
  const exec = await cli(t, { folder }, "node", "exec", node?.node_id ?? "", "--", "echo out; echo err >&2; exit 9");
  assert.deepEqual(exec, { code: 9, stdout: "out\n", stderr: "err\n" });
  program.signal("SIGTERM");
  assert.equal((await program.exit).code, 0);
});

test("an agent that the server does not let in says so and ends with 3", async (t) => {
  const core = await runCore(t);
  const args = ["--agent-only", "--server", core.url, "--token", "wrong", "--data", temporaryFolder(t)];
  const { code, stderr } = await runProgram(t, args).exit;
  assert.equal(code, 3);
  assert.match(stderr, /^picket: http:\S+ refuses this node: The token is missing, unknown, expired or used up\./m);
});

test("a subcommand without a core ends with 1, a wrong one with 2, each in one line", async (t) => {
  const folder = temporaryFolder(t);
  const [without, wrong] = await Promise.all([cli(t, { folder }, "node", "list"), cli(t, { folder }, "node", "make")]);
  assert.deepEqual([without.code, without.stdout], [1, ""]);
  assert.match(without.stderr, /^picket: no core runs on the data folder [^\n]+\n$/);
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.match(wrong.stderr, /^picket: usage: picket node [^\n]+\n$/);
});

test("logs go to standard error, as JSON when that is wanted, and never with a secret", async (t) => {
  const env = { PICKET_LOG_FORMAT: "json", PICKET_TRACE_WIRE: "1" };
  const core = await runCore(t, temporaryFolder(t), env);
  const { token } = JSON.parse((await cli(t, core, "token", "create", "--json")).stdout) as { token: string };
  await eventually(() => core.stderr.includes("token-create-response"));
  for (const line of core.stderr.trimEnd().split("\n")) JSON.parse(line);
  assert.ok(!core.stderr.includes(token));
  assert.ok(!core.stderr.includes(adminPassword));
});

test("shutdown over the documents protocol: the answer, then the stop of SIGTERM, with exit code 0", async (t) => {
  const core = await runCore(t);
  const client = await PlainDocuments.signedIn(t, core.url.replace(/^http/, "ws"), { password: adminPassword });
  const answer = await client.request("shutdown");
  assert.deepEqual([answer.code, answer.message], [200, "Server is shutting down"]);
  assert.equal((await client.closed).code, 1001);
  assert.equal((await core.exit).code, 0);
  const again = await runCore(t, core.folder);
  assert.equal((await fetch(`${again.url}/healthz`)).status, 200);
});
