import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { makeKey } from "../support/plainAgent.ts";
import { PlainMonitor } from "../support/plainMonitor.ts";
import type { RunningProgram } from "../support/runNode.ts";
import { runProgram } from "../support/runProgram.ts";
import { startCore } from "../support/startCore.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const policy = (capabilities: string): string => `version: 1\ncapabilities: [${capabilities}]\n`;

/** Starts an agent alone with these servers. JSON is YAML too. */
function startAgentOf(t: TestContext, servers: readonly object[]): RunningProgram {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "policy.yaml"), policy("commands"));
  writeFileSync(join(folder, "config.yaml"), JSON.stringify({ servers }));
  const args = ["--agent-only", "--data", folder, "--config", join(folder, "config.yaml")];
  return runProgram(t, args);
}

test("one agent serves several servers, each with its protocol, credentials and policy", async (t) => {
  const core = await startCore(t);
  const monitor = await PlainMonitor.start(t);
  const { apiKey, serverId } = await makeKey(core);
  const closed = join(temporaryFolder(t), "closed.yaml");
  writeFileSync(closed, policy("inventory"));
  const host = `http://127.0.0.1:${monitor.port}`;
  const program = startAgentOf(t, [
    { url: core.httpUrl, token: await core.enrolmentToken(), node_id: "node-1" },
    { url: core.httpUrl, protocol: "monitoring", api_key: apiKey },
    { url: host, protocol: "monitoring", api_key: monitor.apiKey, policy: closed },
  ]);
  await eventually(() => ["node-1", serverId].every((id) => core.core.nodes.get(id)?.status === "online"), {
    within: 20_000,
  });
  const agent = await monitor.accept();
  agent.send({ type: "command", command_id: "c1", command: "true" });
  const { exit_code, output } = await agent.next("command_response");
  assert.equal(exit_code, 126, "its policy forbids what the others may do");
  assert.match(String(output), /not allowed/);
  program.signal("SIGTERM");
  assert.equal((await program.exit).code, 0);
});

test("a server that refuses its key stops only itself; when every one refuses, the agent ends with exit code 3", async (t) => {
  const core = await startCore(t);
  const monitor = await PlainMonitor.start(t);
  const bad = { url: `http://127.0.0.1:${monitor.port}`, protocol: "monitoring", api_key: "wrong" };
  const good = { url: core.httpUrl, protocol: "monitoring", api_key: (await makeKey(core)).apiKey };
  const program = startAgentOf(t, [bad, good]);
  await eventually(() => monitor.dials === 1 && core.core.nodes.list()[0]?.status === "online", { within: 20_000 });
  program.signal("SIGTERM");
  assert.equal((await program.exit).code, 0);
  assert.match(program.stderr, /refuses this API key/);
  const { code, stderr } = await startAgentOf(t, [bad]).exit;
  assert.equal(code, 3);
  assert.match(stderr, /refuses this API key: Invalid or inactive API key/);
});
