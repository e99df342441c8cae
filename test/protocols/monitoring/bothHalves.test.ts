import assert from "node:assert/strict";
import { test } from "node:test";
import { commandState, runCommand } from "../../support/commandHelpers.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { dialDashboard, makeKey } from "../../support/plainAgent.ts";
import { startPodman, whyNoPodman } from "../../support/podmanEngine.ts";
import { startCore } from "../../support/startCore.ts";
import { startMonitoredAgent } from "../../support/startMonitoredAgent.ts";

failOnLeaks();

const endpoint = "/api/v1/agents/ws";

test("our agent at our core: online, measured, and a command runs", async (t) => {
  const core = await startCore(t);
  const { apiKey, serverId } = await makeKey(core);
  await startMonitoredAgent(t, { url: `${core.wsUrl}${endpoint}`, apiKey });
  await eventually(() => core.core.nodes.require(serverId).status === "online");
  const dashboard = await dialDashboard(t, core, { kind: "metrics", serverId });
  dashboard.send({ type: "auth", token: await core.signIn() });
  const data = (await dashboard.nextOf("metrics"))["data"] as Record<string, unknown>;
  assert.ok(Number(data["memory_percent"]) > 0);
  assert.ok((data["disk_usage"] as { mount: string }[]).some(({ mount }) => mount === "/"));
  const { id } = await runCommand(core, { nodeId: serverId, text: "echo done" });
  await eventually(async () => (await commandState(core, id)).status === "succeeded");
  assert.equal((await core.core.commands.output(id)).stdout, "done\n");
});

test("our agent stops for good when its key is revoked", async (t) => {
  const core = await startCore(t);
  const { apiKey, keyId, serverId } = await makeKey(core);
  const agent = await startMonitoredAgent(t, { url: `${core.wsUrl}${endpoint}`, apiKey });
  await eventually(() => core.core.nodes.require(serverId).status === "online");
  await core.core.apiKeys.revoke(keyId);
  const refusal = await eventually(() => agent.refusals[0]);
  assert.equal(refusal.message, "monitor refuses this API key: Invalid or inactive API key");
  assert.equal(core.core.nodes.require(serverId).status, "offline");
});

test("a console acts on containers of a server of this protocol", { skip: whyNoPodman() ?? false }, async (t) => {
  const podman = await startPodman(t);
  await podman.runContainer("web", "echo ready; while true; do sleep 1; done");
  const core = await startCore(t);
  const { apiKey, serverId } = await makeKey(core);
  const policy = "version: 1\ncapabilities: [containers]\n";
  await startMonitoredAgent(t, {
    url: `${core.wsUrl}${endpoint}`,
    apiKey,
    policy,
    environment: podman.environment,
  });
  await eventually(() => core.core.nodes.require(serverId).status === "online");
  const console = await core.console();
  const place = { nodeId: serverId, container: "web" };
  const state = async () => {
    const { containers } = await console.request("container-list", { nodeId: serverId });
    return containers.find(({ name }) => name === "web")?.state;
  };
  assert.equal(await state(), "running");
  const { details } = await console.request("container-inspect", place);
  assert.ok(Object.keys(details).length > 0);
  const node = core.core.nodes.require(serverId);
  assert.match(await core.core.containers.logs({ node, container: "web" }, 10), /ready/);
  await console.request("container-act", { ...place, action: "kill" });
  await eventually(async () => (await state()) === "exited");
  await console.request("container-act", { ...place, action: "remove" });
  await eventually(async () => (await state()) === undefined);
  await assert.rejects(console.request("container-act", { ...place, action: "start" }), {
    code: "CONTAINER_ENGINE_FAILED",
  });
});
