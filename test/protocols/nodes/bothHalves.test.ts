import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PicketError } from "../../../src-main/base/errors.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import type { Principal } from "../../../src-main/core/identity/principal.ts";
import { NodesServer } from "../../../src-main/protocols/nodes/server.ts";
import { commandState, runCommand } from "../../support/commandHelpers.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { memoryPair } from "../../support/memoryPair.ts";
import { NodeKey } from "../../support/nodeKey.ts";
import { RecordingHandler } from "../../support/recordingHandler.ts";
import { RecordingNode } from "../../support/recordingNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const machine = { hostname: "host", ip_address: "192.0.2.1" };
const everything = ["channels", "terminal", "exec-stream", "inventory"];

interface Halves {
  readonly core: TestCore;
  readonly server: NodesServer;
  readonly clock: ManualClock;
  connect(token: string, key?: NodeKey): RecordingNode;
}

/** The core's half and the node's half, joined without a network. */
async function join(t: TestContext): Promise<Halves> {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const server = new NodesServer({ ...core.core, logger: silentLogger, onRegistered: () => {} });
  return {
    core,
    server,
    clock,
    connect(token, key) {
      const [far, near] = memoryPair();
      const node = new RecordingNode(near, { clock, ...(key === undefined ? {} : { key }) });
      far.handler = server.accept(far, { token, nodeId: "node-1" });
      t.after(() => near.terminate());
      return node;
    },
  };
}

test("the two halves: registration, heartbeat, command, cancel, inventory", async (t) => {
  const { core, connect, clock } = await join(t);
  const node = connect(await core.enrolmentToken());
  await eventually(() => node.nodeId === "node-1");
  const picket = { version: 1, capabilities: everything };
  const { response, extension } = await node.client.register({ ...machine, picket });
  assert.equal(response.action, "created");
  assert.deepEqual(extension?.capabilities, everything);
  await node.client.heartbeat({ nodeId: "node-1", metrics: { cpu_usage: 5 }, time: clock.wallTime() });
  assert.equal(core.core.metrics.latest(core.core.nodes.require("node-1").key)?.values[0], 5);
  const { id } = await runCommand(core, { text: "uptime" });
  assert.equal((await eventually(() => node.commands[0])).command_text, "uptime");
  await core.core.commands.cancel(id);
  await eventually(() => node.cancelled[0] === id);
  await node.client.commandResult({ command_id: id, exit_code: 143, stdout: "", stderr: "", execution_time_ms: 1 });
  assert.equal((await commandState(core, id)).status, "cancelled");
  await node.client.inventory({ os: "linux" });
  assert.deepEqual(await core.core.nodes.facts("node-1"), { os: "linux" });
});

test("the two halves: a key is pinned and proved", async (t) => {
  const { core, connect } = await join(t);
  const key = new NodeKey();
  const first = connect(await core.enrolmentToken(), key);
  await eventually(() => first.nodeId);
  await first.client.register({ ...machine, picket: { version: 1, capabilities: [], public_key: key.publicKey } });
  const byKey = connect("node:node-1", key);
  await eventually(() => byKey.nodeId === "node-1");
  await byKey.client.register({ ...machine, picket: { version: 1, capabilities: [] } });
  await eventually(() => first.closes[0]?.code === 4409);
  const thief = connect("node:node-1", new NodeKey());
  const refusal = await eventually(() => thief.refusals[0]);
  assert.equal(refusal.code, "INVALID_TOKEN");
  const keyless = connect("node:node-1");
  await eventually(() => keyless.closes[0]?.code === 1008);
});

const operator: Principal = {
  userId: "u1",
  username: "op",
  role: "operator",
  groups: undefined,
  sessionId: undefined,
};

test("the two halves: a stream with bytes both ways, its result before its end, and a refused one", async (t) => {
  const { core, connect } = await join(t);
  const node = connect(await core.enrolmentToken());
  await eventually(() => node.nodeId);
  await node.client.register({ ...machine, picket: { version: 1, capabilities: everything } });
  const atNode: string[] = [];
  node.onStream = (request, channel) => {
    assert.equal(request.params["owner"], "u1", "the core says whose it is, whatever the console wrote");
    channel.attach({
      data(bytes) {
        atNode.push(Buffer.from(bytes).toString());
        channel.consumed(bytes.length);
        channel.write(Buffer.from("pong"));
      },
      ended() {
        node.client.channelResult(channel, { exit_code: 7 });
        channel.end();
      },
      writable() {},
      closed() {},
    });
    return { session: "s1" };
  };
  const results: unknown[] = [];
  const record = core.core.nodes.require("node-1");
  const opened = await core.core.streams.open(
    { principal: operator, node: record, kind: "terminal", params: { owner: "somebody else" } },
    { window: 4096, result: (result) => results.push(result) },
  );
  assert.equal(opened.result["session"], "s1");
  const seen: string[] = [];
  opened.stream.attach({
    data: (bytes) => seen.push(Buffer.from(bytes).toString()),
    ended: () => seen.push(`end after ${results.length} result`),
    writable() {},
    closed: (reset) => seen.push(reset === undefined ? "closed" : "reset"),
  });
  opened.stream.write(Buffer.from("ping"));
  await eventually(() => seen.includes("pong"));
  opened.stream.end();
  await eventually(() => seen.includes("closed"));
  assert.deepEqual(atNode, ["ping"]);
  assert.deepEqual(seen, ["pong", "end after 1 result", "closed"]);
  assert.deepEqual(results, [{ exit_code: 7 }]);
  opened.release();
  node.onStream = () => {
    throw new PicketError("FORBIDDEN_BY_POLICY", { details: "no terminals here" });
  };
  const refused = core.core.streams.open(
    { principal: operator, node: record, kind: "terminal", params: {} },
    { window: 4096, result() {} },
  );
  await assert.rejects(refused, { code: "FORBIDDEN_BY_POLICY", details: "no terminals here" });
});

test("a stream that the node does not answer is given up after 15 s", async (t) => {
  const { core, connect, clock } = await join(t);
  const node = connect(await core.enrolmentToken());
  await eventually(() => node.nodeId);
  await node.client.register({ ...machine, picket: { version: 1, capabilities: everything } });
  let asked = false;
  node.openStream = () => {
    asked = true;
    return new Promise(() => {});
  };
  const opening = core.core.streams.open(
    { principal: operator, node: core.core.nodes.require("node-1"), kind: "terminal", params: {} },
    { window: 4096, result() {} },
  );
  opening.catch(() => {});
  await eventually(() => asked);
  clock.advance(15_000);
  await assert.rejects(opening, { code: "TIMEOUT" });
});

test("what the core never answers fails after 30 s, and what is open when the link breaks fails at once", async () => {
  const clock = new ManualClock();
  const [near, far] = memoryPair();
  const node = new RecordingNode(near, { clock });
  far.handler = new RecordingHandler();
  const slow = node.client.heartbeat({ nodeId: "node-1", time: clock.wallTime() });
  slow.catch(() => {});
  clock.advance(30_000);
  await assert.rejects(slow, { code: "TIMEOUT" });
  const cut = node.client.heartbeat({ nodeId: "node-1", time: clock.wallTime() });
  far.terminate();
  await assert.rejects(cut, { code: "PEER_LOST" });
  assert.equal(clock.timerCount, 0);
});

test("what a core says that this node does not understand is passed over", async () => {
  const clock = new ManualClock();
  const [near, far] = memoryPair();
  const node = new RecordingNode(near, { clock });
  const core = new RecordingHandler();
  far.handler = core;
  const nonsense = ["{", "[]", "null", '"x"', '{"type":"later"}', '{"type":"welcome","id":"1","data":{}}'];
  for (const text of nonsense) far.sendText(text);
  far.sendText('{"type":"execute_command","id":"1","data":{"command_id":5}}');
  far.sendText('{"type":"welcome","id":"1","timestamp":"","data":{"message":"hi","node_id":"node-1","more":[1]}}');
  await eventually(() => node.nodeId === "node-1");
  assert.deepEqual([node.commands, core.texts, near.isOpen], [[], [], true]);
  far.sendBinary(new Uint8Array([1, 0, 0, 0, 2]));
  await eventually(() => node.closes[0]?.code === 1002);
});
