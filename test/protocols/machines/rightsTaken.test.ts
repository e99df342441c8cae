import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { adminPassword, startCore } from "../../support/startCore.ts";

failOnLeaks();

const resetType = 4;
const forbidden = 6;

/** An operator of the group "default" with a terminal open on a node of that group. */
async function openTerminal(t: TestContext) {
  const core = await startCore(t);
  const { users } = core.core;
  const user = await users.create({ username: "kim", password: adminPassword, role: "operator", groups: ["default"] });
  const node = await PlainNode.connect(t, core);
  await node.register({ picket: { version: 1, capabilities: ["channels", "terminal"] } });
  const console = await RawPeer.connect(t, `${core.wsUrl}/ws?token=${await core.signIn("kim")}`);
  console.send({ type: "hello", id: "h", data: { version: 1, capabilities: ["channels"] } });
  await console.nextOf("hello-response");
  const params = { node_id: node.nodeId };
  const open = async (): Promise<number> => {
    console.send({ type: "channel_open", id: "o", data: { channel: 1, kind: "terminal", window: 1000, params } });
    return Number((await node.nextOf("channel_open")).data["channel"]);
  };
  const opened = (channel: number): string =>
    node.send("channel_opened", {
      channel,
      window: 1000,
      result: { session: "s", offset: 0, end: 0, shell: "/bin/sh" },
    });
  const reset = async (peer: RawPeer): Promise<number | undefined> => {
    for (;;) {
      const frame = await peer.take();
      if (Buffer.isBuffer(frame) && frame[0] === resetType) return frame[5];
    }
  };
  return { core: core.core, user, node, console, open, opened, reset };
}

test("a user who may only look from now on loses the terminals that are open", async (t) => {
  const { core, user, node, console, open, opened, reset } = await openTerminal(t);
  opened(await open());
  await console.nextOf("channel_opened");
  await core.users.change(user.id, { role: "viewer" });
  assert.deepEqual(await Promise.all([reset(console), reset(node.peer)]), [forbidden, forbidden]);
});

test("a user who loses the node's group loses its terminals, also when the node is moved", async (t) => {
  for (const narrow of ["user", "node"] as const) {
    const { core, user, node, console, open, opened, reset } = await openTerminal(t);
    opened(await open());
    await console.nextOf("channel_opened");
    if (narrow === "user") await core.users.change(user.id, { groups: ["other"] });
    else await core.nodes.change(node.nodeId, { group: "other" });
    assert.deepEqual(await Promise.all([reset(console), reset(node.peer)]), [forbidden, forbidden], narrow);
  }
});

test("a right that is taken away while the terminal opens counts", async (t) => {
  const { core, user, node, open, opened, reset } = await openTerminal(t);
  const channel = await open();
  await core.users.change(user.id, { role: "viewer" });
  opened(channel);
  assert.equal(await reset(node.peer), forbidden);
});

test("other changes leave the terminal alone", async (t) => {
  const { core, user, node, console, open, opened } = await openTerminal(t);
  const channel = await open();
  opened(channel);
  await console.nextOf("channel_opened");
  await core.users.change(user.id, { role: "administrator" });
  await core.users.change(user.id, { groups: ["default", "other"] });
  await core.nodes.change(node.nodeId, { group: "other" });
  console.send({ type: "ping", id: "p", data: {} });
  await console.nextOf("ping-response");
  node.peer.send(Buffer.concat([Buffer.from([1, 0, 0, 0, channel]), Buffer.from("still here")]));
  await eventually(async () => (await console.take()).toString().includes("still here"));
});
