import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src-main/base/clock.ts";
import type { Command } from "../../src-main/protocols/machines/messages/commands.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { storedSamples } from "../bench/support/storedSamples.ts";
import { FleetNode } from "../soak/fleetNode.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { type KillableCore, startKillableAgent, startKillableCore } from "../support/killableProgram.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const nodeCount = 20;
const agentId = "agent-1";
const within = 30_000;

/** Nodes that keep what is not acked, reporting far too often. */
function startFleet(t: TestContext, port: number, token: string): readonly FleetNode[] {
  const keepAlive = new KeepAlive(systemClock);
  const url = `ws://127.0.0.1:${port}/api/v1/ws?token=${token}`;
  const fleet = Array.from(
    { length: nodeCount },
    (_, index) => new FleetNode({ url, nodeId: `fleet-${index}`, interval: 25, keepAlive }),
  );
  for (const node of fleet) node.start();
  t.after(() => {
    for (const node of fleet) node.stop();
    keepAlive.dispose();
  });
  return fleet;
}

async function run(core: KillableCore, command: string): Promise<string> {
  const { commands } = await core.ask((client) => client.request("command-run", { nodeIds: [agentId], command }));
  return commands[0]?.commandId ?? "";
}

const commandsOf = async (core: KillableCore): Promise<readonly Command[]> =>
  (await core.ask((client) => client.request("command-list", { nodeId: agentId, limit: 200 }))).commands;

test("a core that is killed while samples and commands flow loses nothing that it acked, and has nothing twice", async (t) => {
  const dataFolder = temporaryFolder(t);
  const runs = join(temporaryFolder(t), "runs");
  let core = await startKillableCore(t, { dataFolder });
  const { port } = core;
  const tokenOf = (uses: number): Promise<string> =>
    core.ask(async (client) => (await client.request("token-create", { uses })).token);
  const fleet = startFleet(t, port, await tokenOf(nodeCount));
  const agent = await startKillableAgent(t, {
    dataFolder: temporaryFolder(t),
    port,
    nodeId: agentId,
    token: await tokenOf(1),
  });
  const ids: string[] = [];
  for (let kill = 0; kill < 3; kill += 1) {
    await eventually(() => fleet.every(({ isRegistered }) => isRegistered), { within, what: "the fleet's return" });
    const ackedBefore = fleet.map(({ acked }) => acked.length);
    // One that ends while the core is dead, and some that are anywhere on their way when it dies.
    ids.push(await run(core, `echo long >> ${runs}; sleep 1; echo long`));
    for (let count = 0; count < 5; count += 1) ids.push(await run(core, `echo short >> ${runs}; echo short`));
    await eventually(() => fleet.every(({ acked }, index) => acked.length > (ackedBefore[index] ?? 0) + 5), { within });
    await core.kill();
    await eventually(() => fleet.every(({ waiting, isRegistered }) => !isRegistered && waiting.size > 5), { within });
    core = await startKillableCore(t, { dataFolder, port });
  }
  await eventually(() => fleet.every(({ isRegistered }) => isRegistered), { within, what: "the fleet's last return" });
  for (const node of fleet) node.pause();
  await eventually(() => fleet.every(({ waiting }) => waiting.size === 0), { within, what: "the last ack" });
  const commands = await eventually(
    async () => {
      const found = await commandsOf(core);
      return found.every(({ status }) => status === "succeeded") && found;
    },
    { within, what: "the end of every command" },
  );
  assert.deepEqual(commands.map(({ commandId }) => commandId).sort(), [...ids].sort());
  for (const id of ids) {
    const asked = { commandId: id, stream: "stdout" } as const;
    const { text } = await core.ask((client) => client.request("command-output", asked));
    assert.match(text, /^(long|short)\n$/);
  }
  assert.deepEqual(
    readFileSync(runs, "utf8").trim().split("\n").length,
    ids.length,
    "every command ran once, whatever happened to the core",
  );
  await agent.kill();
  await core.kill();
  const stored = await storedSamples(join(dataFolder, "core", "picket.db"));
  for (const { nodeId, acked } of fleet) {
    const own = stored.get(nodeId) ?? [];
    assert.equal(new Set(own).size, own.length, `${nodeId} has a sample twice`);
    const there = new Set(own);
    assert.deepEqual(
      acked.filter((time) => !there.has(time)),
      [],
      `${nodeId} misses what was acked`,
    );
  }
  const ofAgent = stored.get(agentId) ?? [];
  // One every five seconds: how many there are depends on how fast the machine is.
  assert.ok(ofAgent.length > 0, "the agent's samples are there");
  assert.equal(new Set(ofAgent).size, ofAgent.length, "a sample of the agent twice");
});

test("what an agent measured while its core was dead is in the chart afterwards", async (t) => {
  const dataFolder = temporaryFolder(t);
  let core = await startKillableCore(t, { dataFolder });
  const { port } = core;
  const { token } = await core.ask((client) => client.request("token-create", {}));
  await startKillableAgent(t, { dataFolder: temporaryFolder(t), port, nodeId: agentId, token });
  const samples = async (): Promise<readonly number[]> => {
    const request = {
      nodeId: agentId,
      metrics: ["cpu_usage"],
      from: Date.now() - 600_000,
      to: Date.now() + 1,
      points: 2000,
    } as const;
    return (await core.ask((client) => client.request("history", { ...request, metrics: [...request.metrics] }))).times;
  };
  await eventually(async () => (await samples()).length > 0, { within });
  await core.kill();
  const deadFrom = Date.now();
  await eventually(() => Date.now() - deadFrom > 6_000, { within });
  const deadTo = Date.now();
  core = await startKillableCore(t, { dataFolder, port });
  const during = await eventually(
    async () => {
      const found = (await samples()).filter((time) => time > deadFrom && time < deadTo);
      return found.length > 0 && found;
    },
    { within, what: "a sample from the dead time" },
  );
  assert.ok(during.length >= 1);
});
