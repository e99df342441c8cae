import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { PushData } from "../../../src-main/protocols/machines/messages.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { type Data, PlainNode } from "../../support/plainNode.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

const hostile = "<img src=x onerror=alert(1)>";
const web = {
  id: "c1",
  name: "web",
  image: hostile,
  state: "running",
  status: "Up",
  created: 1,
  ports: [{ address: "0.0.0.0", published: 8080, target: 80, protocol: "tcp" }],
};
const list = { engine: { name: "Docker", version: "27" }, containers: [web] };

/** A node that is written here, and a core. It answers what it is asked by `answers`, by method. */
async function start(t: TestContext, group = "default") {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core, { group });
  await node.register({ picket: { version: 1, capabilities: ["channels", "docker"] } });
  /** The next request of the core, answered. */
  const answer = async (type: string, data: Data): Promise<Data> => {
    const asked = await node.nextOf("node_request");
    node.send(type, data, { id: asked.id });
    return asked.data;
  };
  return { core, node, answer, nodeId: "node-1" };
}

test("containers are listed from what the node said, and told to who subscribed", async (t) => {
  const { core, node, nodeId, answer } = await start(t);
  const console = await core.console(await core.userToken("viewer"));
  const asked = console.request("container-list", { nodeId });
  assert.equal(
    (await answer("node_response", { result: { engine: null, containers: [] } }))["method"],
    "container-list",
  );
  assert.deepEqual(await asked, { engine: null, containers: [] }, "asked, before it has said anything");
  const pushes: PushData<"containers-changed">[] = [];
  console.onPush("containers-changed", (data) => pushes.push(data));
  await console.subscribe({ topic: "containers", nodeId });
  node.send("containers", list);
  await eventually(() => pushes.length === 1);
  assert.deepEqual(pushes[0], { nodeId, ...list });
  assert.deepEqual(await console.request("container-list", { nodeId }), list);
});

test("an action reaches the node and the audit log, with what became of it", async (t) => {
  const { core, nodeId, answer } = await start(t);
  const operator = await core.console(await core.userToken("operator"));
  const act = () => operator.request("container-act", { nodeId, container: "web", action: "restart" });
  const done = act();
  assert.deepEqual(await answer("node_response", { result: { message: "web was restarted" } }), {
    method: "container-action",
    params: { container: "web", action: "restart" },
  });
  assert.deepEqual(await done, { message: "web was restarted" });
  const failed = assert.rejects(act(), { code: "FORBIDDEN_BY_POLICY", details: "containers is not allowed" });
  await answer("error", { error_code: "FORBIDDEN_BY_POLICY", message: "no", details: "containers is not allowed" });
  await failed;
  const viewer = await core.console(await core.userToken("viewer"));
  await assert.rejects(viewer.request("container-act", { nodeId, container: "web", action: "kill" }), {
    code: "FORBIDDEN",
  });
  const records = (await core.core.audit.list({ limit: 10, action: "container-act" })).reverse();
  assert.deepEqual(
    records.map(({ target, outcome, details }) => [target, outcome, details]),
    [
      [nodeId, "done", { container: "web", action: "restart" }],
      [nodeId, "failed", { container: "web", action: "restart", code: "FORBIDDEN_BY_POLICY" }],
      [nodeId, "refused", { container: "web", action: "kill", code: "FORBIDDEN" }],
    ],
  );
});

test("a viewer sees a container's details without its secrets, and its numbers", async (t) => {
  const { core, nodeId, answer } = await start(t);
  const console = await core.console(await core.userToken("viewer"));
  const details = console.request("container-inspect", { nodeId, container: "c1" });
  await answer("node_response", { result: { details: { Config: { Env: ["A=1", "DB_PASSWORD=hunter2"] } } } });
  assert.deepEqual(await details, { details: { Config: { Env: ["A=1", "DB_PASSWORD=‹masked›"] } } });
  const stats = {
    time: 1,
    cpu: 12.5,
    memory: { used: 1, limit: null },
    network: { rx: 1, tx: 2 },
    disk: { read: null, write: null },
    processes: 3,
  };
  const numbers = console.request("container-stats", { nodeId, container: "c1" });
  await answer("node_response", { result: stats });
  assert.deepEqual(await numbers, stats);
  const wrong = assert.rejects(console.request("container-stats", { nodeId, container: "c1" }), {
    code: "INVALID_MESSAGE",
  });
  await answer("node_response", { result: { ...stats, cpu: "a lot" } });
  await wrong;
});

test("what is no container's name does not reach a node", async (t) => {
  const { core, nodeId } = await start(t);
  const console = await core.console();
  for (const container of ["", "../x", "a b", "-f", "x".repeat(300)]) {
    await assert.rejects(console.request("container-inspect", { nodeId, container }), { code: "INVALID_PARAMS" });
  }
});

test("of a node that is out of sight nothing is told, also when it went there later", async (t) => {
  const { core, node, nodeId } = await start(t, "lab");
  const outsider = await core.console(await core.userToken("operator", ["default"]));
  await assert.rejects(outsider.subscribe({ topic: "containers", nodeId }), { code: "NODE_NOT_FOUND" });
  const console = await core.console(await core.userToken("viewer", ["lab"]));
  let pushes = 0;
  console.onPush("containers-changed", () => {
    pushes += 1;
  });
  await console.subscribe({ topic: "containers", nodeId });
  node.send("containers", list);
  await eventually(() => pushes === 1);
  await core.core.nodes.change(nodeId, { group: "secret" });
  const administrator = await core.console();
  let seen = 0;
  administrator.onPush("containers-changed", () => {
    seen += 1;
  });
  await administrator.subscribe({ topic: "containers", nodeId });
  node.send("containers", { ...list, containers: [] });
  await eventually(() => seen === 1);
  await console.request("ping", {});
  assert.equal(pushes, 1);
});

test("output and terminals of containers are for operators", async (t) => {
  const { core, nodeId } = await start(t);
  const console = await core.console(await core.userToken("viewer"));
  await console.hello();
  const handler = { data() {}, ended() {}, writable() {}, closed() {} };
  for (const kind of ["docker-logs", "docker-exec"]) {
    await assert.rejects(console.openChannel({ kind, nodeId, params: { container: "web" }, handler }), {
      code: "FORBIDDEN",
    });
  }
});
