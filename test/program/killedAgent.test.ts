import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startKillableAgent } from "../support/killableProgram.ts";
import { isRunning } from "../support/processes.ts";
import { startCore } from "../support/startCore.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const nodeId = "agent-1";

test("a command that ran when its agent was killed is reported as such, and is not run again", async (t) => {
  const core = await startCore(t);
  const port = Number(new URL(core.httpUrl).port);
  const dataFolder = temporaryFolder(t);
  const runs = join(temporaryFolder(t), "runs");
  const agent = await startKillableAgent(t, { dataFolder, port, nodeId, token: await core.enrolmentToken() });
  const console = await core.console();
  const run = async (command: string): Promise<string> =>
    (await console.request("command-run", { nodeIds: [nodeId], command })).commands[0]?.commandId ?? "";
  const before = await run("echo before");
  const interrupted = await run(`echo $$ >> ${runs}; exec sleep 1000`);
  const statusOf = async (commandId: string): Promise<string> =>
    (await console.request("command-get", { commandId })).command.status;
  const pids = await eventually(async () => {
    const started = (await statusOf(interrupted)) === "started" && (await statusOf(before)) === "succeeded";
    return started && readFileSync(runs, "utf8").trim().split("\n").map(Number);
  });
  // Nobody ends what a killed agent leaves behind.
  t.after(() => {
    for (const pid of pids) if (isRunning(pid)) process.kill(pid, "SIGKILL");
  });
  await agent.kill();
  await eventually(() => core.core.nodes.require(nodeId).status === "offline", { what: "the node's going offline" });
  const meanwhile = await run("echo meanwhile");
  await startKillableAgent(t, { dataFolder, port, nodeId });
  await eventually(async () => (await statusOf(meanwhile)) === "succeeded");
  const { command } = await eventually(async () => {
    const found = await console.request("command-get", { commandId: interrupted });
    return found.command.finishedAt !== null && found;
  });
  assert.deepEqual([command.status, command.exitCode], ["failed", -1]);
  const { text } = await console.request("command-output", { commandId: interrupted, stream: "stderr" });
  assert.match(text, /the agent stopped while the command ran/);
  assert.equal(readFileSync(runs, "utf8").trim().split("\n").length, 1, "it ran once");
  assert.equal(await statusOf(before), "succeeded");
});

test("an agent that is killed again and again is the same node, with the samples that it kept", async (t) => {
  const core = await startCore(t);
  const port = Number(new URL(core.httpUrl).port);
  const dataFolder = temporaryFolder(t);
  const token = await core.enrolmentToken();
  for (let time = 0; time < 3; time += 1) {
    const agent = await startKillableAgent(t, { dataFolder, port, nodeId, ...(time === 0 ? { token } : {}) });
    await eventually(() => core.core.metrics.latest(core.core.nodes.require(nodeId).key) !== undefined);
    await agent.kill();
    await eventually(() => core.core.nodes.require(nodeId).status === "offline");
  }
  const nodes = core.core.nodes.list();
  assert.deepEqual(
    nodes.map((node) => [node.nodeId, node.hasKey]),
    [[nodeId, true]],
  );
  assert.equal((await core.core.tokens.list())[0]?.used, 1);
});
