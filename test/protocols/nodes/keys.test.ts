import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { NodeKey } from "../../support/nodeKey.ts";
import { PlainNode } from "../../support/plainNode.ts";
import type { RawPeer } from "../../support/rawPeer.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const announce = (key: NodeKey) => ({ picket: { version: 1, capabilities: [], public_key: key.publicKey } });

/** A node that enrolled with its key and went away. */
async function enrolled(t: TestContext, core: TestCore, key: NodeKey): Promise<string> {
  const token = await core.enrolmentToken(2);
  const node = await PlainNode.connect(t, core, { token, nodeId: "a" });
  const { picket } = await node.register(announce(key));
  assert.notEqual(picket, undefined);
  await node.close();
  return token;
}

/** Connects by key as far as the core's challenge. */
async function challenged(t: TestContext, core: TestCore): Promise<{ peer: RawPeer; nonce: string; id: string }> {
  const peer = await PlainNode.dial(t, core, { token: "node:a", node_id: "a" });
  const { type, id, data } = await peer.next();
  assert.equal(type, "challenge");
  return { peer, nonce: (data as { nonce: string }).nonce, id: String(id) };
}

const answer = (id: string, signature: unknown) => ({
  type: "challenge_response",
  id,
  timestamp: "2026-03-01T12:00:00Z",
  data: { signature },
});

async function assertRefused(peer: RawPeer, what: string): Promise<void> {
  const { type, data } = await peer.next();
  assert.equal(type, "error", what);
  assert.equal((data as { error_code: string }).error_code, "INVALID_TOKEN", what);
  assert.equal((await peer.closed).code, 1008, what);
}

test("a node that enrolled with a key comes back by proving it, without a token", async (t) => {
  const core = await startCore(t);
  const key = new NodeKey();
  await enrolled(t, core, key);
  assert.equal(core.core.nodes.require("a").hasKey, true);
  const { peer, nonce, id } = await challenged(t, core);
  peer.send(answer(id, key.sign("a", nonce)));
  const welcome = await peer.next();
  assert.equal(welcome["type"], "welcome");
  assert.deepEqual((welcome["data"] as { node_id: string }).node_id, "a");
});

test("no token opens the id of a node that has a key, not even the one it enrolled with", async (t) => {
  const core = await startCore(t, { configuration: { allowDefaultToken: true } });
  const own = await enrolled(t, core, new NodeKey());
  for (const token of [own, await core.enrolmentToken(10), "default-token"]) {
    await assertRefused(await PlainNode.dial(t, core, { token, node_id: "a" }), token);
  }
});

test("what is no proof of the key: the error, then 1008", async (t) => {
  const core = await startCore(t);
  const key = new NodeKey();
  await enrolled(t, core, key);
  const replayed = await challenged(t, core);
  const old = key.sign("a", replayed.nonce);
  const cases: readonly (readonly [string, (challenge: { nonce: string; id: string }) => unknown])[] = [
    ["another key", ({ nonce, id }) => answer(id, new NodeKey().sign("a", nonce))],
    ["a signature of an earlier challenge", ({ id }) => answer(id, old)],
    ["a signature for another node's id", ({ nonce, id }) => answer(id, key.sign("b", nonce))],
    ["an empty signature", ({ id }) => answer(id, "")],
    ["a signature that is no text", ({ id }) => answer(id, 12)],
    ["a signature that is cut off", ({ nonce, id }) => answer(id, key.sign("a", nonce).slice(0, 40))],
    ["no JSON", () => "{"],
    ["a registration instead", ({ id }) => ({ ...answer(id, ""), type: "node_register" })],
    ["the nonce itself", ({ nonce, id }) => answer(id, nonce)],
  ];
  for (const [what, message] of cases) {
    const { peer, ...challenge } = await challenged(t, core);
    peer.send(message(challenge));
    await assertRefused(peer, what);
  }
  replayed.peer.send(answer(replayed.id, old));
  assert.equal((await replayed.peer.next())["type"], "welcome", "the challenge of one connection is its own");
});

test("every challenge is a new one, and the messages of one connection do not answer another's", async (t) => {
  const core = await startCore(t);
  const key = new NodeKey();
  await enrolled(t, core, key);
  const [first, second] = [await challenged(t, core), await challenged(t, core)];
  assert.notEqual(first.nonce, second.nonce);
  second.peer.send(answer(second.id, key.sign("a", first.nonce)));
  await assertRefused(second.peer, "the other connection's nonce");
});

test("ten seconds without an answer to the challenge end the connection", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  await enrolled(t, core, new NodeKey());
  const { peer } = await challenged(t, core);
  clock.advance(9_999);
  assert.equal(peer.unread, 0);
  clock.advance(1);
  await assertRefused(peer, "silence");
});

test("messages that come before the proof are no proof", async (t) => {
  const core = await startCore(t);
  await enrolled(t, core, new NodeKey());
  const peer = await PlainNode.dial(t, core, { token: "node:a" });
  for (let sent = 0; sent < 100; sent += 1) peer.send({ type: "heartbeat", id: randomUUID(), data: { node_id: "a" } });
  const code = await peer.closed;
  assert.equal(code.code, 1008);
});

test("the first key that registers stays, another is not taken in its place", async (t) => {
  const core = await startCore(t);
  const key = new NodeKey();
  await enrolled(t, core, key);
  const { peer, nonce, id } = await challenged(t, core);
  peer.send(answer(id, key.sign("a", nonce)));
  await peer.nextOf("welcome");
  const other = announce(new NodeKey());
  peer.send({ type: "node_register", id: "r", data: { hostname: "host", ip_address: "192.0.2.1", ...other } });
  await peer.nextOf("register_response");
  assert.equal(core.core.nodes.publicKeyOf("a"), key.publicKey);
});

test("a key that is no key is refused by name, and the node may try again", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core, { nodeId: "a" });
  for (const bad of ["", "AAAA", Buffer.alloc(33).toString("base64"), "not base64 at all"]) {
    const picket = { version: 1, capabilities: [], public_key: bad };
    const id = node.send("node_register", { hostname: "host", ip_address: "192.0.2.1", picket });
    const { data } = await node.answerTo(id);
    assert.equal(data["error_code"], "INVALID_MESSAGE", bad);
    assert.match(String(data["details"]), /public_key/);
  }
  assert.equal(core.core.nodes.get("a"), undefined);
  await node.register(announce(new NodeKey()));
});

test("an answer without a challenge is an invalid message", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const answered = await node.answerTo(node.send("challenge_response", { signature: "AAAA" }));
  assert.equal(answered.data["error_code"], "INVALID_MESSAGE");
  assert.equal((await node.heartbeat()).type, "heartbeat_ack");
});

test("a removed node's key opens nothing, nor does a second connection that it kept in reserve", async (t) => {
  const core = await startCore(t);
  const key = new NodeKey();
  await enrolled(t, core, key);
  const { peer, nonce, id } = await challenged(t, core);
  peer.send(answer(id, key.sign("a", nonce)));
  await peer.nextOf("welcome");
  const console = await core.console();
  await console.request("node-remove", { nodeId: "a" });
  peer.send({ type: "node_register", id: "r", data: { hostname: "host", ip_address: "192.0.2.1", ...announce(key) } });
  await assertRefused(peer, "the reserve");
  await assertRefused(await PlainNode.dial(t, core, { token: "node:a" }), "the key");
  assert.equal(core.core.nodes.get("a"), undefined);
});

test("a challenge that nobody answers leaves nothing behind when its connection closes", async (t) => {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  await enrolled(t, core, new NodeKey());
  await eventually(() => core.core.nodes.require("a").status === "offline");
  const before = clock.timerCount;
  const { peer } = await challenged(t, core);
  peer.socket.close();
  await peer.closed;
  await eventually(() => clock.timerCount <= before, { what: "the end of the challenge's timer" });
});
