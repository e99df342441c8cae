import assert from "node:assert/strict";
import { test } from "node:test";
import { frameType, parseFrame } from "../../../src-main/wire/channels/frame.ts";
import { wireLimits } from "../../../src-main/wire/connection.ts";
import { type MuxEnd, muxPair, openPair, type RecordingChannel } from "../../support/muxPair.ts";
import { nextTurn } from "../../support/nextTurn.ts";
import { SeededRandom } from "../../support/seededRandom.ts";

/** One direction of one channel, with a model of what its sender may send. */
class Direction {
  readonly #sender: RecordingChannel;
  readonly #receiver: RecordingChannel;
  readonly #window: number;
  readonly #written: Uint8Array[] = [];
  /** What the sender may still send, by all that has reached it. */
  credit: number;
  consumed = 0;
  granted = 0;

  constructor(sender: RecordingChannel, receiver: RecordingChannel, window: number) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#window = window;
    this.credit = window;
    receiver.consumes = false;
  }

  get unconsumed(): number {
    return this.#receiver.length - this.consumed;
  }

  get written(): Uint8Array {
    return Buffer.concat(this.#written);
  }

  get isWhole(): boolean {
    return this.#receiver.ends === 1 && this.unconsumed === 0;
  }

  /** A size that takes a few windows at most. */
  get someSize(): number {
    return Math.min(3_000, 4 * this.#window + 1);
  }

  write(bytes: Uint8Array): void {
    this.#written.push(bytes.slice());
    this.#sender.channel.write(bytes);
  }

  consume(bytes: number): void {
    this.consumed += bytes;
    this.#receiver.channel.consumed(bytes);
  }

  check(): void {
    assert.deepEqual(Buffer.from(this.#receiver.bytes), Buffer.from(this.written));
  }
}

/** Watches what an end sends: data against the credit of its direction, grants against what was consumed. */
function watch(end: MuxEnd, sending: ReadonlyMap<number, Direction>, receiving: ReadonlyMap<number, Direction>): void {
  const { connection } = end;
  const send = connection.sendBinary.bind(connection);
  connection.sendBinary = (bytes) => {
    const frame = parseFrame(bytes);
    if (frame?.type === frameType.data) {
      const direction = sending.get(frame.channel);
      assert.ok(direction !== undefined);
      direction.credit -= frame.body.length;
      assert.ok(direction.credit >= 0, "more in flight than the window allows");
    } else if (frame?.type === frameType.window) {
      const direction = receiving.get(frame.channel);
      assert.ok(direction !== undefined);
      direction.granted += frame.bytes;
      assert.ok(direction.granted <= direction.consumed, "granted what nobody has consumed");
    }
    send(bytes);
  };
  end.onFrame = (frame) => {
    if (frame.type !== frameType.window) return;
    const direction = sending.get(frame.channel);
    if (direction !== undefined) direction.credit += frame.bytes;
  };
}

for (let seed = 1; seed <= 25; seed += 1) {
  test(`never more in flight than the credit, and every byte arrives: chance ${seed}`, async () => {
    const random = new SeededRandom(seed);
    const { core, peer } = muxPair();
    const up = new Map<number, Direction>();
    const down = new Map<number, Direction>();
    const pairs = Array.from({ length: 1 + random.below(3) }, () => {
      const window = random.pick([1, 7, 1_000, 65_536, 300_000]);
      const [from, to] = random.chance(0.5) ? [peer, core] : [core, peer];
      const pair = openPair(from, to, window);
      const [atPeer, atCore] = from === peer ? [pair.near, pair.far] : [pair.far, pair.near];
      up.set(pair.near.channel.id, new Direction(atPeer, atCore, window));
      down.set(pair.near.channel.id, new Direction(atCore, atPeer, window));
      return { ...pair, window };
    });
    watch(peer, up, down);
    watch(core, down, up);
    const directions = [...up.values(), ...down.values()];
    const step = (): void => {
      const direction = random.pick(directions);
      if (random.chance(0.4)) direction.write(random.bytes(random.below(direction.someSize)));
      else if (direction.unconsumed > 0) direction.consume(1 + random.below(direction.unconsumed));
      for (const { connection } of [core, peer]) {
        if (random.chance(0.1)) connection.bufferedBytes = wireLimits.bulkBufferedBytes;
        else if (random.chance(0.3)) connection.drain();
      }
    };
    for (let count = 0; count < 300; count += 1) {
      step();
      if (random.chance(0.3)) await nextTurn();
    }
    for (const { near, far } of pairs) {
      near.channel.end();
      far.channel.end();
    }
    // Everything is consumed now, byte by byte or all at once: it must come to its end.
    for (let turn = 0; !directions.every(({ isWhole }) => isWhole); turn += 1) {
      assert.ok(turn < 20_000, "it hangs");
      for (const { connection } of [core, peer]) connection.drain();
      for (const direction of directions) if (direction.unconsumed > 0) direction.consume(direction.unconsumed);
      await nextTurn();
    }
    for (const direction of directions) direction.check();
    for (const { near, far } of pairs) assert.deepEqual([near.closes, far.closes], [[undefined], [undefined]]);
  });
}
