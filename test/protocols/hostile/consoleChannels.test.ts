import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { PlainNode } from "../../support/plainNode.ts";
import type { RawPeer } from "../../support/rawPeer.ts";
import { allCapabilities, attackerId, channelConsole, consoleAttacker, message, nodeAttackers } from "./attackers.ts";
import { type Provocation, provoke } from "./provoke.ts";
import { quiet, startScene } from "./scene.ts";
import { frame, nested, windowOf } from "./shapes.ts";

failOnLeaks();

const open = (data: object): object =>
  message("channel_open", { channel: 1, kind: "terminal", params: {}, window: 1000, ...data });

const opens: readonly Provocation[] = [
  ["no channel", [message("channel_open", { kind: "terminal", params: {}, window: 1 })], ["INVALID_PARAMS"]],
  ["the channel 0", [open({ channel: 0 })], ["INVALID_PARAMS"]],
  ["a negative channel", [open({ channel: -1 })], ["INVALID_PARAMS"]],
  ["the channel 2^32", [open({ channel: 2 ** 32 })], ["INVALID_PARAMS"]],
  ["the channel 1e308", [open({ channel: 1e308 })], ["INVALID_PARAMS"]],
  ["the channel 1.5", [open({ channel: 1.5 })], ["INVALID_PARAMS"]],
  ["the channel as a text", [open({ channel: "1" })], ["INVALID_PARAMS"]],
  ["a channel of the core's", [open({ channel: 2, params: { node_id: quiet.node } })], ["channel_rejected"]],
  ["an empty kind", [open({ kind: "" })], ["INVALID_PARAMS"]],
  ["a negative window", [open({ window: -1 })], ["INVALID_PARAMS"]],
  ["a window of 2^32", [open({ window: 2 ** 32 })], ["INVALID_PARAMS"]],
  ["parameters that are a list", [open({ params: [] })], ["INVALID_PARAMS"]],
  ["parameters that are null", [open({ params: null })], ["INVALID_PARAMS"]],
  [
    "parameters nested 50,000 deep",
    [`{"type":"channel_open","id":"a","data":{"channel":1,"kind":"exec","window":1,"params":{"a":${nested(50_000)}}}}`],
    ["INVALID_PARAMS"],
  ],
  ["no node", [open({})], ["channel_rejected"]],
  ["a list of nodes", [open({ params: { node_id: [quiet.node] } })], ["channel_rejected"]],
  ["a node of another group", [open({ params: { node_id: quiet.node } })], ["channel_rejected"]],
  ["a node that is not there", [open({ params: { node_id: "nobody" } })], ["channel_rejected"]],
  ["the kind __proto__", [open({ kind: "__proto__", params: { node_id: quiet.node } })], ["channel_rejected"]],
  [
    "a command of another group's node",
    ({ quietCommand }) => [open({ kind: "exec", params: { node_id: quiet.node, command_id: quietCommand } })],
    ["channel_rejected"],
  ],
  [
    "somebody's session",
    [open({ params: { node_id: quiet.node, session: "guessed", owner: "admin" } })],
    ["channel_rejected"],
  ],
  ["the answer to an open", [message("channel_opened", { channel: 1, window: 1, result: {} })], ["INVALID_MESSAGE"]],
  ["a rejection", [message("channel_rejected", { channel: 1, error_code: "x" })], ["INVALID_MESSAGE"]],
  ["a result", [message("channel_result", { channel: 1, result: {} })], ["INVALID_MESSAGE"]],
];

const frames: readonly Provocation[] = [
  ["data for an unknown channel", [frame(1, 1, "x")], ["reset 1: 4"]],
  ["data for an unknown channel, three times", [frame(1, 1, "x"), frame(1, 1, "x"), frame(3, 1)], ["reset 1: 4"]],
  ["data for a channel of the core's", [frame(1, 2, "x")], ["reset 2: 4"]],
  ["a window for an unknown channel", [frame(2, 0xffffffff, windowOf(0xffffffff))], ["reset 4294967295: 4"]],
  ["the end of an unknown channel", [frame(3, 7)], ["reset 7: 4"]],
  ["the reset of an unknown channel", [frame(4, 7, "\u0001")], []],
  ["an empty frame", [Buffer.alloc(0)], ["close 1002"]],
  ["a frame of type 9", [frame(9, 1, "x")], ["close 1002"]],
  ["more than 64 KiB in a frame", [frame(1, 1, Buffer.alloc(65_537))], ["close 1002"]],
  ["a window of five bytes", [frame(2, 1, "abcde")], ["close 1002"]],
  ["an end with a body", [frame(3, 1, "x")], ["close 1002"]],
  [
    "data behind an open that is refused",
    [open({ params: { node_id: quiet.node } }), frame(1, 1, "id\n")],
    ["channel_rejected"],
  ],
];

test("a console's channels reach nothing that it may not see", async (t) => {
  const scene = await startScene(t);
  await provoke(t, scene, { attacker: await channelConsole(scene, "administrator"), table: opens });
  await provoke(t, scene, { attacker: await channelConsole(scene, "viewer"), table: [...opens, ...frames] });
  const withoutHello = await consoleAttacker(scene, "administrator");
  await provoke(t, scene, {
    attacker: withoutHello,
    table: [["a channel without hello", [open({})], ["INVALID_MESSAGE"]]],
  });
});

interface Opened {
  readonly console: RawPeer;
  readonly node: RawPeer;
  /** The number of the channel on the node's side. */
  readonly far: number;
}

test("a node that answers an open with nonsense harms neither the core nor the console", async (t) => {
  const scene = await startScene(t);
  const { extended } = nodeAttackers(t, scene);
  const attacker = await channelConsole(scene, "operator");
  const opened = async (): Promise<Opened> => {
    const node = await extended.connect();
    const console = await attacker.connect();
    console.send(open({ params: { node_id: attackerId } }));
    const { data } = await node.nextOf("channel_open");
    return { node, console, far: (data as { channel: number }).channel };
  };
  const accept = async ({ node, console, far }: Opened): Promise<void> => {
    node.send(message("channel_opened", { channel: far, window: 1000, result: { session: "s" } }));
    await console.nextOf("channel_opened");
  };
  const end = async ({ node, console }: Opened, what: string): Promise<void> => {
    await scene.assertQuiet(what);
    for (const peer of [node, console]) peer.socket.terminate();
    await Promise.all([node.closed, console.closed]);
  };
  await t.test("a rejection with a code that is not there", async () => {
    const link = await opened();
    link.node.send(
      message("channel_rejected", { channel: link.far, error_code: "__proto__", message: "x".repeat(4096) }),
    );
    const { data } = await link.console.nextOf("channel_rejected");
    assert.equal((data as { error_code: string }).error_code, "INTERNAL_ERROR");
    await end(link, "rejection");
  });
  await t.test("a result that is nested without end", async () => {
    const link = await opened();
    await accept(link);
    const { far } = link;
    const deep = `{"type":"channel_result","id":"deep","data":{"channel":${far},"result":{"a":${nested(200_000)}}}}`;
    link.node.send(deep);
    const { id, data } = await link.node.nextOf("error");
    assert.deepEqual([id, (data as { error_code: string }).error_code], ["deep", "INVALID_MESSAGE"]);
    await end(link, "result");
  });
  await t.test("an open that is answered twice, and then rejected", async () => {
    const link = await opened();
    await accept(link);
    link.node.send(message("channel_opened", { channel: link.far, window: 5, result: {} }));
    link.node.send(message("channel_rejected", { channel: link.far, error_code: "FORBIDDEN" }));
    link.node.send(frame(1, link.far, "still there"));
    assert.equal((await link.console.nextBinary()).toString("utf8", 5), "still there");
    await end(link, "twice");
  });
  await t.test("more data than the console's window allows", async () => {
    const link = await opened();
    await accept(link);
    link.node.send(frame(1, link.far, Buffer.alloc(1001)));
    assert.deepEqual([...(await link.node.nextBinary()).subarray(0, 6)], [4, 0, 0, 0, link.far, 3]);
    assert.equal((await link.console.nextBinary())[0], 4);
    await end(link, "window");
  });
  await t.test("more data than the node's window allows", async () => {
    const link = await opened();
    await accept(link);
    link.console.send(frame(1, 1, Buffer.alloc(1001)));
    assert.deepEqual([...(await link.console.nextBinary()).subarray(0, 6)], [4, 0, 0, 0, 1, 3]);
    assert.equal((await link.node.nextBinary())[0], 4);
    await end(link, "window");
  });
  await t.test("windows that add up to more than 2^32", async () => {
    const link = await opened();
    await accept(link);
    for (let time = 0; time < 5; time += 1) {
      link.node.send(frame(2, link.far, windowOf(0xffffffff)));
      link.console.send(frame(2, 1, windowOf(0xffffffff)));
    }
    link.node.send(frame(1, link.far, "still there"));
    await eventually(async () => (await link.console.nextBinary()).toString("utf8", 5) === "still there");
    await end(link, "windows");
  });
  await t.test("data after the end", async () => {
    const link = await opened();
    await accept(link);
    link.node.send(frame(3, link.far));
    link.node.send(frame(1, link.far, "too late"));
    assert.equal((await link.console.nextBinary())[0], 3);
    assert.deepEqual([...(await link.node.nextBinary()).subarray(0, 6)], [4, 0, 0, 0, link.far, 3]);
    await end(link, "after the end");
  });
  await t.test("the console's own number in use twice", async () => {
    const link = await opened();
    await accept(link);
    link.console.send(open({ params: { node_id: attackerId } }));
    const { data } = await link.console.nextOf("channel_rejected");
    assert.equal((data as { error_code: string }).error_code, "INVALID_PARAMS");
    link.node.send(frame(1, link.far, "still there"));
    assert.equal((await link.console.nextBinary()).toString("utf8", 5), "still there");
    await end(link, "number");
  });
});

test("one node's frames never reach a channel of another", async (t) => {
  const scene = await startScene(t);
  const attacker = await channelConsole(scene, "operator");
  const join = async (nodeId: string): Promise<RawPeer> => {
    const node = await PlainNode.connect(t, scene.core, { nodeId, token: scene.nodeToken });
    await node.register({ picket: { version: 1, capabilities: allCapabilities } });
    return node.peer;
  };
  const victim = await join("attacker-victim");
  const other = await join("attacker-other");
  const console = await attacker.connect();
  console.send(open({ params: { node_id: "attacker-victim" } }));
  const { data } = await victim.nextOf("channel_open");
  const { channel } = data as { readonly channel: number };
  victim.send(message("channel_opened", { channel, window: 1000, result: { session: "s" } }));
  await console.nextOf("channel_opened");
  for (const forged of [frame(1, channel, "forged"), frame(3, channel), frame(4, channel, "\u0001")])
    other.send(forged);
  other.send(message("channel_result", { channel, result: { exit_code: 66 } }));
  assert.deepEqual([...(await other.nextBinary()).subarray(0, 6)], [4, 0, 0, 0, channel, 4]);
  const second = await attacker.connect();
  second.send(frame(1, 1, "forged"));
  assert.equal((await second.nextBinary())[5], 4);
  victim.send(frame(1, channel, "genuine"));
  assert.equal((await console.nextBinary()).toString("utf8", 5), "genuine");
  assert.deepEqual([console.unread, victim.unread], [0, 0]);
  await scene.assertQuiet("another node's frames");
});
