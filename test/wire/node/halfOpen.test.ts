import assert from "node:assert/strict";
import { test } from "node:test";
import { closeCode, ownPeerTimes } from "../../../src-main/wire/connection.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";
import type { SocketConnection } from "../../../src-main/wire/node/socketConnection.ts";
import { dial } from "../../support/dial.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { listenSockets } from "../../support/listenSockets.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { RecordingHandler } from "../../support/recordingHandler.ts";
import { startTcpProxy } from "../../support/tcpProxy.ts";

failOnLeaks();

test("a cable that is pulled is noticed on both ends, though no socket says anything", async (t) => {
  const clock = new ManualClock();
  const keepAlive = new KeepAlive(clock);
  const handler = new RecordingHandler();
  let accepted: SocketConnection | undefined;
  const server = await listenSockets(
    t,
    (connection) => {
      accepted = connection;
      connection.keepAliveTimes = ownPeerTimes;
      return handler;
    },
    { clock, keepAlive },
  );
  const proxy = await startTcpProxy(t, server.port);
  const client = await dial(t, `ws://127.0.0.1:${proxy.port}`, { clock, keepAlive });
  client.connection.keepAliveTimes = ownPeerTimes;
  assert.ok(accepted !== undefined);

  // Five minutes of silence of the protocol: pings and pongs alone keep both ends open.
  const ends = [accepted, client.connection as SocketConnection];
  for (let second = 0; second < 300; second += 1) {
    const before = ends.map(({ bytesRead }) => bytesRead);
    clock.advance(1_000);
    if (second % 5 === 4) {
      await eventually(() => ends.every(({ bytesRead }, index) => bytesRead > (before[index] ?? 0)), {
        what: "a pong",
      });
    }
  }
  assert.deepEqual([handler.closes, client.handler.closes], [[], []]);

  proxy.blackhole();
  clock.advance(11_000);
  assert.equal(accepted.isOpen, true);
  clock.advance(4_000);
  assert.deepEqual(await handler.whenClosed(), { code: closeCode.abnormal, reason: "" });
  assert.deepEqual(await client.handler.whenClosed(), { code: closeCode.abnormal, reason: "" });
  assert.equal(clock.timerCount, 0, "no timer is left when the last socket is gone");
});

test("a cable that is pulled while bytes wait to be sent is noticed all the same", async (t) => {
  const clock = new ManualClock();
  const handler = new RecordingHandler();
  let accepted: SocketConnection | undefined;
  const server = await listenSockets(
    t,
    (connection) => {
      accepted = connection;
      connection.keepAliveTimes = ownPeerTimes;
      return handler;
    },
    { clock },
  );
  const proxy = await startTcpProxy(t, server.port);
  await dial(t, `ws://127.0.0.1:${proxy.port}`);
  proxy.blackhole();
  for (let index = 0; index < 16; index += 1) accepted?.sendBinary(new Uint8Array(64 * 1024));
  clock.advance(15_000);
  assert.equal((await handler.whenClosed()).code, closeCode.abnormal);
});
