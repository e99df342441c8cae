import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { makeKey, PlainAgent } from "../../support/plainAgent.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const required = { type: "error", message: "Authentication required" };
const malformed = { type: "error", message: "Invalid message format" };
const refused = { type: "error", message: "Invalid or inactive API key" };

test("auth and auth_success, as the document prints them", async (t) => {
  const core = await startCore(t);
  const { apiKey, serverId } = await makeKey(core, { name: "web-1" });
  assert.match(serverId, uuid);
  const record = core.core.nodes.require(serverId);
  assert.equal(record.name, "web-1");
  assert.equal(record.status, "offline");
  assert.equal(core.core.nodes.lastSeenAt(serverId), undefined, "nobody has heard of it");
  const peer = await PlainAgent.dial(t, core);
  peer.send({ type: "auth", api_key: apiKey });
  assert.deepEqual(await peer.next(), { type: "auth_success", server_id: serverId, message: "Connected successfully" });
  assert.equal(core.core.nodes.require(serverId).status, "online");
  peer.socket.close();
  await peer.closed;
  await eventually(() => core.core.nodes.require(serverId).status === "offline");
});

for (const [what, apiKey] of [
  ["nobody's", "your-api-key-here"],
  ["empty", ""],
  ["of an id that is known and another secret", "other secret"],
  ["of an id that is not known", `pkt_api_00000000ffff_${"x".repeat(43)}`],
] as const) {
  test(`a key that is ${what} is refused with the documented error, and the connection closed`, async (t) => {
    const core = await startCore(t);
    const { apiKey: real } = await makeKey(core);
    const given = apiKey === "other secret" ? `${real.slice(0, -3)}${real.endsWith("AAA") ? "BBB" : "AAA"}` : apiKey;
    const peer = await PlainAgent.dial(t, core);
    peer.send({ type: "auth", api_key: given });
    assert.deepEqual(await peer.next(), refused);
    assert.equal((await peer.closed).code, 1008);
  });
}

test("before auth everything else is answered with Authentication required, and auth still works", async (t) => {
  const core = await startCore(t);
  const { apiKey, serverId } = await makeKey(core);
  const peer = await PlainAgent.dial(t, core);
  for (const early of [
    { type: "metrics", server_id: serverId, cpu_percent: 1, timestamp: new Date().toISOString() },
    { type: "command_response", command_id: "1", output: "", exit_code: 0, duration_ms: 1 },
    { type: "auth" },
    { type: "auth", api_key: 7 },
    { type: "nonsense" },
    "not JSON",
    "[]",
    "null",
    Buffer.from([1, 2, 3]),
  ]) {
    peer.send(early);
    assert.deepEqual(await peer.next(), required);
  }
  peer.send({ type: "auth", api_key: apiKey });
  assert.equal((await peer.next())["type"], "auth_success");
  assert.equal(core.core.metrics.latest(core.core.nodes.require(serverId).key), undefined, "nothing was taken early");
});

test("without auth within 10 s the connection ends", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const peer = await PlainAgent.dial(t, core);
  peer.send({ type: "nonsense" });
  assert.deepEqual(await peer.next(), required);
  clock.advance(9_999);
  peer.send({ type: "nonsense" });
  assert.deepEqual(await peer.next(), required);
  clock.advance(1);
  assert.deepEqual(await peer.next(), required);
  assert.equal((await peer.closed).code, 1008);
});

test("what an agent says in the same breath as auth is not lost", async (t) => {
  const core = await startCore(t);
  const { apiKey, serverId } = await makeKey(core);
  const peer = await PlainAgent.dial(t, core);
  peer.send({ type: "auth", api_key: apiKey });
  peer.send({ type: "metrics", server_id: serverId, cpu_percent: 12, timestamp: new Date().toISOString() });
  assert.equal((await peer.next())["type"], "auth_success");
  const { key } = core.core.nodes.require(serverId);
  await eventually(() => core.core.metrics.latest(key)?.values[0] === 12);
});

test("unreadable and unknown messages are answered and the connection goes on", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  for (const wrong of [
    "{",
    "7",
    { type: "unheard-of" },
    { type: "__proto__" },
    { kind: "metrics" },
    { type: "command_response", output: "x", exit_code: 0, duration_ms: 1 },
    { type: "command_response", command_id: "a", output: 7, exit_code: 0 },
    { type: "docker_response", command_id: "a", success: "yes" },
    { type: "log", entries: "all" },
    Buffer.from("{}"),
  ]) {
    agent.peer.send(wrong);
    assert.deepEqual(await agent.next(), malformed);
  }
  await assertStillThere(core, agent);
});

test("twenty malformed messages within ten seconds are too many", async (t) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  for (let count = 0; count < 20; count += 1) agent.peer.send("{");
  assert.equal((await agent.peer.closed).code, 1008);
});

test("a newer connection of the same key takes over", async (t) => {
  const core = await startCore(t);
  const key = await makeKey(core);
  const older = await PlainAgent.join(t, core, key);
  const newer = await PlainAgent.join(t, core, key);
  assert.equal((await older.peer.closed).code, 4409);
  await assertStillThere(core, newer);
  assert.equal(core.core.nodes.require(key.serverId).status, "online");
});

test("a revoked key: the live connection is told and closed, and the key lets nobody in again", async (t) => {
  const core = await startCore(t);
  const key = await makeKey(core);
  const other = await PlainAgent.join(t, core, await makeKey(core, { name: "web-2" }));
  const agent = await PlainAgent.join(t, core, key);
  await core.core.apiKeys.revoke(key.keyId);
  assert.deepEqual(await agent.next(), refused);
  assert.equal((await agent.peer.closed).code, 1008);
  const again = await PlainAgent.dial(t, core);
  again.send({ type: "auth", api_key: key.apiKey });
  assert.deepEqual(await again.next(), refused);
  await assertStillThere(core, other);
});

test("a server that is removed takes its key with it", async (t) => {
  const core = await startCore(t);
  const key = await makeKey(core);
  const agent = await PlainAgent.join(t, core, key);
  const console = await core.console();
  await console.request("node-remove", { nodeId: key.serverId });
  assert.equal((await agent.peer.closed).code, 1008);
  assert.deepEqual(await core.core.apiKeys.list(), []);
  const again = await PlainAgent.dial(t, core);
  again.send({ type: "auth", api_key: key.apiKey });
  assert.deepEqual(await again.next(), refused);
});

test("a second auth on a connection is for the same server or the end of it", async (t) => {
  const core = await startCore(t);
  const key = await makeKey(core);
  const agent = await PlainAgent.join(t, core, key);
  agent.peer.send({ type: "auth", api_key: key.apiKey });
  assert.equal((await agent.next())["type"], "auth_success");
  await assertStillThere(core, agent);
  agent.peer.send({ type: "auth", api_key: (await makeKey(core, { name: "web-2" })).apiKey });
  assert.deepEqual(await agent.next(), refused);
  assert.equal((await agent.peer.closed).code, 1008);
});

test("a server of this protocol is a node in every console, under the name that it was given", async (t: TestContext) => {
  const core = await startCore(t);
  const agent = await PlainAgent.join(t, core);
  agent.report({ cpu_percent: 33 });
  const console = await core.console();
  await eventually(async () => {
    const { nodes } = await console.request("node-list", { limit: 10 });
    const [node] = nodes;
    return node?.nodeId === agent.serverId && node.name === "web-1" && node.status === "online";
  });
});

async function assertStillThere(core: TestCore, agent: PlainAgent): Promise<void> {
  const { key } = core.core.nodes.require(agent.serverId);
  agent.report({ cpu_percent: 77 });
  await eventually(() => core.core.metrics.latest(key)?.values[0] === 77, { what: "a sample over the connection" });
}
