import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dataFrame,
  endFrame,
  frameType,
  resetCode,
  resetFrame,
  windowFrame,
} from "../../../src-main/wire/channels/frame.ts";
import { wireLimits } from "../../../src-main/wire/connection.ts";
import { muxPair, openPair } from "../../support/muxPair.ts";
import { nextTurn } from "../../support/nextTurn.ts";

test("the core numbers its channels evenly, its peers oddly", () => {
  const { core, peer } = muxPair();
  assert.deepEqual(
    [1, 2, 3].map(() => core.mux.open()?.id),
    [2, 4, 6],
  );
  assert.deepEqual(
    [1, 2, 3].map(() => peer.mux.open()?.id),
    [1, 3, 5],
  );
});

for (const id of [0, 2, -1, 4_294_967_297]) {
  test(`the core accepts no channel with the number ${id}`, () => {
    assert.equal(muxPair().core.mux.accept(id, 100), undefined);
  });
}

test("a number that is in use is not accepted a second time, one that was is", async () => {
  const { core, peer } = muxPair();
  const { far } = openPair(peer, core);
  assert.equal(core.mux.accept(far.channel.id, 100), undefined);
  far.channel.reset(resetCode.cancelled, "");
  assert.notEqual(core.mux.accept(far.channel.id, 100), undefined);
});

test("there is a limit to how many channels there are, in both directions together", () => {
  const { core, peer } = muxPair(2);
  const first = openPair(peer, core);
  assert.notEqual(core.mux.open(), undefined);
  assert.equal(core.mux.open(), undefined);
  assert.equal(core.mux.accept(99, 100), undefined);
  first.far.channel.reset(resetCode.cancelled, "");
  assert.notEqual(core.mux.accept(99, 100), undefined);
});

for (const frame of [dataFrame(77, Uint8Array.of(1)), windowFrame(77, 1), endFrame(77)]) {
  test(`a frame of type ${frame[0]} for an unknown channel is answered with a reset, once`, async () => {
    const { core, peer } = muxPair();
    for (let time = 0; time < 5; time += 1) peer.connection.sendBinary(frame);
    await nextTurn();
    assert.deepEqual(peer.received, [
      { type: frameType.reset, channel: 77, code: resetCode.unknownChannel, reason: "no such channel" },
    ]);
    assert.equal(core.malformed, 0);
  });
}

test("a reset of an unknown channel is answered with nothing: two ends must not reset each other for ever", async () => {
  const { core, peer } = muxPair();
  peer.connection.sendBinary(resetFrame(77, 1, ""));
  await nextTurn();
  assert.deepEqual([peer.received, core.malformed], [[], 0]);
});

test("frames that were on their way when a channel was reset are ignored", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core);
  far.channel.reset(resetCode.cancelled, "");
  near.channel.write(new Uint8Array(10));
  await nextTurn();
  assert.deepEqual(
    peer.received.map(({ type }) => type),
    [frameType.reset],
  );
});

test("a malformed frame is told to the caller and touches no channel", async () => {
  const { core, peer } = muxPair();
  const { far } = openPair(peer, core);
  peer.connection.sendBinary(Uint8Array.of(9, 0, 0, 0, 1));
  await nextTurn();
  assert.equal(core.malformed, 1);
  assert.deepEqual(far.closes, []);
});

test("when the connection is lost every channel ends with peer lost, once", async () => {
  const { core, peer } = muxPair();
  const pairs = [openPair(peer, core), openPair(core, peer), openPair(peer, core)];
  let told = 0;
  pairs[0]?.far.channel.whenClosed(() => {
    told += 1;
  });
  peer.connection.terminate();
  await nextTurn();
  core.mux.lost();
  for (const { near, far } of pairs) {
    for (const { closes } of [near, far]) {
      assert.deepEqual(closes, [{ code: resetCode.peerLost, reason: "peer lost" }]);
    }
  }
  assert.equal(told, 1);
  assert.deepEqual([core.mux.size, peer.mux.size], [0, 0]);
});

test("while the network is slow bulk waits in its channel, and channels take turns", async () => {
  const { core, peer } = muxPair();
  const [floodA, floodB, small] = [openPair(peer, core), openPair(peer, core), openPair(peer, core)];
  const { connection } = peer;
  const order: number[] = [];
  core.onFrame = (frame) => {
    if (frame.type === frameType.data) order.push(frame.channel);
  };
  // The network takes one frame at a time from here on.
  const full = wireLimits.bulkBufferedBytes;
  connection.bufferedBytes = full;
  floodA.near.channel.write(new Uint8Array(8 * wireLimits.maxFrameBody));
  floodB.near.channel.write(new Uint8Array(8 * wireLimits.maxFrameBody));
  small.near.channel.write(Uint8Array.of(1));
  await nextTurn();
  assert.equal(order.length, 0, "nothing leaves while the network is full");
  const sendBinary = connection.sendBinary.bind(connection);
  connection.sendBinary = (bytes) => {
    connection.bufferedBytes = full;
    sendBinary(bytes);
  };
  for (let turn = 0; turn < 12; turn += 1) {
    connection.drain();
    await nextTurn();
  }
  const [a, b, c] = [floodA.near.channel.id, floodB.near.channel.id, small.near.channel.id];
  assert.deepEqual(order.slice(0, 3), [a, b, c], "the small one waits for one frame of each, not for all of them");
  assert.deepEqual(order.slice(3, 9), [a, b, a, b, a, b]);
  // Something small that comes late overtakes the floods too.
  small.near.channel.write(Uint8Array.of(2));
  const from = order.length;
  for (let turn = 0; turn < 3; turn += 1) {
    connection.drain();
    await nextTurn();
  }
  assert.ok(order.slice(from).includes(c));
});

test("everything arrives when the network recovers", async () => {
  const { core, peer } = muxPair();
  const pairs = Array.from({ length: 5 }, () => openPair(peer, core));
  peer.connection.bufferedBytes = wireLimits.bulkBufferedBytes;
  for (const { near } of pairs) {
    near.channel.write(new Uint8Array(300_000));
    near.channel.end();
  }
  await nextTurn();
  peer.connection.drain();
  await nextTurn();
  for (const { far } of pairs) assert.deepEqual([far.length, far.ends], [300_000, 1]);
});
