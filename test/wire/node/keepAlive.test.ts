import assert from "node:assert/strict";
import { test } from "node:test";
import { ownPeerTimes, strangerTimes } from "../../../src-main/wire/connection.ts";
import { KeepAlive, type Watched } from "../../../src-main/wire/node/keepAlive.ts";
import { ManualClock } from "../../support/manualClock.ts";

/** A socket as `KeepAlive` sees it; `deadAt` and `pings` say when something was done to it. */
class FakeSocket implements Watched {
  bytesRead = 0;
  isReadingPaused = false;
  keepAliveTimes = ownPeerTimes;
  /** Whether the far side answers pings. */
  answers = true;
  readonly pings: number[] = [];
  deadAt: number | undefined;
  readonly #now: () => number;
  readonly #keepAlive: KeepAlive;

  constructor(clock: ManualClock, keepAlive: KeepAlive) {
    const start = clock.monotonicTime();
    this.#now = () => clock.monotonicTime() - start;
    this.#keepAlive = keepAlive;
    keepAlive.add(this);
  }

  ping(): void {
    this.pings.push(this.#now());
    if (this.answers) this.bytesRead += 2;
  }

  dead(): void {
    this.deadAt = this.#now();
    this.#keepAlive.remove(this);
  }
}

function setUp() {
  const clock = new ManualClock();
  const keepAlive = new KeepAlive(clock);
  return { clock, keepAlive, open: () => new FakeSocket(clock, keepAlive) };
}

test("pings at its interval and lets a peer live that answers", () => {
  const { clock, open } = setUp();
  const socket = open();
  clock.advance(60_000);
  assert.equal(socket.deadAt, undefined);
  assert.deepEqual(
    socket.pings,
    Array.from({ length: 12 }, (_, index) => (index + 1) * 5_000),
  );
});

for (const [who, times] of [
  ["Picket's own peer", ownPeerTimes],
  ["a stranger", strangerTimes],
] as const) {
  test(`${who} is dead after its time of silence, and not before`, () => {
    const { clock, open } = setUp();
    const socket = open();
    socket.keepAliveTimes = times;
    socket.answers = false;
    clock.advance(times.deadAfter - 1);
    assert.equal(socket.deadAt, undefined);
    clock.advance(1_001);
    assert.ok(socket.deadAt !== undefined && socket.deadAt <= times.deadAfter + 1_000);
  });
}

test("an unplugged peer of ours is noticed within 15 s, whatever the moment", () => {
  for (let moment = 0; moment < 6_000; moment += 250) {
    const { clock, open } = setUp();
    const socket = open();
    clock.advance(20_000 + moment);
    const unpluggedAt = 20_000 + moment;
    socket.answers = false;
    clock.advance(15_000);
    assert.ok(socket.deadAt !== undefined, `unplugged at ${moment}`);
    assert.ok(socket.deadAt - unpluggedAt <= 15_000);
  }
});

test("bytes of any kind keep a peer alive that does not answer pings", () => {
  const { clock, open } = setUp();
  const socket = open();
  socket.answers = false;
  for (let second = 0; second < 60; second += 1) {
    clock.advance(1_000);
    if (second % 10 === 0) socket.bytesRead += 1;
  }
  assert.equal(socket.deadAt, undefined);
  clock.advance(13_000);
  assert.notEqual(socket.deadAt, undefined);
});

test("after a stall of this process nobody is dead: we were deaf, they were not silent", () => {
  const { clock, open } = setUp();
  const [answering, gone] = [open(), open()];
  gone.answers = false;
  clock.advance(8_000);
  clock.stall(3_600_000);
  assert.deepEqual([answering.deadAt, gone.deadAt], [undefined, undefined]);
  clock.advance(11_000);
  assert.deepEqual([answering.deadAt, gone.deadAt], [undefined, undefined]);
  clock.advance(2_000);
  assert.equal(answering.deadAt, undefined);
  assert.notEqual(gone.deadAt, undefined);
});

test("while this side does not read on purpose, silence is its own doing", () => {
  const { clock, open } = setUp();
  const socket = open();
  socket.answers = false;
  socket.isReadingPaused = true;
  clock.advance(120_000);
  assert.equal(socket.deadAt, undefined);
  socket.isReadingPaused = false;
  clock.advance(11_000);
  assert.equal(socket.deadAt, undefined);
  clock.advance(2_000);
  assert.notEqual(socket.deadAt, undefined);
});

test("the times can change while the socket lives", () => {
  const { clock, open } = setUp();
  const socket = open();
  socket.keepAliveTimes = strangerTimes;
  socket.answers = false;
  clock.advance(14_000);
  assert.equal(socket.deadAt, undefined);
  socket.keepAliveTimes = ownPeerTimes;
  clock.advance(1_000);
  assert.notEqual(socket.deadAt, undefined);
});

test("a jump of the wall clock is nothing to it", () => {
  const { clock, open } = setUp();
  const socket = open();
  clock.jump(3 * 3_600_000);
  clock.advance(1_000);
  clock.jump(-6 * 3_600_000);
  clock.advance(4_000);
  assert.deepEqual([socket.deadAt, socket.pings], [undefined, [5_000]]);
});

test("there is one timer for all sockets and none without", () => {
  const { clock, keepAlive, open } = setUp();
  assert.equal(clock.timerCount, 0);
  const [first, second] = [open(), open()];
  assert.equal(clock.timerCount, 1);
  keepAlive.remove(first);
  assert.equal(clock.timerCount, 1);
  keepAlive.remove(second);
  assert.equal(clock.timerCount, 0);
  open();
  assert.equal(clock.timerCount, 1);
  keepAlive.dispose();
  assert.equal(clock.timerCount, 0);
  open();
  assert.equal(clock.timerCount, 0);
});
