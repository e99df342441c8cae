import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../src-main/base/clock.ts";
import { closeCode, wireLimits } from "../../../src-main/wire/connection.ts";
import { dialSocket } from "../../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";
import type { SocketConnection } from "../../../src-main/wire/node/socketConnection.ts";
import { dial } from "../../support/dial.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { listenSockets } from "../../support/listenSockets.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { nextTurn } from "../../support/nextTurn.ts";
import { RawPeer } from "../../support/rawPeer.ts";
import { RecordingHandler } from "../../support/recordingHandler.ts";

failOnLeaks();

/** The core's ends of the connections, in the order in which they came. */
class Accepted {
  readonly connections: SocketConnection[] = [];
  readonly handlers: RecordingHandler[] = [];

  readonly accept = (connection: SocketConnection): RecordingHandler => {
    const handler = new RecordingHandler();
    this.connections.push(connection);
    this.handlers.push(handler);
    return handler;
  };

  at(index: number): { readonly connection: SocketConnection; readonly handler: RecordingHandler } {
    const connection = this.connections[index];
    const handler = this.handlers[index];
    if (connection === undefined || handler === undefined) throw new Error(`there is no connection ${index}`);
    return { connection, handler };
  }
}

test("texts and binary messages arrive whole, in their order, in both directions", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const client = await dial(t, url);
  const server = accepted.at(0);
  for (const connection of [client.connection, server.connection]) {
    // All in one turn: what is gathered into one write keeps its order.
    for (let index = 0; index < 100; index += 1) {
      if (index % 3 === 0) connection.sendBinary(Uint8Array.of(index));
      else connection.sendText(`ünï ${index}`);
    }
  }
  for (const { handler } of [client, server]) {
    await eventually(() => handler.messages.length === 100);
    handler.messages.forEach((message, index) => {
      assert.deepEqual(message, index % 3 === 0 ? Uint8Array.of(index) : `ünï ${index}`);
    });
  }
});

test("a message that the core sends while it accepts is not lost", async (t) => {
  const handler = new RecordingHandler();
  const { url } = await listenSockets(t, (connection) => {
    connection.sendText("welcome");
    return handler;
  });
  const client = await dial(t, url);
  await eventually(() => client.handler.texts.length === 1);
  assert.deepEqual(client.handler.texts, ["welcome"]);
});

test("a text of exactly 1 MiB is taken, one byte more closes with 1009", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const peer = await RawPeer.connect(t, url);
  const server = accepted.at(0);
  peer.socket.send("x".repeat(wireLimits.maxTextBytes));
  await eventually(() => server.handler.texts.length === 1);
  assert.equal(server.handler.texts[0]?.length, wireLimits.maxTextBytes);
  peer.socket.send("x".repeat(wireLimits.maxTextBytes + 1));
  assert.equal((await peer.closed).code, closeCode.messageTooBig);
  await server.handler.whenClosed();
  assert.equal(server.handler.texts.length, 1);
});

test("the client's end refuses a text over 1 MiB too", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  await dial(t, url);
  const { connection, handler } = accepted.at(0);
  connection.sendText("x".repeat(wireLimits.maxTextBytes + 1));
  assert.equal((await handler.whenClosed()).code, closeCode.messageTooBig);
});

test("a peer that does not read is dropped at the bound with 4408, and the others do not notice", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const slow = await RawPeer.connect(t, url);
  const other = await dial(t, url);
  slow.socket.pause();
  const { connection, handler } = accepted.at(0);
  const message = new Uint8Array(64 * 1024);
  let sent = 0;
  while (handler.closes.length === 0) {
    assert.ok(connection.bufferedBytes <= wireLimits.maxBufferedBytes + 2 * message.length);
    connection.sendBinary(message.slice());
    sent += message.length;
    assert.ok(sent < 100 * 1024 * 1024, "it is never dropped");
    await nextTurn();
  }
  assert.deepEqual(handler.closes, [{ code: closeCode.tooSlow, reason: "" }]);
  assert.equal(connection.isOpen, false);
  const second = accepted.at(1);
  second.connection.sendText("still here");
  await eventually(() => other.handler.texts.length === 1);
  other.connection.sendText("so am I");
  await eventually(() => second.handler.texts.length === 1);
});

test("one message may be longer than what may wait unread", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const peer = await RawPeer.connect(t, url);
  let received = 0;
  peer.socket.on("message", (data: Buffer) => {
    received = data.length;
  });
  const { connection } = accepted.at(0);
  const length = wireLimits.maxBufferedBytes + 1;
  connection.sendBinary(new Uint8Array(length));
  await eventually(() => received === length);
  assert.equal(connection.isOpen, true);
});

test("the frames of a file come as fast as the network brings them", async (t) => {
  const accepted = new Accepted();
  // A clock that stands still: whoever is slowed down waits for ever.
  const { url } = await listenSockets(t, accepted.accept, { clock: new ManualClock() });
  const peer = await RawPeer.connect(t, url);
  const frame = Buffer.alloc(4 * 1024);
  const frames = 11_000;
  for (let sent = 0; sent < frames; sent += 1) peer.send(frame);
  await eventually(() => accepted.at(0).handler.messages.length === frames);
});

test("a client that expects larger messages takes them", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const keepAlive = new KeepAlive(systemClock);
  const handler = new RecordingHandler();
  const length = 3 * 1024 * 1024;
  const options = { url, clock: systemClock, keepAlive, maxMessageBytes: 4 * 1024 * 1024 };
  const connection = await dialSocket(options, () => handler);
  t.after(() => {
    connection.terminate();
    keepAlive.dispose();
  });
  accepted.at(0).connection.sendText("x".repeat(length));
  await eventually(() => handler.texts[0]?.length === length);
});

test("a peer that sends too fast is read at 5,000 messages a second, and nothing is lost", async (t) => {
  const clock = new ManualClock();
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept, { clock });
  const peer = await RawPeer.connect(t, url);
  const { connection, handler } = accepted.at(0);
  const total = 60_000;
  for (let index = 0; index < total; index += 1) peer.socket.send(`${index}`);
  await eventually(() => handler.texts.length >= 10_000 && connection.isReadingPaused);
  const settle = async (): Promise<void> => {
    for (let before = -1; before !== handler.texts.length; ) {
      before = handler.texts.length;
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    }
  };
  await settle();
  // What the reads before the pause brought is not put back; it is waited for afterwards.
  const inReads = (2 * 64 * 1024) / 11;
  assert.ok(handler.texts.length <= 10_000 + inReads, `${handler.texts.length} messages at once`);
  for (let second = 1; second <= 5; second += 1) {
    for (let step = 0; step < 50; step += 1) {
      clock.advance(20);
      await settle();
    }
    assert.ok(handler.texts.length <= 10_000 + second * 5_000 + inReads, `${handler.texts.length} in ${second} s`);
    assert.ok(handler.texts.length >= 10_000 + second * 4_000, `${handler.texts.length} in ${second} s`);
  }
  while (handler.texts.length < total) {
    clock.advance(1_000);
    await settle();
  }
  assert.ok(handler.texts.every((text, index) => text === `${index}`));
});

test("reading that a protocol paused goes on where it stopped", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const client = await dial(t, url);
  const { connection, handler } = accepted.at(0);
  connection.pauseReading();
  connection.pauseReading();
  client.connection.sendText("while paused");
  await eventually(() => client.connection.bufferedBytes === 0);
  connection.resumeReading();
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  assert.deepEqual(handler.texts, [], "two pauses need two resumes");
  connection.resumeReading();
  await eventually(() => handler.texts.length === 1);
});

test("the handler is told when the network has taken everything", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  await dial(t, url);
  const { connection, handler } = accepted.at(0);
  connection.notifyDrained();
  await eventually(() => handler.drains === 1);
  for (let index = 0; index < 40; index += 1) connection.sendBinary(new Uint8Array(64 * 1024));
  connection.notifyDrained();
  connection.notifyDrained();
  await eventually(() => handler.drains === 2 && connection.bufferedBytes === 0);
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  assert.equal(handler.drains, 2, "asked twice while it waits, told once");
});

for (const [code, reason] of [
  [1000, ""],
  [closeCode.goingAway, "the core is stopping"],
  [closeCode.policyViolation, "no"],
  [closeCode.replaced, "a newer connection"],
] as const) {
  test(`a close with ${code} is told to both ends with its reason`, async (t) => {
    const accepted = new Accepted();
    const { url } = await listenSockets(t, accepted.accept);
    const client = await dial(t, url);
    const { connection, handler } = accepted.at(0);
    connection.close(code, reason);
    assert.equal(connection.isOpen, false);
    connection.sendText("too late");
    assert.deepEqual(await client.handler.whenClosed(), { code, reason });
    assert.deepEqual(await handler.whenClosed(), { code, reason });
    assert.deepEqual(client.handler.texts, []);
  });
}

test("a connection that is dropped closes with 1006 on both ends, once", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const client = await dial(t, url);
  client.connection.terminate();
  client.connection.terminate();
  const { handler } = accepted.at(0);
  await Promise.all([client.handler.whenClosed(), handler.whenClosed()]);
  for (const { closes } of [client.handler, handler]) assert.deepEqual(closes, [{ code: 1006, reason: "" }]);
});

for (const reason of ["x".repeat(500), "ü".repeat(200), "€".repeat(100), `a${"😀".repeat(60)}`]) {
  test(`a close reason that is too long is cut at a character: ${reason.slice(0, 3)}…`, async (t) => {
    const accepted = new Accepted();
    const { url } = await listenSockets(t, accepted.accept);
    const client = await dial(t, url);
    accepted.at(0).connection.close(1001, reason);
    const closed = await client.handler.whenClosed();
    assert.equal(closed.code, 1001);
    assert.ok(reason.startsWith(closed.reason));
    assert.ok(Buffer.byteLength(closed.reason) > 115 && Buffer.byteLength(closed.reason) <= 123);
  });
}

test("a peer that breaks the WebSocket protocol is closed and ends nobody else", async (t) => {
  const accepted = new Accepted();
  const { url } = await listenSockets(t, accepted.accept);
  const hostile = await RawPeer.connect(t, url);
  const other = await dial(t, url);
  // A frame without a mask: clients must mask.
  (hostile.socket as unknown as { _socket: import("node:net").Socket })._socket.write(Uint8Array.of(0x81, 0x01, 0x41));
  assert.equal((await hostile.closed).code, closeCode.protocolError);
  await accepted.at(0).handler.whenClosed();
  accepted.at(1).connection.sendText("still here");
  await eventually(() => other.handler.texts.length === 1);
});
