import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src-main/cli/usageError.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { makeKey, PlainAgent } from "../support/plainAgent.ts";
import { type CliOutcome, runCli } from "../support/runCli.ts";
import { startCore } from "../support/startCore.ts";

failOnLeaks();

const json = ({ out }: CliOutcome): unknown => JSON.parse(out);

test("api-key create answers what scripts rely on, and the key lets its server in", async (t) => {
  const core = await startCore(t);
  const outcome = await runCli(core.dataFolder, "api-key", "create", "--server", "web 1", "--group", "db", "--json");
  const { id, api_key, server_id, ...rest } = json(outcome) as Record<string, string>;
  assert.deepEqual([outcome.code, rest], [0, {}]);
  const agent = await PlainAgent.join(t, core, { keyId: `${id}`, apiKey: `${api_key}`, serverId: `${server_id}` });
  assert.equal(agent.serverId, server_id);
  const { name, group } = core.core.nodes.require(`${server_id}`);
  assert.deepEqual([name, group], ["web 1", "db"]);
  const [listed] = json(await runCli(core.dataFolder, "api-key", "list", "--json")) as Record<string, unknown>[];
  const { created_at, last_used_at, ...others } = listed ?? {};
  assert.deepEqual(
    [typeof created_at, typeof last_used_at, others],
    ["string", "string", { id, server: "web 1", server_id, group: "db", created_by: "local", revoked_at: null }],
  );
  const entries = await core.core.audit.list({ limit: 10 });
  assert.ok(entries.some(({ action, target }) => action === "api-key-create" && target === "web 1"));
  assert.ok(!JSON.stringify(entries).includes(`${api_key}`), "the key is not in the audit log");
});

test("api-key create for people: the key alone on standard output", async (t) => {
  const { dataFolder } = await startCore(t);
  const { out, said } = await runCli(dataFolder, "api-key", "create", "--server", "web-1");
  assert.match(out, /^pkt_api_\S+\n$/);
  assert.match(said, /^key [0-9a-f]+ for the server web-1, [0-9a-f-]{36}$/);
});

test("a server keeps its id when its key is revoked and made anew; with a key in force it gets no second one", async (t) => {
  const core = await startCore(t);
  const { dataFolder } = core;
  const create = async () => json(await runCli(dataFolder, "api-key", "create", "--server", "web-1", "--json"));
  const first = (await create()) as Record<string, string>;
  await assert.rejects(create(), { code: "CONFLICT" });
  assert.deepEqual(json(await runCli(dataFolder, "api-key", "revoke", `${first["id"]}`, "--json")), {
    id: first["id"],
    revoked: true,
  });
  await assert.rejects(runCli(dataFolder, "api-key", "revoke", `${first["id"]}`), { code: "TOKEN_NOT_FOUND" });
  const second = (await create()) as Record<string, string>;
  assert.equal(second["server_id"], first["server_id"]);
  assert.notEqual(second["api_key"], first["api_key"]);
  const { out } = await runCli(dataFolder, "api-key", "list");
  assert.match(out, /^ID +SERVER +SERVER ID +GROUP +LAST USED +STATE\n/);
  assert.match(out, new RegExp(`${first["id"]} +web-1 .* never +revoked\\n`));
  assert.match(out, new RegExp(`${second["id"]} +web-1 .* never +in force\\n`));
});

test("a node that has a key of its own, and a name that several have, are refused", async (t) => {
  const core = await startCore(t);
  await makeKey(core, { name: "twin" });
  await makeKey(core, { name: "twin" });
  await assert.rejects(runCli(core.dataFolder, "api-key", "create", "--server", "twin"), {
    code: "CONFLICT",
    details: "2 servers have this name: give the id",
  });
  const registration = { hostname: "h", ipAddress: "", osInfo: undefined, capabilities: [], group: "default" };
  await core.core.nodes.register({ ...registration, nodeId: "node-1", publicKey: "x".repeat(44) });
  await assert.rejects(runCli(core.dataFolder, "api-key", "create", "--server", "node-1"), { code: "CONFLICT" });
  await core.core.nodes.register({ ...registration, nodeId: "node-2", publicKey: undefined });
  const bound = json(await runCli(core.dataFolder, "api-key", "create", "--server", "node-2", "--json"));
  assert.equal((bound as Record<string, string>)["server_id"], "node-2");
});

test("api-key without what it needs is answered with its usage", async (t) => {
  const { dataFolder } = await startCore(t);
  for (const args of [["api-key"], ["api-key", "create"], ["api-key", "revoke"], ["api-key", "delete", "x"]]) {
    await assert.rejects(runCli(dataFolder, ...args), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /picket api-key create --server NAME/);
      return true;
    });
  }
});
