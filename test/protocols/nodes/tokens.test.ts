import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

/** What a connection with these credentials is told first, and with which code it is closed, if it is. */
async function admission(
  t: Parameters<typeof startCore>[0],
  core: TestCore,
  query: Readonly<Record<string, string>>,
): Promise<unknown> {
  const peer = await PlainNode.dial(t, core, query);
  const { type, data } = await peer.next();
  if (type !== "error") {
    peer.socket.close();
    await peer.closed;
    return type;
  }
  assert.equal((await peer.closed).code, 1008);
  return (data as { error_code: string }).error_code;
}

const usesOf = async (core: TestCore): Promise<number> => (await core.core.tokens.list())[0]?.used ?? -1;

test("a token is counted when a node registers, not when it connects", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken(1);
  const node = await PlainNode.connect(t, core, { token, nodeId: "a" });
  assert.equal(await usesOf(core), 0);
  await node.register();
  assert.equal(await usesOf(core), 1);
});

test("a token is counted once per node, however often the node registers and comes back", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken(2);
  const first = await PlainNode.join(t, core, { token, nodeId: "a" });
  assert.equal((await first.register())["action"], "updated");
  await first.close();
  await (await PlainNode.join(t, core, { token, nodeId: "a" })).close();
  assert.equal(await usesOf(core), 1);
  await PlainNode.join(t, core, { token, nodeId: "b" });
  assert.equal(await usesOf(core), 2);
  assert.equal(await admission(t, core, { token, node_id: "c" }), "INVALID_TOKEN");
});

test("the used-up token of a node without a key lets that node back in, and no other", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken(1);
  await (await PlainNode.join(t, core, { token, nodeId: "a" })).close();
  assert.equal(await admission(t, core, { token, node_id: "a" }), "welcome");
  assert.equal(await admission(t, core, { token, node_id: "b" }), "INVALID_TOKEN");
  assert.equal(await admission(t, core, { token }), "INVALID_TOKEN");
});

test("another token, valid as it is, does not take over the id of a node", async (t) => {
  const core = await startCore(t);
  await PlainNode.join(t, core, { nodeId: "a" });
  const other = await core.enrolmentToken(10);
  assert.equal(await admission(t, core, { token: other, node_id: "a" }), "INVALID_TOKEN");
  assert.equal(core.core.nodes.require("a").status, "online", "the node itself noticed nothing");
});

test("two nodes that take the last use in the same moment: one gets it", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken(1);
  const nodes = await Promise.all(["a", "b", "c"].map((nodeId) => PlainNode.connect(t, core, { token, nodeId })));
  for (const node of nodes) node.send("node_register", { hostname: "host", ip_address: "192.0.2.1" });
  const answers = await Promise.all(nodes.map((node) => node.next()));
  assert.deepEqual(answers.map(({ type }) => type).sort(), ["error", "error", "register_response"]);
  for (const [index, { type, data }] of answers.entries()) {
    if (type !== "error") continue;
    assert.equal(data["error_code"], "INVALID_TOKEN");
    assert.equal((await nodes[index]?.peer.closed)?.code, 1008);
  }
  assert.equal(core.core.nodes.list().length, 1);
});

test("a node that registers twice in one breath is registered once and answered twice", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  const ids = [1, 2, 3].map(() => node.send("node_register", { hostname: "host", ip_address: "192.0.2.1" }));
  const answers = await Promise.all(ids.map(() => node.next()));
  assert.deepEqual(
    answers.map(({ type }) => type),
    ["register_response", "register_response", "register_response"],
  );
  assert.deepEqual(new Set(answers.map(({ id }) => id)), new Set(ids));
  assert.equal(core.core.nodes.list().length, 1);
});

test("who was welcomed before an id was taken cannot take it over afterwards", async (t) => {
  const core = await startCore(t);
  for (const step of ["node_register", "heartbeat"] as const) {
    const nodeId = `victim-of-${step}`;
    const early = await PlainNode.connect(t, core, { nodeId });
    const owner = await PlainNode.join(t, core, { nodeId });
    early.send(step, { node_id: nodeId, hostname: "evil", ip_address: "203.0.113.1", status: "online" });
    const answer = await early.next();
    assert.equal(answer.data["error_code"], "INVALID_TOKEN", step);
    assert.equal((await early.peer.closed).code, 1008, step);
    assert.equal((await owner.heartbeat()).type, "heartbeat_ack", "the owner is still connected");
    assert.equal(core.core.nodes.require(nodeId).hostname, "host");
  }
});

test("a node joins the group of its token", async (t) => {
  const core = await startCore(t);
  await PlainNode.join(t, core, { nodeId: "a", group: "databases" });
  assert.equal(core.core.nodes.require("a").group, "databases");
});

test("an id that is no id is refused", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken(10);
  for (const nodeId of ["../../etc", "a b", "", "x".repeat(129), "a\u0000b", "ä", "a/b", "a%0ab"]) {
    assert.equal(await admission(t, core, { token, node_id: nodeId }), "INVALID_TOKEN", JSON.stringify(nodeId));
  }
});

test("the default token opens nothing unless the administrator allows it", async (t) => {
  const core = await startCore(t);
  assert.equal(await admission(t, core, { token: "default-token", node_id: "a" }), "INVALID_TOKEN");
});

test("the default token opens from this machine, and not when a proxy stands between", async (t) => {
  const core = await startCore(t, { configuration: { allowDefaultToken: true } });
  const node = await PlainNode.join(t, core, { token: "default-token", nodeId: "a" });
  assert.equal((await node.heartbeat()).type, "heartbeat_ack");
  await PlainNode.join(t, core, { token: "default-token", nodeId: "b" });
  const proxied = [{ "x-forwarded-for": "198.51.100.7" }, { forwarded: "for=198.51.100.7" }, { "x-forwarded-for": "" }];
  for (const headers of proxied) {
    const url = `${core.wsUrl}/api/v1/ws?token=default-token&node_id=c`;
    const peer = await RawPeer.connect(t, url, { headers });
    assert.equal((await peer.next())["type"], "error", JSON.stringify(headers));
    assert.equal((await peer.closed).code, 1008);
  }
});

test("the default token does not take over the id of a node that enrolled with a real one", async (t) => {
  const core = await startCore(t, { configuration: { allowDefaultToken: true } });
  await PlainNode.join(t, core, { nodeId: "a" });
  assert.equal(await admission(t, core, { token: "default-token", node_id: "a" }), "INVALID_TOKEN");
});
