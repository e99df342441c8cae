import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageLine } from "../../src-main/wire/messageLine.ts";
import { ManualClock } from "../support/manualClock.ts";
import { MemoryConnection, memoryPair } from "../support/memoryPair.ts";

function openLine(): {
  readonly line: MessageLine;
  readonly peer: MemoryConnection;
  readonly own: MemoryConnection;
  readonly clock: ManualClock;
} {
  const [own, peer] = memoryPair();
  const clock = new ManualClock();
  const line = new MessageLine(own, clock);
  own.handler = line;
  return { line, peer, own, clock };
}

test("messages are given out in their order, whether they were waited for or not", async () => {
  const { line, peer, clock } = openLine();
  const first = line.next();
  peer.sendText("one");
  peer.sendBinary(new Uint8Array([2]));
  peer.sendText("three");
  assert.deepEqual(await first, { kind: "text", text: "one" });
  assert.deepEqual(await line.next(1_000), { kind: "binary", bytes: new Uint8Array([2]) });
  assert.deepEqual(line.take(), { kind: "text", text: "three" });
  assert.equal(line.take(), undefined);
  assert.equal(clock.timerCount, 0);
});

test("waiting in vain ends in time, and takes no message with it", async () => {
  const { line, peer, clock } = openLine();
  const waiting = assert.rejects(line.next(1_000), { code: "TIMEOUT" });
  clock.advance(1_000);
  await waiting;
  peer.sendText("late");
  assert.deepEqual(await line.next(), { kind: "text", text: "late" });
});

test("what came before the end still comes, and then nothing", async () => {
  const { line, peer, own } = openLine();
  own.handler = line;
  peer.sendText("last words");
  await Promise.resolve();
  peer.close(1000, "");
  await Promise.resolve();
  assert.equal(line.signal.aborted, true);
  assert.deepEqual(await line.next(), { kind: "text", text: "last words" });
  await assert.rejects(line.next(), { code: "PEER_LOST" });
  await assert.rejects(line.writable(), { code: "PEER_LOST" });
});

test("a peer is not read while too much of it waits", () => {
  const reading: string[] = [];
  class Watched extends MemoryConnection {
    override pauseReading(): void {
      reading.push("paused");
    }
    override resumeReading(): void {
      reading.push("resumed");
    }
  }
  const line = new MessageLine(new Watched(), new ManualClock());
  for (let part = 0; part < 17; part += 1) line.binary(new Uint8Array(65_536));
  assert.deepEqual(reading, ["paused"]);
  for (let part = 0; part < 13; part += 1) line.take();
  assert.deepEqual(reading, ["paused"]);
  line.take();
  assert.deepEqual(reading, ["paused", "resumed"]);
});

test("small messages count too", () => {
  let paused = 0;
  class Watched extends MemoryConnection {
    override pauseReading(): void {
      paused += 1;
    }
  }
  const line = new MessageLine(new Watched(), new ManualClock());
  for (let part = 0; part < 20_000; part += 1) line.text("");
  assert.equal(paused, 1);
});

test("sending waits while much is buffered, and gives up when nothing is taken", async () => {
  const { line, own, clock } = openLine();
  await line.writable();
  own.bufferedBytes = 2_000_000;
  let isWritable = false;
  const writable = line.writable().then(() => {
    isWritable = true;
  });
  await Promise.resolve();
  assert.equal(isWritable, false);
  own.drain();
  await writable;
  own.bufferedBytes = 2_000_000;
  const stuck = assert.rejects(line.writable(5_000), { code: "TIMEOUT" });
  await Promise.resolve();
  clock.advance(5_000);
  await stuck;
});
