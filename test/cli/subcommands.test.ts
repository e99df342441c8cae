import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../src-main/cli/usageError.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { type CliOutcome, runCli } from "../support/runCli.ts";
import { startCore } from "../support/startCore.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { totpCode } from "../support/totpCode.ts";

failOnLeaks();

const json = ({ out }: CliOutcome): unknown => JSON.parse(out);
const day = 24 * 3_600_000;

test("token create answers what scripts rely on, and the token enrols", async (t) => {
  const core = await startCore(t);
  const args = ["--name", "rack 4", "--uses", "2", "--expires", "7d", "--group", "db"];
  const outcome = await runCli(core.dataFolder, "token", "create", ...args, "--json");
  const { id, token, uses, expires_at, ...rest } = json(outcome) as Record<string, string | number>;
  assert.deepEqual([outcome.code, uses, rest], [0, 2, {}]);
  const until = Date.parse(String(expires_at)) - Date.now();
  assert.ok(until > 7 * day - 60_000 && until <= 7 * day);
  await PlainNode.join(t, core, { token: String(token), nodeId: "a" });
  assert.equal(core.core.nodes.require("a").group, "db");
  const [listed] = json(await runCli(core.dataFolder, "token", "list", "--json")) as Record<string, unknown>[];
  assert.equal(typeof listed?.["created_at"], "string");
  assert.deepEqual(listed, {
    id,
    name: "rack 4",
    group: "db",
    uses: 2,
    used: 1,
    created_by: "local",
    created_at: listed?.["created_at"],
    expires_at,
    revoked_at: null,
  });
});

test("token create for people: the token alone on standard output", async (t) => {
  const { dataFolder } = await startCore(t);
  const { out, said } = await runCli(dataFolder, "token", "create");
  assert.match(out, /^pkt_enrol_\S+\n$/);
  assert.match(said, /^token [0-9a-f]+, for 1 node\(s\), (until \S+|never expires)$/);
  assert.match((await runCli(dataFolder, "token", "create", "--expires", "never")).said, /never expires$/);
});

test("tokens are listed as a table with what is the matter with them, and revoked by their id", async (t) => {
  const { dataFolder } = await startCore(t);
  const { id } = json(await runCli(dataFolder, "token", "create", "--name", "one", "--json")) as { id: string };
  await runCli(dataFolder, "token", "create", "--name", "two", "--expires", "never");
  assert.deepEqual(json(await runCli(dataFolder, "token", "revoke", id, "--json")), { id, revoked: true });
  const { out } = await runCli(dataFolder, "token", "list");
  const lines = out.trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^ID +NAME +GROUP +USED +EXPIRES +STATE$/);
  assert.equal(lines.length, 3);
  assert.ok(
    lines.some((line) => new RegExp(`^${id} +one +default +0/1 .*revoked$`).test(line)),
    out,
  );
  assert.ok(
    lines.some((line) => /two +default +0\/1 +never +in force$/.test(line)),
    out,
  );
  await assert.rejects(runCli(dataFolder, "token", "revoke", id), { code: "TOKEN_NOT_FOUND" });
});

test("user create, list and remove", async (t) => {
  const core = await startCore(t);
  const { dataFolder } = core;
  const file = join(temporaryFolder(t), "password");
  writeFileSync(file, "kim's password\n");
  const create = ["user", "create", "kim", "--role", "operator", "--password-file", file, "--groups", "a,b"];
  assert.deepEqual(json(await runCli(dataFolder, ...create, "--json")), { username: "kim", role: "operator" });
  await core.signIn("kim", "kim's password");
  await assert.rejects(runCli(dataFolder, ...create), { code: "CONFLICT" });
  assert.deepEqual(json(await runCli(dataFolder, "user", "list", "--json")), [
    { username: "admin", role: "administrator", groups: null, twoFactor: false },
    { username: "kim", role: "operator", groups: ["a", "b"], twoFactor: false },
  ]);
  const { out } = await runCli(dataFolder, "user", "list");
  assert.equal(
    out,
    [
      "NAME   ROLE           GROUPS  SECOND FACTOR",
      "admin  administrator  all     no",
      "kim    operator       a, b    no",
      "",
    ].join("\n"),
  );
  assert.equal((await runCli(dataFolder, "user", "remove", "KIM")).out, "removed\n");
  await assert.rejects(runCli(dataFolder, "user", "remove", "kim"), /there is no user kim/);
  await assert.rejects(runCli(dataFolder, "user", "remove", "admin"), { code: "CONFLICT" });
});

test("user reset-two-factor lets in whoever lost the second factor", async (t) => {
  const core = await startCore(t);
  const { dataFolder } = core;
  const { twoFactor, users } = core.core;
  const kim = await users.create({ username: "kim", password: "kim's password", role: "viewer" });
  const { secret } = await twoFactor.setUp(kim.id);
  await twoFactor.confirm(kim.id, totpCode(secret, Date.now()));
  await assert.rejects(core.signIn("kim", "kim's password"), /202/);
  assert.deepEqual(json(await runCli(dataFolder, "user", "reset-two-factor", "Kim", "--json")), {
    username: "Kim",
    twoFactor: false,
  });
  await core.signIn("kim", "kim's password");
  assert.equal((await runCli(dataFolder, "user", "reset-two-factor", "kim")).out, "reset\n", "again is no harm");
  await assert.rejects(runCli(dataFolder, "user", "reset-two-factor", "lee"), /there is no user lee/);
});

test("a password from Windows' or Unix's editors is the line without its end", async (t) => {
  const core = await startCore(t);
  const file = join(temporaryFolder(t), "password");
  for (const [name, end] of [
    ["unix", "\n"],
    ["windows", "\r\n"],
    ["none", ""],
  ] as const) {
    writeFileSync(file, ` a password ${end}`);
    await runCli(core.dataFolder, "user", "create", name, "--role", "viewer", "--password-file", file);
    await core.signIn(name, " a password ");
  }
});

test("nodes are listed with their age and newest sample", async (t) => {
  const core = await startCore(t);
  assert.deepEqual(json(await runCli(core.dataFolder, "node", "list", "--json")), []);
  const node = await PlainNode.join(t, core, { nodeId: "db-1" });
  await node.heartbeat({ cpu_usage: 12.4 });
  await core.core.nodes.change("db-1", { tags: ["x", "y"], name: "main\u001b[31m" });
  const [listed] = json(await runCli(core.dataFolder, "node", "list", "--json")) as Record<string, unknown>[];
  const { last_seen, metrics_time, ...rest } = listed ?? {};
  assert.ok(Math.abs(Date.parse(String(last_seen)) - Date.now()) < 60_000);
  assert.ok(Math.abs(Date.parse(String(metrics_time)) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    node_id: "db-1",
    name: "main\u001b[31m",
    hostname: "host",
    ip_address: "192.0.2.1",
    os_info: null,
    group: "default",
    tags: ["x", "y"],
    capabilities: [],
    status: "online",
    metrics: { cpu_usage: 12.4 },
  });
  const { out } = await runCli(core.dataFolder, "node", "list");
  assert.match(
    out,
    /^ID +NAME +STATUS +CPU +GROUP +TAGS +LAST SEEN\ndb-1 +main·\[31m +online +12 % +default +x, y +\S+Z\n$/,
  );
});

test("very many nodes are all listed", async (t) => {
  const core = await startCore(t);
  const registration = { hostname: "h", ipAddress: "192.0.2.1", osInfo: undefined, capabilities: [], group: "g" };
  const nodeIds = Array.from({ length: 1_001 }, (_, index) => `node-${String(index).padStart(4, "0")}`);
  for (const nodeId of nodeIds) await core.core.nodes.register({ ...registration, nodeId, publicKey: undefined });
  const listed = json(await runCli(core.dataFolder, "node", "list", "--json")) as { node_id: string }[];
  assert.deepEqual(
    listed.map(({ node_id }) => node_id),
    nodeIds,
  );
});

test("console prints a link that signs in once", async (t) => {
  const core = await startCore(t);
  const { url } = json(await runCli(core.dataFolder, "console", "--json")) as { url: string };
  const { out } = await runCli(core.dataFolder, "console");
  assert.notEqual(out.trim(), url, "another one each time");
  const ticket = new URL(url).hash.replace("#ticket=", "");
  assert.equal(new URL(url).origin, core.httpUrl);
  assert.notEqual(core.core.tickets.redeem(ticket), undefined);
});

test("what a subcommand changes is written down as done by the machine's owner", async (t) => {
  const core = await startCore(t);
  await runCli(core.dataFolder, "token", "create", "--name", "one");
  const [record] = await core.core.audit.list({ limit: 1 });
  assert.deepEqual(
    [record?.actor, record?.action, record?.target, record?.outcome],
    ["local", "token-create", "one", "done"],
  );
});

test("without a running core one sentence says so", async (t) => {
  const folder = temporaryFolder(t);
  for (const words of [["token", "list"], ["user", "list"], ["node", "list"], ["console"]]) {
    await assert.rejects(runCli(folder, ...words), {
      message: `no core runs on the data folder ${folder}: start it first, or name its folder with --data`,
    });
  }
});

const misuse: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["nothing"], /^"nothing" is no subcommand; see --help$/],
  [["constructor"], /^"constructor" is no subcommand/],
  [["token"], /^usage: picket token/],
  [["token", "make"], /^usage: picket token/],
  [["token", "revoke"], /^which token\?/],
  [["token", "create", "--uses", "0"], /^--uses must be a whole number from 1, not "0"$/],
  [["token", "create", "--uses", "1.5"], /^--uses/],
  [["token", "create", "--expires", "soon"], /^--expires must be like 30m, 12h, 7d or never, not "soon"$/],
  [["token", "create", "--expires", "0d"], /^--expires/],
  [["user", "create"], /^which name\?/],
  [["user", "create", "kim"], /^--role must be one of viewer, operator, administrator$/],
  [["user", "create", "kim", "--role", "king"], /^--role must be one of/],
  [["user", "create", "kim", "--role", "viewer"], /^--password-file FILE is needed/],
  [
    ["user", "create", "kim", "--role", "viewer", "--password-file", "/none"],
    /^--password-file \/none cannot be read \(ENOENT\)$/,
  ],
  [["user", "remove"], /^which user\?/],
  [["node"], /^usage: picket node/],
  [["node", "exec"], /^which node\?/],
  [["node", "exec", "n"], /^which command\?/],
  [["node", "exec", "n", "--timeout", "0", "--", "x"], /^--timeout must be whole seconds from 1 to 86400, not "0"$/],
  [["node", "shell"], /^which node\?/],
  [["config"], /^usage: picket config check$/],
];

for (const [args, message] of misuse) {
  test(`picket ${args.join(" ")} is answered without asking a core`, async (t) => {
    const wrong = async () => runCli(temporaryFolder(t), ...args);
    await assert.rejects(wrong, (error: unknown) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}
