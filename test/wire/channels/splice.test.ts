import assert from "node:assert/strict";
import { test } from "node:test";
import { type Channel, channelWindows } from "../../../src-main/wire/channels/channel.ts";
import { dataFrame, frameType, resetCode, windowFrame } from "../../../src-main/wire/channels/frame.ts";
import { wireLimits } from "../../../src-main/wire/connection.ts";
import { type MuxEnd, muxPair, RecordingChannel } from "../../support/muxPair.ts";
import { nextTurn } from "../../support/nextTurn.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

interface Spliced {
  /** The core's ends of the two connections. */
  readonly toConsole: MuxEnd;
  readonly toNode: MuxEnd;
  readonly consoleEnd: MuxEnd;
  readonly nodeEnd: MuxEnd;
  readonly console: RecordingChannel;
  readonly node: RecordingChannel;
  /** The core's two channels. */
  readonly near: Channel;
  readonly far: Channel;
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("too many channels");
  return value;
}

/** A console's channel and a node's, joined by a core between them. */
function splice({ consoleWindow = channelWindows.initial, nodeWindow = channelWindows.initial } = {}): Spliced {
  const left = muxPair();
  const right = muxPair();
  const consoleChannel = present(left.peer.mux.open(consoleWindow));
  const near = present(left.core.mux.accept(consoleChannel.id, consoleChannel.receiveWindow, 0));
  const far = present(right.core.mux.open(consoleWindow));
  const nodeChannel = present(right.peer.mux.accept(far.id, far.receiveWindow, nodeWindow));
  far.opened(nodeChannel.receiveWindow);
  near.splice(far);
  consoleChannel.opened(nodeChannel.receiveWindow);
  const console = new RecordingChannel(consoleChannel);
  const node = new RecordingChannel(nodeChannel);
  consoleChannel.attach(console);
  nodeChannel.attach(node);
  return {
    toConsole: left.core,
    toNode: right.core,
    consoleEnd: left.peer,
    nodeEnd: right.peer,
    console,
    node,
    near,
    far,
  };
}

async function settle(turns = 10): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
}

/** Bytes of data that arrived at an end. */
function arrived(end: MuxEnd): number {
  return end.received.reduce((sum, frame) => sum + (frame.type === frameType.data ? frame.body.length : 0), 0);
}

function block(connection: { bufferedBytes: number }): void {
  connection.bufferedBytes = wireLimits.bulkBufferedBytes;
}

test("frames pass unread and unchanged in both directions, whatever their size", async () => {
  const random = new SeededRandom(7);
  const { consoleEnd, nodeEnd, console, node } = splice();
  const sizes = Array.from({ length: 60 }, () => random.pick([0, 1, 5, 100, 4_096, 65_535, 65_536]));
  const sent = { up: [] as Uint8Array[], down: [] as Uint8Array[] };
  for (const size of sizes) {
    const [up, down] = [random.bytes(size), random.bytes(size)];
    sent.up.push(up.slice());
    sent.down.push(down.slice());
    console.channel.write(up);
    node.channel.write(down);
    await settle(3);
  }
  const filled = (list: readonly Uint8Array[]): Uint8Array[] => list.filter(({ length }) => length > 0);
  assert.deepEqual(filled(node.chunks), filled(sent.up), "the same frames, not only the same bytes");
  assert.deepEqual(filled(console.chunks), filled(sent.down));
  assert.deepEqual([consoleEnd.malformed, nodeEnd.malformed], [0, 0]);
});

test("credit is end to end: a console that consumes nothing stops the node, and one grant lets it go on", async () => {
  const { console, node, toNode } = splice({ consoleWindow: 1_000 });
  console.consumes = false;
  node.channel.write(new Uint8Array(5_000));
  await settle();
  assert.deepEqual([arrived(toNode), console.length], [1_000, 1_000]);
  console.channel.consumed(1_000);
  await settle();
  assert.deepEqual([arrived(toNode), console.length], [2_000, 2_000]);
});

test("between a node that floods and a console whose network is stuck at most one window waits", async () => {
  const { console, node, toConsole, toNode } = splice();
  block(toConsole.connection);
  node.channel.write(new Uint8Array(8 * 1024 * 1024));
  await settle();
  assert.deepEqual([arrived(toNode), console.length], [channelWindows.maximum, 0]);
  toConsole.connection.drain();
  await settle();
  assert.ok(console.length >= channelWindows.maximum);
});

test("a console that grants without end, and reads nothing, lets no more than one window wait", async () => {
  const { consoleEnd, console, node, toConsole, toNode } = splice();
  block(toConsole.connection);
  console.consumes = false;
  node.channel.write(new Uint8Array(16 * 1024 * 1024));
  for (let grant = 0; grant < 100; grant += 1) {
    consoleEnd.connection.sendBinary(windowFrame(console.channel.id, 0xffffffff));
    await settle(2);
    assert.ok(arrived(toNode) <= channelWindows.maximum, `${arrived(toNode)} bytes wait after ${grant} grants`);
  }
});

test("a node that grants without end lets no more than one window of the console's wait", async () => {
  const { nodeEnd, console, node, toConsole, toNode } = splice({ nodeWindow: 1_000 });
  block(toNode.connection);
  console.channel.write(new Uint8Array(16 * 1024 * 1024));
  for (let grant = 0; grant < 100; grant += 1) {
    nodeEnd.connection.sendBinary(windowFrame(node.channel.id, 0xffffffff));
    await settle(2);
    assert.ok(arrived(toConsole) <= channelWindows.maximum);
  }
  assert.equal(arrived(toConsole), channelWindows.maximum);
});

test("data beyond what the far side allows resets the stream on both sides", async () => {
  const { nodeEnd, console, node } = splice({ consoleWindow: 1_000 });
  nodeEnd.connection.sendBinary(dataFrame(node.channel.id, new Uint8Array(1_001)));
  await settle();
  assert.equal(node.closes[0]?.code, resetCode.windowExceeded);
  assert.equal(console.closes[0]?.code, resetCode.windowExceeded);
});

test("what comes when the network has room again does not overtake what waits", async () => {
  const { console, node, toConsole } = splice();
  block(toConsole.connection);
  node.channel.write(Uint8Array.of(1));
  await settle();
  // There is room, and the core has not been told yet.
  toConsole.connection.bufferedBytes = 0;
  node.channel.write(Uint8Array.of(2));
  await settle();
  toConsole.connection.drain();
  await settle();
  assert.deepEqual([...console.bytes], [1, 2]);
});

test("the end follows the last byte, and a result goes between the two", async () => {
  const { console, node, near, toConsole } = splice();
  block(toConsole.connection);
  node.channel.write(new Uint8Array(300_000).fill(1));
  node.channel.end();
  await settle();
  let seen: number | undefined;
  // What the core does when the node tells the exit code.
  near.afterQueued(() => {
    seen = toConsoleSent;
  });
  let toConsoleSent = 0;
  const send = toConsole.connection.sendBinary.bind(toConsole.connection);
  toConsole.connection.sendBinary = (bytes) => {
    toConsoleSent += bytes.length - 5;
    send(bytes);
  };
  assert.equal(seen, undefined, "not before the bytes that stand before it");
  toConsole.connection.drain();
  await settle();
  assert.equal(seen, 300_000);
  assert.deepEqual([console.length, console.ends], [300_000, 1]);
});

test("half close passes through, both orders, and leaves no channel behind", async () => {
  for (const first of ["console", "node"] as const) {
    const scene = splice();
    const [one, other] = first === "console" ? [scene.console, scene.node] : [scene.node, scene.console];
    one.channel.end();
    await settle();
    assert.deepEqual([one.closes, other.ends], [[], 1]);
    other.channel.write(Uint8Array.of(1, 2));
    other.channel.end();
    await settle();
    assert.deepEqual([...one.bytes], [1, 2]);
    assert.deepEqual([one.closes, other.closes], [[undefined], [undefined]]);
    const ends = [scene.toConsole, scene.toNode, scene.consoleEnd, scene.nodeEnd];
    assert.deepEqual(
      ends.map(({ mux }) => mux.size),
      [0, 0, 0, 0],
    );
  }
});

for (const from of ["console", "node"] as const) {
  test(`a reset by the ${from} reaches the other side with its code and reason`, async () => {
    const scene = splice();
    scene[from].channel.reset(resetCode.cancelled, "enough");
    await settle();
    for (const { closes } of [scene.console, scene.node]) {
      assert.deepEqual(closes, [{ code: resetCode.cancelled, reason: "enough" }]);
    }
    assert.deepEqual([scene.near.isClosed, scene.far.isClosed], [true, true]);
  });

  test(`when the ${from}'s connection is lost the other side hears peer lost`, async () => {
    const scene = splice();
    scene[from === "console" ? "consoleEnd" : "nodeEnd"].connection.terminate();
    await settle();
    for (const { closes } of [scene.console, scene.node]) {
      assert.deepEqual(closes, [{ code: resetCode.peerLost, reason: "peer lost" }]);
    }
  });
}

test("what the node sends before the two are joined is delivered when they are", async () => {
  const left = muxPair();
  const right = muxPair();
  const consoleChannel = present(left.peer.mux.open());
  const near = present(left.core.mux.accept(consoleChannel.id, consoleChannel.receiveWindow, 0));
  const far = present(right.core.mux.open());
  const nodeChannel = present(right.peer.mux.accept(far.id, far.receiveWindow));
  nodeChannel.write(Uint8Array.of(1, 2, 3));
  nodeChannel.end();
  await settle();
  far.opened(nodeChannel.receiveWindow);
  near.splice(far);
  const console = new RecordingChannel(consoleChannel);
  consoleChannel.attach(console);
  await settle();
  assert.deepEqual([[...console.bytes], console.ends], [[1, 2, 3], 1]);
});

for (const [gone, other] of [
  ["near", "far"],
  ["far", "near"],
] as const) {
  test(`joining a channel whose ${gone} side is gone already ends the other one`, async () => {
    const left = muxPair();
    const right = muxPair();
    const near = present(left.core.mux.accept(1, 1_000, 0));
    const far = present(right.core.mux.open());
    const channels = { near, far };
    channels[gone].reset(resetCode.failed, "gone");
    near.splice(far);
    assert.equal(channels[other].isClosed, true);
  });
}
