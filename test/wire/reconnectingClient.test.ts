import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfterReason } from "../../src-main/wire/closeReason.ts";
import { type Connection, type ConnectionHandler, closeCode } from "../../src-main/wire/connection.ts";
import { DialError } from "../../src-main/wire/dialError.ts";
import { type Attach, type ClientState, ReconnectingClient } from "../../src-main/wire/reconnectingClient.ts";
import { ManualClock } from "../support/manualClock.ts";
import { type MemoryConnection, memoryPair } from "../support/memoryPair.ts";
import { nextTurn } from "../support/nextTurn.ts";
import { RecordingHandler } from "../support/recordingHandler.ts";

/** A dial that a test completes or fails by hand. */
interface Dial {
  /** Connects; returns the server's end. */
  connect(): Promise<MemoryConnection>;
  fail(error: Error): Promise<void>;
}

/** The client with everything around it under the test's hand. */
class Scene {
  readonly clock = new ManualClock();
  readonly dials: Dial[] = [];
  readonly states: ClientState[] = [];
  readonly handlers: RecordingHandler[] = [];
  random = 0.5;
  onClosed: (code: number, reason: string) => void = () => {};
  readonly client: ReconnectingClient;

  constructor() {
    this.client = new ReconnectingClient({
      clock: this.clock,
      random: () => this.random,
      dial: (attach) => this.#dial(attach),
      attach: () => this.#handler(),
    });
    this.client.onState((state) => this.states.push(state));
  }

  get lastDial(): Dial {
    const dial = this.dials.at(-1);
    if (dial === undefined) throw new Error("nothing was dialed");
    return dial;
  }

  /** Fails the dial that is under way and returns how long the client waits then. */
  async failAndDelay(): Promise<number> {
    await this.lastDial.fail(new Error("refused"));
    return this.delay();
  }

  delay(): number {
    const { state } = this.client;
    if (state.status !== "waiting") throw new Error(`the client is ${state.status}`);
    return state.delay;
  }

  #handler(): ConnectionHandler {
    const handler = new RecordingHandler();
    this.handlers.push(handler);
    return {
      text: (message) => handler.text(message),
      binary: (bytes) => handler.binary(bytes),
      drained: () => handler.drained(),
      closed: (code, reason) => {
        handler.closed(code, reason);
        this.onClosed(code, reason);
      },
    };
  }

  #dial(attach: Attach): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    this.dials.push({
      connect: async () => {
        const [near, far] = memoryPair();
        near.handler = attach(near);
        resolve(near);
        await nextTurn();
        return far;
      },
      fail: async (error) => {
        reject(error);
        await nextTurn();
      },
    });
    return promise;
  }
}

test("waits longer after every failure, up to a minute, and dials when the wait is over", async () => {
  const scene = new Scene();
  scene.client.start();
  const delays: number[] = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    assert.equal(scene.dials.length, attempt + 1);
    delays.push(await scene.failAndDelay());
    scene.clock.advance((delays.at(-1) ?? 0) - 1);
    assert.equal(scene.dials.length, attempt + 1, "not before its time");
    scene.clock.advance(1);
  }
  assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  scene.client.dispose();
  assert.equal(scene.clock.timerCount, 0);
});

test("passes messages on and says in which state it is", async () => {
  const scene = new Scene();
  assert.deepEqual(scene.client.state, { status: "stopped", reason: "not started" });
  scene.client.start();
  scene.client.start();
  assert.equal(scene.dials.length, 1, "started twice, dialed once");
  const server = await scene.lastDial.connect();
  assert.deepEqual(scene.client.state, { status: "connected" });
  server.sendText("hello");
  server.sendBinary(Uint8Array.of(1));
  await nextTurn();
  assert.deepEqual(scene.handlers[0]?.messages, ["hello", Uint8Array.of(1)]);
  server.close(1001, "going");
  await nextTurn();
  assert.deepEqual(scene.handlers[0]?.closes, [{ code: 1001, reason: "going" }]);
  assert.equal(scene.client.connection, undefined);
  assert.deepEqual(
    scene.states.map(({ status }) => status),
    ["connecting", "connected", "waiting"],
  );
  assert.deepEqual(scene.client.state, {
    status: "waiting",
    attempt: 1,
    delay: 500,
    reason: "connection closed (1001 going)",
  });
});

test("a connection alone does not shorten the wait; being let in does", async () => {
  const scene = new Scene();
  scene.client.start();
  for (let attempt = 0; attempt < 4; attempt += 1) scene.clock.advance(await scene.failAndDelay());
  (await scene.lastDial.connect()).close(1008, "");
  await nextTurn();
  assert.equal(scene.delay(), 8_000, "a server that hangs up at once is not asked every second");
  scene.clock.advance(8_000);
  const server = await scene.lastDial.connect();
  scene.client.accepted();
  server.close(1006, "");
  await nextTurn();
  assert.equal(scene.delay(), 500);
});

test("after a wake-up it dials at once and begins with the shortest wait again", async () => {
  const scene = new Scene();
  scene.client.start();
  for (let attempt = 0; attempt < 5; attempt += 1) scene.clock.advance(await scene.failAndDelay());
  await scene.failAndDelay();
  const before = scene.dials.length;
  scene.client.retryNow();
  scene.client.retryNow();
  assert.equal(scene.dials.length, before + 1, "one dial, however many wake-ups");
  assert.equal(scene.clock.timerCount, 0, "the old wait is over");
  assert.equal(await scene.failAndDelay(), 500);
});

test("a wake-up while it is connected, connecting or stopped changes nothing", async () => {
  const scene = new Scene();
  scene.client.retryNow();
  assert.equal(scene.dials.length, 0);
  scene.client.start();
  scene.client.retryNow();
  await scene.lastDial.connect();
  scene.client.retryNow();
  assert.equal(scene.dials.length, 1);
});

const slots: readonly (readonly [reason: string, delay: number])[] = [
  [retryAfterReason("the core is stopping", 1_234), 1_234],
  ["retry-after=0", 0],
  ["restart retry-after=9999999", 120_000],
  ["retry-after=99999999999", 500],
  ["retry-after=-5", 500],
  ["no retry-after= at all", 500],
  ["", 500],
];

for (const [reason, delay] of slots) {
  test(`the close reason ${JSON.stringify(reason)} makes it wait ${delay} ms`, async () => {
    const scene = new Scene();
    scene.client.start();
    (await scene.lastDial.connect()).close(closeCode.goingAway, reason);
    await nextTurn();
    assert.equal(scene.delay(), delay);
  });
}

for (const [retryAfter, delay] of [
  [7_000, 7_000],
  [3_600_000, 120_000],
  [-1, 0],
  [undefined, 500],
] as const) {
  test(`a server that answers the dial with Retry-After ${retryAfter} is asked after ${delay} ms`, async () => {
    const scene = new Scene();
    scene.client.start();
    await scene.lastDial.fail(new DialError("busy", { status: 503, retryAfter }));
    assert.equal(scene.delay(), delay);
  });
}

test("stopping closes the connection, tells its handler, and nothing is dialed any more", async () => {
  const scene = new Scene();
  scene.client.start();
  const server = await scene.lastDial.connect();
  const heard = new RecordingHandler();
  server.handler = heard;
  scene.client.stop("enough");
  await nextTurn();
  scene.clock.advance(600_000);
  assert.deepEqual(heard.closes, [{ code: closeCode.goingAway, reason: "enough" }]);
  assert.deepEqual(scene.handlers[0]?.closes, [{ code: closeCode.goingAway, reason: "enough" }]);
  assert.deepEqual(scene.client.state, { status: "stopped", reason: "enough" });
  assert.equal(scene.dials.length, 1);
  assert.equal(scene.clock.timerCount, 0);
});

test("stopping while it waits ends the wait", async () => {
  const scene = new Scene();
  scene.client.start();
  await scene.failAndDelay();
  scene.client.stop("enough");
  assert.equal(scene.clock.timerCount, 0);
  scene.clock.advance(600_000);
  assert.equal(scene.dials.length, 1);
});

test("a dial that completes after the stop is closed and never used", async () => {
  const scene = new Scene();
  scene.client.start();
  scene.client.stop("enough");
  const server = await scene.lastDial.connect();
  await nextTurn();
  assert.equal(server.isOpen, false);
  assert.equal(scene.client.connection, undefined);
  assert.deepEqual(scene.client.state, { status: "stopped", reason: "enough" });
});

test("a dial that fails after the stop starts nothing", async () => {
  const scene = new Scene();
  scene.client.start();
  scene.client.stop("enough");
  await scene.lastDial.fail(new Error("refused"));
  assert.equal(scene.clock.timerCount, 0);
  assert.equal(scene.client.state.status, "stopped");
});

test("stopped and started again, only the newer dial counts", async () => {
  const scene = new Scene();
  scene.client.start();
  scene.client.stop("a moment");
  scene.client.start();
  const [older, newer] = scene.dials;
  const late = await older?.connect();
  assert.equal(late?.isOpen, false);
  assert.equal(scene.client.state.status, "connecting");
  await newer?.connect();
  assert.equal(scene.client.state.status, "connected");
  assert.equal(scene.client.connection?.isOpen, true);
});

test("a handler that stops the client when it is refused has the last word", async () => {
  const scene = new Scene();
  scene.onClosed = () => scene.client.stop("refused");
  scene.client.start();
  (await scene.lastDial.connect()).close(closeCode.policyViolation, "INVALID_TOKEN");
  await nextTurn();
  assert.deepEqual(scene.client.state, { status: "stopped", reason: "refused" });
  assert.equal(scene.clock.timerCount, 0);
});
