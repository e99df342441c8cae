import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PicketError } from "../../../src-main/base/errors.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import type { NodeContainerEvent } from "../../../src-main/core/containers/containers.ts";
import type { NodeLink } from "../../../src-main/core/nodes/nodeLink.ts";
import { NodesServer } from "../../../src-main/protocols/nodes/server.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { memoryPair } from "../../support/memoryPair.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RecordingNode } from "../../support/recordingNode.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

const machine = { hostname: "host", ip_address: "192.0.2.1" };
const nothing = { engine: null, containers: [] };
const one = {
  id: "c1",
  name: "web",
  image: "nginx",
  state: "running" as const,
  status: "Up",
  created: 1,
  ports: [{ address: null, published: 80, target: 80, protocol: "tcp" }],
};
const full = { engine: { name: "Docker", version: "27" }, containers: [one] };

/** The core's half and a node's half, joined without a network. */
async function join(t: TestContext, capabilities: readonly string[] = ["channels", "docker"]) {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const server = new NodesServer({ ...core.core, logger: silentLogger, onRegistered: () => {} });
  const [far, near] = memoryPair();
  const node = new RecordingNode(near, { clock });
  far.handler = server.accept(far, { token: await core.enrolmentToken(), nodeId: "node-1" });
  t.after(() => near.terminate());
  await eventually(() => node.nodeId === "node-1");
  await node.client.register({ ...machine, picket: { version: 1, capabilities: [...capabilities] } });
  const link = core.core.nodes.linkOf("node-1") as NodeLink;
  return { core: core.core, clock, near, node, link };
}

test("a node is asked and answers; its error keeps its code and its words", async (t) => {
  const { node, link } = await join(t);
  node.onAsk = async (request) => {
    if (request.method === "container-list") return full;
    if (request.method === "container-action")
      return { message: `${request.params.action} ${request.params.container}` };
    throw new PicketError("CONTAINER_NOT_FOUND", { details: "no such container: web" });
  };
  assert.deepEqual(await link.ask("container-list", {}), full);
  assert.deepEqual(await link.ask("container-action", { container: "web", action: "stop" }), { message: "stop web" });
  await assert.rejects(link.ask("container-inspect", { container: "web" }), {
    code: "CONTAINER_NOT_FOUND",
    details: "no such container: web",
  });
});

test("answers find their questions, in whatever order they come", async (t) => {
  const { node, link } = await join(t);
  const answers = new Map<string, (answer: object) => void>();
  node.onAsk = (request) =>
    new Promise((resolve) => {
      if (request.method === "container-logs") answers.set(request.params.container, resolve);
    });
  const first = link.ask("container-logs", { container: "first", tail: 1 });
  const second = link.ask("container-logs", { container: "second", tail: 1 });
  await eventually(() => answers.size === 2);
  answers.get("second")?.({ text: "of the second" });
  assert.deepEqual(await second, { text: "of the second" });
  answers.get("first")?.({ text: "of the first" });
  assert.deepEqual(await first, { text: "of the first" });
});

test("an answer that is none is refused; one that does not come is given up; a lost link says so", async (t) => {
  const { node, link, clock, near } = await join(t);
  node.onAsk = async () => ({ engine: "Docker", containers: [{ id: 7 }] });
  await assert.rejects(link.ask("container-list", {}), { code: "INVALID_MESSAGE", details: /^data\.result/ });
  let asked = 0;
  node.onAsk = () => {
    asked += 1;
    return new Promise(() => {});
  };
  const late = assert.rejects(link.ask("container-list", {}), { code: "TIMEOUT" });
  await eventually(() => asked === 1);
  clock.advance(30_000);
  await late;
  const lost = assert.rejects(link.ask("container-list", {}), { code: "PEER_LOST" });
  await eventually(() => asked === 2);
  near.terminate();
  await lost;
});

test("no more than 64 questions are open at a time", async (t) => {
  const { node, link, near } = await join(t);
  node.onAsk = () => new Promise(() => {});
  const open = Array.from({ length: 64 }, () =>
    link.ask("container-list", {}).catch((error: PicketError) => error.code),
  );
  await assert.rejects(link.ask("container-list", {}), { code: "RATE_LIMITED" });
  near.terminate();
  assert.deepEqual(new Set(await Promise.all(open)), new Set(["PEER_LOST"]));
});

test("a node that did not announce containers is not asked, and its lists are refused", async (t) => {
  const { core, node, link } = await join(t, ["channels"]);
  let asked = 0;
  node.onAsk = async () => {
    asked += 1;
    return nothing;
  };
  await assert.rejects(link.ask("container-list", {}), { code: "UNSUPPORTED", details: "docker" });
  node.client.containers(full);
  node.client.containerEvent({ container: { id: "c1", name: "web", image: "nginx" }, event: "die", time: 1 });
  await node.client.heartbeat({ nodeId: "node-1", time: 1 });
  assert.deepEqual([core.containers.latest("node-1"), asked], [undefined, 0]);
});

test("the latest list of a node is at hand while it is connected, and changes and events are told", async (t) => {
  const { core, node, near } = await join(t);
  const changes: string[] = [];
  const events: NodeContainerEvent[] = [];
  t.after(() => subscription.dispose());
  const subscription = core.bus.subscribe("containers-changed", ({ nodeId }) => changes.push(nodeId));
  core.containers.onEvent((event) => events.push(event));
  node.client.containers(full);
  await eventually(() => changes.length === 1);
  const record = core.nodes.require("node-1");
  assert.deepEqual(await core.containers.list(record), full, "without asking the node");
  const container = { id: "c1", name: "web", image: "nginx" };
  node.client.containerEvent({ container, event: "die", exit_code: 137, time: 5 });
  node.client.containerEvent({ container, event: "start", time: 6 });
  await eventually(() => events.length === 2);
  assert.deepEqual(
    events.map(({ nodeId, event, exitCode, time }) => [nodeId, event, exitCode, time]),
    [
      ["node-1", "die", 137, 5],
      ["node-1", "start", undefined, 6],
    ],
  );
  near.terminate();
  await eventually(() => core.nodes.linkOf("node-1") === undefined);
  assert.equal(core.containers.latest("node-1"), undefined);
  await assert.rejects(core.containers.list(record), { code: "NODE_OFFLINE" });
});

test("a node that answers what it was not asked is not listened to", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  node.send("node_response", { result: { anything: true } });
  node.send("error", { error_code: "TIMEOUT", message: "of nothing" });
  const refused = await node.answerTo(node.send("containers", full));
  assert.deepEqual([refused.type, refused.data["error_code"]], ["error", "INVALID_MESSAGE"]);
  assert.equal((await node.heartbeat()).type, "heartbeat_ack");
});

test("the node's half refuses a method that it does not know, and parameters that are none", async (t) => {
  const { node, near } = await join(t);
  const sent: { readonly id: string; readonly data: { readonly error_code?: string } }[] = [];
  let asked = 0;
  node.onAsk = async () => {
    asked += 1;
    return nothing;
  };
  const send = near.sendText.bind(near);
  near.sendText = (text: string) => {
    sent.push(JSON.parse(text));
    return send(text);
  };
  const ask = (id: string, data: object): void =>
    node.client.text(JSON.stringify({ type: "node_request", id, timestamp: "", data }));
  ask("a", { method: "format-disk", params: {} });
  ask("b", { method: "container-inspect", params: { container: "../etc" } });
  ask("c", { method: "toString", params: {} });
  await eventually(() => sent.length === 3);
  assert.deepEqual(
    new Map(sent.map(({ id, data }) => [id, data.error_code])),
    new Map([
      ["a", "UNSUPPORTED"],
      ["b", "INVALID_PARAMS"],
      ["c", "UNSUPPORTED"],
    ]),
  );
  assert.equal(asked, 0);
});
