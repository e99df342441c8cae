import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const consoles = async (core: TestCore): Promise<number> => {
  const text = await (await fetch(`${core.httpUrl}/metrics`)).text();
  return Number(/^picket_console_connections (\d+)$/m.exec(text)?.[1]);
};

test("a console that reads nothing of what it asked for is given up, and nobody else waits for it", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const other = await core.console();
  const { commands } = await other.request("command-run", { nodeIds: ["node-1"], command: "true" });
  const commandId = commands[0]?.commandId ?? "";
  await node.nextOf("execute_command");
  await node.result(commandId, { stdout: "x".repeat(200_000) });
  const slow = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${await core.signIn()}`);
  slow.send({ type: "ping", id: "ready", data: {} });
  await slow.nextOf("ping-response");
  assert.equal(await consoles(core), 2);
  slow.socket.pause();
  const asked = { type: "command-output", id: "o", data: { commandId, stream: "stdout" } };
  for (let time = 0; time < 400; time += 1) slow.send(asked);
  const slowest = { ping: 0 };
  await eventually(async () => {
    const before = performance.now();
    await other.request("ping", {});
    assert.equal((await node.heartbeat({ cpu_usage: 1 })).type, "heartbeat_ack");
    slowest.ping = Math.max(slowest.ping, performance.now() - before);
    return (await consoles(core)) === 1;
  });
  assert.ok(slowest.ping < 2_000, `${slowest.ping} ms`);
  slow.socket.resume();
  assert.equal((await slow.closed).code, 1006);
});

test("however often a node reports, a console is pushed its numbers as often as it asked", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const peer = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${await core.signIn()}`);
  peer.send({ type: "subscribe", id: "s", data: { topic: "node-metrics", nodeId: "node-1", interval: 1000 } });
  await peer.nextOf("subscribe-response");
  for (let time = 0; time < 300; time += 1) await node.heartbeat({ cpu_usage: time % 100 });
  const first = await peer.nextOf("node-metrics");
  assert.equal((first["data"] as { nodeId: string }).nodeId, "node-1");
  assert.ok(peer.unread <= 2, `${peer.unread + 1} pushes of 300 reports`);
  await eventually(async () => {
    await node.heartbeat({ cpu_usage: 42 });
    return peer.unread > 0;
  });
});
