import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

test("the newer connection of a node wins, and the older is closed with 4409", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  const older = await PlainNode.join(t, core, { token });
  const newer = await PlainNode.join(t, core, { token });
  assert.equal((await older.peer.closed).code, 4409);
  assert.equal((await newer.heartbeat()).type, "heartbeat_ack");
  assert.equal(core.core.nodes.require("node-1").status, "online", "the older one's end is not the node's");
});

test("a connection that was only welcomed does not push out the one that works", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  const working = await PlainNode.join(t, core, { token });
  const idle = await PlainNode.connect(t, core, { token });
  assert.equal((await working.heartbeat()).type, "heartbeat_ack");
  await idle.close();
  assert.equal((await working.heartbeat()).type, "heartbeat_ack");
});

test("a heartbeat of a known node makes its connection the node's, without a registration", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  const older = await PlainNode.join(t, core, { token });
  const newer = await PlainNode.connect(t, core, { token });
  assert.equal((await newer.heartbeat()).type, "heartbeat_ack");
  assert.equal((await older.peer.closed).code, 4409);
});

test("a node that registers over two sockets in one moment is one node with one connection", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  const nodes = [await PlainNode.connect(t, core, { token }), await PlainNode.connect(t, core, { token })];
  for (const node of nodes) node.send("node_register", { hostname: "host", ip_address: "192.0.2.1" });
  const first = await Promise.all(nodes.map((node) => node.next()));
  assert.deepEqual(
    first.map(({ type }) => type),
    ["register_response", "register_response"],
  );
  assert.deepEqual(first.map(({ data }) => data["action"]).sort(), ["created", "updated"]);
  const { code } = await Promise.race(nodes.map((node) => node.peer.closed));
  assert.equal(code, 4409);
  assert.equal(core.core.nodes.require("node-1").status, "online");
  assert.equal((await core.core.tokens.list())[0]?.used, 1);
});

test("a message speaks for the connection's own node only", async (t) => {
  const core = await startCore(t);
  const other = await PlainNode.join(t, core, { nodeId: "other" });
  const node = await PlainNode.join(t, core, { nodeId: "own" });
  const speaking = {
    node_register: { node_id: "other", hostname: "evil", ip_address: "203.0.113.1" },
    heartbeat: { node_id: "other", status: "online", metrics: { cpu_usage: 99 } },
  };
  for (const [type, data] of Object.entries(speaking)) {
    const answer = await node.answerTo(node.send(type, data));
    assert.equal(answer.data["error_code"], "INVALID_MESSAGE", type);
    assert.match(String(answer.data["details"]), /node_id/, type);
  }
  const record = core.core.nodes.require("other");
  assert.equal(record.hostname, "host");
  assert.equal(core.core.metrics.latest(record.key), undefined);
  assert.equal((await other.heartbeat()).type, "heartbeat_ack", "the other one noticed nothing");
});

test("a registration says again what the machine is called, and the operator's words stay", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  await core.core.nodes.change("node-1", { name: "the database", tags: ["db"] });
  const answer = await node.register({ hostname: "renamed", ip_address: "192.0.2.9", os_info: "Debian 13" });
  assert.equal(answer["action"], "updated");
  const { hostname, ipAddress, osInfo, name, tags } = core.core.nodes.require("node-1");
  assert.deepEqual(
    { hostname, ipAddress, osInfo, name, tags },
    {
      hostname: "renamed",
      ipAddress: "192.0.2.9",
      osInfo: "Debian 13",
      name: "the database",
      tags: ["db"],
    },
  );
});

test("the answer to a registration names what both sides can do", async (t) => {
  const core = await startCore(t);
  const cases = [
    { offered: ["channels", "terminal"], common: ["channels", "terminal"] },
    { offered: ["terminal", "files", "docker", "time-travel"], common: ["terminal", "docker"] },
    {
      offered: ["inventory", "exec-stream", "channels", "terminal"],
      common: ["channels", "terminal", "exec-stream", "inventory"],
    },
    { offered: [], common: [] },
  ];
  for (const [index, { offered, common }] of cases.entries()) {
    const node = await PlainNode.connect(t, core, { nodeId: `n${index}` });
    const { picket } = await node.register({ picket: { version: 1, capabilities: offered } });
    const { version, capabilities, metrics_interval, heartbeat_interval } = picket as Record<string, unknown>;
    assert.equal(version, 1);
    assert.deepEqual([...(capabilities as string[])].sort(), [...common].sort());
    assert.equal(metrics_interval, 5);
    assert.equal(heartbeat_interval, 30);
  }
});

test("a node that leaves the extension out of its next registration is a plain one again", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  await node.register({ picket: { version: 1, capabilities: ["inventory"] } });
  assert.equal("picket" in (await node.register()), false);
  assert.deepEqual(core.core.nodes.require("node-1").capabilities, []);
});

test("an inventory is stored and acked", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  await node.register({ picket: { version: 1, capabilities: ["inventory"] } });
  const facts = { os: { platform: "linux" }, disks: [{ name: "sda" }], unicode: "机器" };
  const answer = await node.answerTo(node.send("inventory", { facts }));
  assert.equal(answer.type, "inventory_received");
  assert.deepEqual(await core.core.nodes.facts("node-1"), facts);
});

test("a core that stops closes with 1001 and gives every node a moment of its own to come back", async (t) => {
  const core = await startCore(t);
  const nodes = await Promise.all(["a", "b", "c"].map((nodeId) => PlainNode.join(t, core, { nodeId })));
  await core.close();
  const closes = await Promise.all(nodes.map((node) => node.peer.closed));
  const slots = closes.map(({ code, reason }) => {
    assert.equal(code, 1001);
    return Number(/retry-after=(\d+)$/.exec(reason)?.[1]);
  });
  assert.equal(new Set(slots).size, 3, `each its own: ${slots.join(", ")}`);
  assert.ok(slots.every((slot) => slot >= 100 && slot <= 120_000));
});

test("what a node sends in the same breath as its upgrade is not lost", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken();
  const peer = await PlainNode.dial(t, core, { token, node_id: "fast" });
  const [register, beat] = [randomUUID(), randomUUID()];
  peer.send({ type: "node_register", id: register, data: { hostname: "h", ip_address: "192.0.2.1" } });
  peer.send({ type: "heartbeat", id: beat, data: { node_id: "fast", status: "online", metrics: { cpu_usage: 1 } } });
  const types = [(await peer.next())["type"], (await peer.next())["type"], (await peer.next())["type"]];
  assert.deepEqual(types, ["welcome", "register_response", "heartbeat_ack"]);
});
