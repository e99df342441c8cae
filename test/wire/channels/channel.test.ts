import assert from "node:assert/strict";
import { test } from "node:test";
import { channelWindows } from "../../../src-main/wire/channels/channel.ts";
import {
  dataFrame,
  endFrame,
  frameType,
  headerLength,
  resetCode,
  resetFrame,
  windowFrame,
} from "../../../src-main/wire/channels/frame.ts";
import { wireLimits } from "../../../src-main/wire/connection.ts";
import { muxPair, openPair, RecordingChannel } from "../../support/muxPair.ts";
import { nextTurn } from "../../support/nextTurn.ts";

test("bytes go both ways, in their order", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core);
  near.channel.write(Uint8Array.of(1, 2));
  near.channel.write(Uint8Array.of(3));
  far.channel.write(Uint8Array.of(9));
  await nextTurn();
  assert.deepEqual([...far.bytes], [1, 2, 3]);
  assert.deepEqual([...near.bytes], [9]);
});

test("no frame carries more than 64 KiB, whatever is written", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core);
  near.channel.write(new Uint8Array(200_000).fill(7));
  await nextTurn();
  assert.equal(far.length, 200_000);
  assert.ok(far.chunks.every(({ length }) => length <= wireLimits.maxFrameBody));
});

test("bytes that stand behind room for a header are sent without a copy, with the right header", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core);
  const framed = new Uint8Array(headerLength + 3);
  framed.set([5, 6, 7], headerLength);
  assert.equal(near.channel.writeFramed(framed), true);
  near.channel.write(Uint8Array.of(8));
  await nextTurn();
  assert.deepEqual([...far.bytes], [5, 6, 7, 8]);
});

test("framed bytes wait behind what is queued", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core, 4);
  near.channel.write(Uint8Array.of(1, 2, 3, 4, 5, 6));
  const framed = new Uint8Array(headerLength + 1).fill(7);
  near.channel.writeFramed(framed);
  await nextTurn();
  await nextTurn();
  assert.deepEqual([...far.bytes], [1, 2, 3, 4, 5, 6, 7]);
});

test("write says when nothing more should be written, and the handler when it may go on", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core, 10);
  far.consumes = false;
  assert.equal(near.channel.write(new Uint8Array(6)), true);
  assert.equal(near.channel.writableBytes, 4);
  assert.equal(near.channel.write(new Uint8Array(6)), false);
  assert.equal(near.channel.writableBytes, 0);
  await nextTurn();
  assert.equal(far.length, 10);
  assert.equal(near.writables, 0);
  far.channel.consumed(10);
  await nextTurn();
  assert.equal(far.length, 12);
  assert.equal(near.writables, 1);
  assert.equal(near.channel.writableBytes, 8);
});

test("only what was consumed is granted again, and not byte by byte", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core, 1_000);
  far.consumes = false;
  near.channel.write(new Uint8Array(400));
  await nextTurn();
  const grants = (): number[] =>
    peer.received.flatMap((frame) => (frame.type === frameType.window ? [frame.bytes] : []));
  for (let byte = 0; byte < 100; byte += 1) far.channel.consumed(1);
  await nextTurn();
  assert.deepEqual(grants(), []);
  for (let byte = 0; byte < 300; byte += 1) far.channel.consumed(1);
  await nextTurn();
  assert.ok(grants().length <= 3, `${grants().length} grants for 400 bytes`);
  assert.ok(grants().reduce((sum, bytes) => sum + bytes, 0) <= 400);
});

for (const first of ["near", "far"] as const) {
  test(`half close: ${first} ends first, the other goes on, then the channel ends in order`, async () => {
    const { core, peer } = muxPair();
    const pair = openPair(peer, core);
    const { [first]: one, [first === "near" ? "far" : "near"]: other } = pair;
    one.channel.write(Uint8Array.of(1));
    one.channel.end();
    assert.equal(one.channel.write(Uint8Array.of(2)), false, "nothing after the end");
    await nextTurn();
    assert.deepEqual([[...other.bytes], other.ends], [[1], 1]);
    assert.deepEqual([pair.near.closes, pair.far.closes], [[], []]);
    other.channel.write(Uint8Array.of(3));
    other.channel.end();
    other.channel.end();
    await nextTurn();
    assert.deepEqual([[...one.bytes], one.ends], [[3], 1]);
    assert.deepEqual([pair.near.closes, pair.far.closes], [[undefined], [undefined]]);
    assert.deepEqual([core.mux.size, peer.mux.size], [0, 0]);
  });
}

test("an end waits until everything before it has left", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core, 4);
  far.consumes = false;
  near.channel.write(new Uint8Array(10));
  near.channel.end();
  await nextTurn();
  assert.deepEqual([far.length, far.ends], [4, 0]);
  far.consumes = true;
  far.channel.consumed(4);
  await nextTurn();
  await nextTurn();
  assert.deepEqual([far.length, far.ends], [10, 1]);
});

test("a step runs when everything written before it is on its way, in its order", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core, 4);
  const seen: string[] = [];
  near.channel.afterQueued(() => seen.push("at once"));
  near.channel.write(new Uint8Array(6));
  near.channel.afterQueued(() => seen.push(`after ${far.length}`));
  near.channel.afterQueued(() => seen.push("second"));
  assert.deepEqual(seen, ["at once"]);
  await nextTurn();
  await nextTurn();
  assert.equal(seen.length, 3);
  assert.equal(seen[2], "second");
});

for (const first of ["near", "far"] as const) {
  test(`a reset by ${first} ends both sides at once with its code and reason`, async () => {
    const { core, peer } = muxPair();
    const pair = openPair(peer, core, 4);
    pair.near.channel.write(new Uint8Array(100));
    pair[first].channel.reset(resetCode.cancelled, "enough");
    pair[first].channel.reset(resetCode.failed, "again");
    await nextTurn();
    for (const { closes, channel } of [pair.near, pair.far]) {
      assert.deepEqual(closes, [{ code: resetCode.cancelled, reason: "enough" }]);
      assert.equal(channel.isClosed, true);
      assert.equal(channel.write(Uint8Array.of(1)), false);
    }
    assert.deepEqual([core.mux.size, peer.mux.size], [0, 0]);
  });
}

test("data over the window resets the channel and no other", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core, 10);
  const other = openPair(peer, core);
  far.consumes = false;
  peer.connection.sendBinary(dataFrame(near.channel.id, new Uint8Array(10)));
  peer.connection.sendBinary(dataFrame(near.channel.id, new Uint8Array(1)));
  await nextTurn();
  assert.equal(far.length, 10);
  const reset = { code: resetCode.windowExceeded, reason: "more data than the window allows" };
  assert.deepEqual([far.closes, near.closes], [[reset], [reset]]);
  other.near.channel.write(Uint8Array.of(1));
  await nextTurn();
  assert.deepEqual([...other.far.bytes], [1]);
});

test("data after the end resets the channel; a second end is nothing", async () => {
  const { core, peer } = muxPair();
  const { near, far } = openPair(peer, core);
  peer.connection.sendBinary(endFrame(near.channel.id));
  peer.connection.sendBinary(endFrame(near.channel.id));
  await nextTurn();
  assert.deepEqual([far.ends, far.closes], [1, []]);
  peer.connection.sendBinary(dataFrame(near.channel.id, Uint8Array.of(1)));
  await nextTurn();
  assert.equal(far.closes[0]?.code, resetCode.windowExceeded);
});

test("what comes before anybody is attached is kept and delivered first", async () => {
  const { core, peer } = muxPair();
  const near = peer.mux.open();
  const far = near && core.mux.accept(near.id, near.receiveWindow);
  assert.ok(near !== undefined && far !== undefined);
  near.opened(far.receiveWindow);
  near.write(Uint8Array.of(1, 2));
  near.end();
  await nextTurn();
  const handler = new RecordingChannel(far);
  far.attach(handler);
  assert.deepEqual([[...handler.bytes], handler.ends], [[1, 2], 1]);
});

test("a channel that was reset before anybody was attached says so", async () => {
  const { core, peer } = muxPair();
  const near = peer.mux.open();
  const far = near && core.mux.accept(near.id, near.receiveWindow);
  assert.ok(near !== undefined && far !== undefined);
  peer.connection.sendBinary(resetFrame(near.id, resetCode.cancelled, "gone"));
  await nextTurn();
  const handler = new RecordingChannel(far);
  far.attach(handler);
  let told = 0;
  far.whenClosed(() => {
    told += 1;
  });
  assert.equal(handler.closes.length, 1);
  assert.equal(told, 1);
});

test("grants beyond what the field can say do not overflow", async () => {
  const { core, peer } = muxPair();
  const { near } = openPair(peer, core, 10);
  for (let grant = 0; grant < 5; grant += 1) {
    core.connection.sendBinary(windowFrame(near.channel.id, 0xffffffff));
  }
  await nextTurn();
  assert.equal(near.channel.writableBytes, 0xffffffff);
});

test("a window that is asked for above the maximum is the maximum", () => {
  const { core, peer } = muxPair();
  assert.equal(peer.mux.open(10 * channelWindows.maximum)?.receiveWindow, channelWindows.maximum);
  assert.equal(core.mux.accept(3, 1, 2 ** 31)?.receiveWindow, channelWindows.maximum);
});
