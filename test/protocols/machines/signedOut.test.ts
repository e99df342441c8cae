import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { startAgent } from "../../support/startAgent.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();
// The shell of a terminal that asks for none. Whoever runs the tests may have one that takes a minute to start.
process.env["SHELL"] = "/bin/sh";

const dataFrame = (channel: number, text: string): Buffer => {
  const header = Buffer.from([1, 0, 0, 0, channel]);
  return Buffer.concat([header, Buffer.from(text)]);
};

test("a console that is signed out and never answers the close learns nothing more and harms nobody", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const peer = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${await core.userToken("viewer")}`);
  for (const data of [
    { topic: "nodes" },
    { topic: "node-metrics", nodeId: "node-1" },
    { topic: "system-monitor", nodeId: "node-1", interval: 1000 },
    { topic: "commands" },
  ]) {
    peer.send({ type: "subscribe", id: data.topic, data });
    await peer.nextOf("subscribe-response");
  }
  // It reads nothing from here on, so its own half of the closing handshake never comes.
  peer.socket.pause();
  const user = (await core.core.users.list()).find(({ username }) => username.startsWith("viewer"));
  await core.core.sessions.revokeAll(user?.id ?? "", { actor: "test" });
  await node.heartbeat({ cpu_usage: 5 });
  await core.core.nodes.change("node-1", { name: "renamed" });
  const console = await core.console();
  const { nodes } = await console.request("node-list", {});
  assert.equal(nodes[0]?.name, "renamed");
  // Longer than changes are gathered, and than the interval of what was watched.
  const until = performance.now() + 1_300;
  await eventually(() => performance.now() > until);
  await console.request("ping", {});
});

test("who is signed out types nothing more into a terminal, also when it does not answer the close", async (t) => {
  const core = await startCore(t);
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: await core.enrolmentToken() });
  await agent.connected();
  const token = await core.userToken("operator");
  const peer = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${token}`);
  peer.send({ type: "hello", id: "h", data: { version: 1, capabilities: ["channels"] } });
  await peer.nextOf("hello-response");
  const params = { node_id: agent.nodeId, shell: "/bin/sh", cols: 80, rows: 24 };
  peer.send({ type: "channel_open", data: { channel: 1, kind: "terminal", params, window: 65_536 } });
  await peer.nextOf("channel_opened");
  const file = `${agent.folder}/typed`;
  peer.socket.pause();
  const user = (await core.core.users.list()).find(({ username }) => username.startsWith("operator"));
  await core.core.sessions.revokeAll(user?.id ?? "", { actor: "test" });
  // Signing in takes longer than the core takes to look up who was signed out.
  const console = await core.console();
  await console.hello();
  peer.socket.send(dataFrame(1, `touch ${file}\n`));
  let output = "";
  const { channel } = await console.openChannel({
    kind: "exec",
    nodeId: agent.nodeId,
    params: { command: `sleep 0.5; ls ${agent.folder}` },
    handler: {
      data: (bytes) => {
        output += Buffer.from(bytes).toString();
      },
      ended() {},
      writable() {},
      closed() {},
    },
  });
  await eventually(() => output.includes("policy.yaml"));
  assert.equal(output.includes("typed"), false);
  channel.reset(1, "done");
});

test("a console that goes away while its token is checked leaves no subscription behind", async (t) => {
  const core = await startCore(t);
  const token = await core.userToken("viewer");
  let pushed = 0;
  const active = new Set<object>();
  const { bus } = core.core;
  const subscribe = bus.subscribe.bind(bus);
  bus.subscribe = (topic, listener) => {
    const subscription = subscribe(topic, listener);
    active.add(subscription);
    return {
      dispose: () => {
        active.delete(subscription);
        subscription.dispose();
      },
    };
  };
  for (let time = 0; time < 20; time += 1) {
    const peer = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${token}`);
    peer.socket.on("message", () => {
      pushed += 1;
    });
    peer.send({ type: "subscribe", data: { topic: "nodes" } });
    peer.socket.terminate();
    await peer.closed;
  }
  const console = await core.console();
  await console.request("ping", {});
  await eventually(() => active.size === 0, { what: "the end of the last subscription" });
  assert.equal(pushed, 0);
});

test("a text terminal that opens after its console went away is closed again", async (t) => {
  const core = await startCore(t);
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: await core.enrolmentToken() });
  await agent.connected();
  const token = await core.userToken("operator");
  // One more than a user may have open at a time.
  for (let time = 0; time < 65; time += 1) {
    const peer = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${token}`);
    peer.send({ type: "ping", id: "ready", data: {} });
    await peer.nextOf("ping-response");
    peer.send({ type: "terminal-connect", id: "t", data: { vmId: agent.nodeId, type: "node" } });
    // A close in order: what was sent before it has been read.
    peer.socket.close();
    await peer.closed;
  }
  const peer = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${token}`);
  const { type, data } = await eventually(
    async () => {
      peer.send({ type: "terminal-connect", id: "last", data: { vmId: agent.nodeId, type: "node" } });
      const answer = await peer.next();
      return answer["type"] === "terminal-connect-response" ? answer : undefined;
    },
    { within: 5_000, what: "room for a terminal" },
  );
  assert.deepEqual([type, (data as { vmId: string }).vmId], ["terminal-connect-response", agent.nodeId]);
});
