import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { runCli } from "../support/runCli.ts";
import { startAgent } from "../support/startAgent.ts";
import { startCore, type TestCore } from "../support/startCore.ts";

failOnLeaks();

/** A core with a real agent. */
async function setUp(t: TestContext): Promise<{ readonly core: TestCore; readonly nodeId: string }> {
  const core = await startCore(t);
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: await core.enrolmentToken() });
  await agent.connected();
  return { core, nodeId: agent.nodeId };
}

test("a command's output, and its exit code as one's own", async (t) => {
  const { core, nodeId } = await setUp(t);
  const exec = (...words: string[]) => runCli(core.dataFolder, "node", "exec", nodeId, "--json", "--", ...words);
  const outcome = await exec("echo out; echo err >&2; exit 3");
  assert.equal(outcome.code, 3);
  const { command_id, execution_time_ms, ...rest } = JSON.parse(outcome.out) as Record<string, unknown>;
  assert.deepEqual(rest, { status: "failed", exit_code: 3, stdout: "out\n", stderr: "err\n" });
  assert.ok(Number(execution_time_ms) >= 0);
  assert.equal((await core.core.commands.get(String(command_id)))?.createdBy, "local");
  const words = await exec("printf", "%s|", "a b", "it's", "$HOME", "*", "");
  assert.equal((JSON.parse(words.out) as { stdout: string }).stdout, "a b|it's|$HOME|*||", "words stay words");
  const plain = await runCli(core.dataFolder, "node", "exec", nodeId, "--", "echo plain");
  assert.deepEqual(plain, { code: 0, out: "plain\n", said: "" });
});

test("an output that is larger than any message comes whole", async (t) => {
  const { core, nodeId } = await setUp(t);
  const { out } = await runCli(core.dataFolder, "node", "exec", nodeId, "--", "head -c 300000 /dev/zero | tr '\\0' x");
  assert.equal(out.length, 300_000);
});

test("a command that outlasts its time ends with 124", async (t) => {
  const { core, nodeId } = await setUp(t);
  const args = ["node", "exec", nodeId, "--timeout", "1", "--json", "--", "sleep 60"];
  const { code, out } = await runCli(core.dataFolder, ...args);
  assert.equal(code, 124);
  assert.equal((JSON.parse(out) as { status: string }).status, "timed_out");
});

test("a node is found by its id, the operator's name or its host name, when only one has it", async (t) => {
  const core = await startCore(t);
  const one = await PlainNode.join(t, core, { nodeId: "one" });
  await PlainNode.join(t, core, { nodeId: "two" });
  await core.core.nodes.change("one", { name: "db" });
  const running = runCli(core.dataFolder, "node", "exec", "db", "--", "x");
  await one.result(String((await one.nextOf("execute_command")).data["command_id"]));
  assert.equal((await running).out, "out");
  const exec = (node: string) => runCli(core.dataFolder, "node", "exec", node, "--", "x");
  await assert.rejects(exec("host"), /^Error: 2 nodes are called host; use an id: one, two$/);
  await assert.rejects(exec("three"), /^Error: there is no node three; see: picket node list$/);
});

test("a node that is away is said so; with --queue the command waits for it", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  await (await PlainNode.join(t, core, { token })).close();
  await eventually(() => core.core.nodes.require("node-1").status === "offline");
  const args = ["node", "exec", "node-1"];
  await assert.rejects(runCli(core.dataFolder, ...args, "--", "x"), /node-1 is offline; with --queue/);
  const waiting = runCli(core.dataFolder, ...args, "--queue", "--json", "--", "x");
  const { key } = core.core.nodes.require("node-1");
  await eventually(async () => (await core.core.commands.list({ nodeKeys: [key], limit: 1 })).length === 1);
  const node = await PlainNode.join(t, core, { token });
  await node.result(String((await node.nextOf("execute_command")).data["command_id"]), { exit_code: 7 });
  assert.equal((await waiting).code, 7);
});

test("a command that the node does not take ends with 125 and the reason", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const running = runCli(core.dataFolder, "node", "exec", "node-1", "--", "rm -rf /");
  const { id } = await node.nextOf("execute_command");
  node.send("error", { error_code: "FORBIDDEN_BY_POLICY", message: "not here", details: "" }, { id });
  const { code, said } = await running;
  assert.equal(code, 125);
  assert.equal(said, "the command failed (FORBIDDEN_BY_POLICY)");
});
