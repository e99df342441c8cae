import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { streamQuotas } from "../../../src-main/core/streams/streamBroker.ts";
import type { MachinesClient, OpenedChannel } from "../../../src-main/protocols/machines/client.ts";
import { NodesServer } from "../../../src-main/protocols/nodes/server.ts";
import type { Channel } from "../../../src-main/wire/channels/channel.ts";
import { ChannelReader } from "../../support/channelPair.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { memoryPair } from "../../support/memoryPair.ts";
import { RecordingNode } from "../../support/recordingNode.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

/** A console over a real socket, a core, and a node that does with its end of a stream what a test says. */
async function setUp(t: TestContext) {
  const clock = new ManualClock();
  const core = await startCore(t, { clock });
  const server = new NodesServer({ ...core.core, logger: silentLogger, onRegistered: () => {} });
  const [far, nearEnd] = memoryPair();
  const node = new RecordingNode(nearEnd, { clock });
  far.handler = server.accept(far, { token: await core.enrolmentToken(), nodeId: "node-1" });
  t.after(() => nearEnd.terminate());
  await eventually(() => node.nodeId);
  const picket = { version: 1, capabilities: ["channels", "terminal"] };
  await node.client.register({ hostname: "host", ip_address: "192.0.2.1", picket });
  const ends: ChannelReader[] = [];
  node.onStream = (_, channel) => {
    ends.push(new ChannelReader(channel));
    return { session: `s-${ends.length}` };
  };
  const client = await core.console();
  await client.hello();
  return { core, node, client, ends, nodeConnection: nearEnd };
}

interface ConsoleEnd extends OpenedChannel {
  readonly received: string[];
  readonly events: string[];
}

async function open(client: MachinesClient): Promise<ConsoleEnd> {
  const received: string[] = [];
  const events: string[] = [];
  let channel: Channel | undefined;
  const opened = await client.openChannel({
    kind: "terminal",
    nodeId: "node-1",
    handler: {
      data: (bytes) => {
        received.push(Buffer.from(bytes).toString());
        channel?.consumed(bytes.length);
      },
      ended: () => events.push("ended"),
      writable() {},
      closed: (reset) => events.push(reset === undefined ? "closed" : `reset ${reset.code}`),
    },
  });
  channel = opened.channel;
  return { ...opened, received, events };
}

test("bytes go both ways between a console and a node, and each end can end its side", async (t) => {
  const { client, ends } = await setUp(t);
  const near = await open(client);
  assert.deepEqual(near.result, { session: "s-1" });
  const [far] = ends;
  assert.ok(far);
  near.channel.write(Buffer.from("to the node"));
  await eventually(() => far.text() === "to the node");
  far.channel.write(Buffer.from("to the console"));
  await eventually(() => near.received.join("") === "to the console");
  near.channel.end();
  await eventually(() => far.hasEnded);
  far.channel.write(Buffer.from(", still"));
  far.channel.end();
  await eventually(() => near.events.includes("closed"));
  assert.equal(near.received.join(""), "to the console, still");
  assert.deepEqual(near.events, ["ended", "closed"]);
});

test("streams of one console do not mix", async (t) => {
  const { client, ends } = await setUp(t);
  const near = [await open(client), await open(client), await open(client)];
  for (const [index, { channel }] of near.entries()) channel.write(Buffer.from(`${index}`.repeat(1_000)));
  for (const [index] of near.entries()) {
    await eventually(() => ends[index]?.length === 1_000);
    assert.equal(ends[index]?.text(), `${index}`.repeat(1_000));
  }
});

test("a console that goes away takes its streams along, and the node is told", async (t) => {
  const { client, ends, node } = await setUp(t);
  await open(client);
  await open(client);
  client.close();
  await eventually(() => ends.every(({ closedBy }) => closedBy !== undefined));
  assert.deepEqual(node.closes, [], "the node itself stays");
});

test("a node that goes away ends the streams of the console, which stays", async (t) => {
  const { client, nodeConnection } = await setUp(t);
  const near = await open(client);
  nodeConnection.terminate();
  await eventually(() => near.events.length > 0);
  assert.match(near.events.join(), /^reset/);
  await client.request("ping", {});
});

test("a reset of either side reaches the other with its code", async (t) => {
  const { client, ends } = await setUp(t);
  const first = await open(client);
  ends[0]?.channel.reset(5, "failed");
  await eventually(() => first.events.includes("reset 5"));
  const second = await open(client);
  second.channel.reset(1, "cancelled");
  const closed = await eventually(() => ends[1]?.closedBy);
  assert.equal(closed === "end" ? closed : closed.code, 1);
});

test("streams that ended make room, however they ended", async (t) => {
  const { client, ends, core } = await setUp(t);
  for (let round = 0; round < 3; round += 1) {
    const near: ConsoleEnd[] = [];
    for (let index = 0; index < streamQuotas.perUser; index += 1) near.push(await open(client));
    await assert.rejects(open(client), { code: "CHANNEL_LIMIT" });
    for (const [index, { channel }] of near.entries()) {
      const far = ends[ends.length - near.length + index]?.channel;
      if (index % 3 === 0) channel.reset(1, "");
      else if (index % 3 === 1) far?.reset(1, "");
      else {
        channel.end();
        far?.end();
      }
    }
    await eventually(() => near.every(({ channel }) => channel.isClosed));
  }
  client.close();
  const again = await core.console();
  await again.hello();
  await open(again);
});
