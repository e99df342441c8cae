import assert from "node:assert/strict";
import { test } from "node:test";
import { type BrowserWebSocket, dialBrowserSocket } from "../../../src-main/wire/browser/dialBrowserSocket.ts";
import { closeCode } from "../../../src-main/wire/connection.ts";
import { DialError } from "../../../src-main/wire/dialError.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { RecordingHandler } from "../../support/recordingHandler.ts";

failOnLeaks();

/** As a browser's WebSocket behaves: it refuses what a browser refuses. */
class FakeWebSocket implements BrowserWebSocket {
  binaryType = "blob";
  bufferedAmount = 0;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  readonly sent: (string | Uint8Array)[] = [];
  readonly closeCalls: { readonly code: number | undefined; readonly reason: string | undefined }[] = [];

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== 1) throw new Error("InvalidStateError");
    this.sent.push(data);
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) throw new Error("InvalidAccessError");
    this.closeCalls.push({ code, reason });
    this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  closed(code: number, reason: string): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

async function connected() {
  const socket = new FakeWebSocket();
  const handler = new RecordingHandler();
  const dialed = dialBrowserSocket(socket, () => handler);
  socket.open();
  return { socket, handler, connection: await dialed };
}

test("texts and binary messages go both ways", async () => {
  const { socket, handler, connection } = await connected();
  assert.equal(socket.binaryType, "arraybuffer");
  connection.sendText("hello");
  connection.sendBinary(Uint8Array.of(1, 2));
  assert.deepEqual(socket.sent, ["hello", Uint8Array.of(1, 2)]);
  socket.onmessage?.({ data: "welcome" });
  socket.onmessage?.({ data: Uint8Array.of(3, 4).buffer });
  assert.deepEqual(handler.messages, ["welcome", Uint8Array.of(3, 4)]);
});

for (const [code, reason, message] of [
  [1006, "", "closed with 1006"],
  [1008, "INVALID_TOKEN", "INVALID_TOKEN"],
] as const) {
  test(`a socket that closes with ${code} before it opened is a failed dial`, async () => {
    const socket = new FakeWebSocket();
    const dialed = dialBrowserSocket(socket, () => new RecordingHandler());
    socket.closed(code, reason);
    await assert.rejects(dialed, (error) => error instanceof DialError && error.message === message);
  });
}

test("what the page may not use as a close code becomes 1000, its own range stays", async () => {
  for (const [given, used] of [
    [closeCode.normal, 1000],
    [closeCode.goingAway, 1000],
    [closeCode.protocolError, 1000],
    [closeCode.tooSlow, 4408],
  ] as const) {
    const { socket, connection } = await connected();
    connection.close(given, "why");
    assert.deepEqual(socket.closeCalls, [{ code: used, reason: "why" }]);
    assert.equal(connection.isOpen, false);
    connection.sendText("too late");
    assert.deepEqual(socket.sent, []);
  }
});

test("the handler hears of the close once", async () => {
  const { socket, handler, connection } = await connected();
  connection.close(closeCode.normal, "");
  socket.closed(1000, "");
  socket.closed(1000, "");
  assert.deepEqual(handler.closes, [{ code: 1000, reason: "" }]);
});

test("a link that is given up is over at once, whatever the browser still says of it", async () => {
  const { socket, handler, connection } = await connected();
  const { onmessage, onclose } = socket;
  connection.terminate();
  assert.deepEqual(handler.closes, [{ code: closeCode.abnormal, reason: "" }]);
  assert.notEqual(onmessage, null);
  assert.notEqual(onclose, null);
  assert.deepEqual([socket.onmessage, socket.onclose], [null, null]);
  assert.equal(connection.isOpen, false);
});

test("the handler is told when little is left to send, though a browser has no event for it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, handler, connection } = await connected();
  socket.bufferedAmount = 1024 * 1024;
  assert.equal(connection.bufferedBytes, 1024 * 1024);
  connection.notifyDrained();
  connection.notifyDrained();
  t.mock.timers.tick(500);
  assert.equal(handler.drains, 0);
  socket.bufferedAmount = 10;
  t.mock.timers.tick(500);
  assert.equal(handler.drains, 1, "asked twice while it waited, told once");
});

test("a socket that closes while bytes wait asks no more", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { socket, handler, connection } = await connected();
  socket.bufferedAmount = 1024 * 1024;
  connection.notifyDrained();
  socket.closed(1006, "");
  socket.bufferedAmount = 0;
  t.mock.timers.tick(500);
  assert.deepEqual(handler.closes, [{ code: 1006, reason: "" }]);
  assert.equal(handler.drains, 0);
});
