import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

const resetType = 4;

/** The console is gone when the node has opened the terminal: returns the code of the RESET that the node then gets. */
async function resetAfter(t: TestContext, params: object): Promise<number | undefined> {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  await node.register({ picket: { version: 1, capabilities: ["channels", "terminal"] } });
  const token = await core.signIn();
  const console = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${token}`);
  console.send({ type: "hello", id: "h", data: { version: 1, capabilities: ["channels"] } });
  await console.nextOf("hello-response");
  const request = { channel: 1, kind: "terminal", window: 1000, params: { node_id: node.nodeId, ...params } };
  console.send({ type: "channel_open", id: "o", data: request });
  const { channel } = (await node.nextOf("channel_open")).data;
  console.socket.terminate();
  await eventually(async () => {
    const response = await fetch(`${core.httpUrl}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    return /^picket_console_connections 0$/m.test(await response.text());
  });
  node.send("channel_opened", { channel, window: 1000, result: { session: "s", offset: 0, end: 0, shell: "/bin/sh" } });
  for (;;) {
    const frame = await node.peer.take();
    if (Buffer.isBuffer(frame) && frame[0] === resetType) return frame[5];
  }
}

test("a console that goes away while it takes a terminal up again does not end the shell", async (t) => {
  // Found by the soak: the link broke again in this moment, and the shell was hung up as if it had been closed.
  assert.equal(await resetAfter(t, { session: "s", offset: 0 }), 2);
});

test("a console that goes away while a new terminal is opened leaves no shell behind", async (t) => {
  assert.equal(await resetAfter(t, {}), 1);
});
