import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { RawSocket } from "../../support/rawSocket.ts";
import { handshake } from "./handshake.ts";
import { startScene } from "./scene.ts";

failOnLeaks();

type Row = readonly [name: string, request: string, status: string];
const ok = "HTTP/1.1 101 Switching Protocols";
const bad = "HTTP/1.1 400 Bad Request";
const forbidden = "HTTP/1.1 403 Forbidden";
const unknown = "HTTP/1.1 404 Not Found";

const rows: readonly Row[] = [
  ["as it should be", handshake("/ws"), ok],
  ["a page of this core", handshake("/ws", { Origin: "http://127.0.0.1" }), ok],
  ["a page of another site", handshake("/ws", { Origin: "http://evil.example" }), forbidden],
  [
    "a page of another site, to the nodes",
    handshake("/api/v1/ws?token=x", { Origin: "http://evil.example" }),
    forbidden,
  ],
  ["a page of another port", handshake("/ws", { Origin: "http://127.0.0.1:8080" }), forbidden],
  ["a page in a sandbox", handshake("/ws", { Origin: "null" }), forbidden],
  ["an empty origin", handshake("/ws", { Origin: "" }), forbidden],
  ["an origin that is no URL", handshake("/ws", { Origin: "127.0.0.1" }), forbidden],
  ["a name that was bound anew", handshake("/ws", { Host: "evil.example", Origin: "http://evil.example" }), forbidden],
  ["a page, and no host", handshake("/ws", { Host: "", Origin: "http://127.0.0.1" }), forbidden],
  ["a host with a user", handshake("/ws", { Host: "a@127.0.0.1", Origin: "http://127.0.0.1" }), forbidden],
  ["another path", handshake("/sockets"), unknown],
  ["a path in capitals", handshake("/WS"), unknown],
  ["a path with a slash behind it", handshake("/ws/"), unknown],
  ["a path with dots", handshake("/api/v1/ws/../../../etc"), unknown],
  ["a path that is no URL", handshake("//["), unknown],
  ["an absolute path of another host", handshake("http://evil.example/nothing"), unknown],
  ["the path of the password", handshake("/api/v1/auth/login"), unknown],
  ["no key", handshake("/ws", { "Sec-WebSocket-Key": undefined }), bad],
  ["a key that is too short", handshake("/ws", { "Sec-WebSocket-Key": "AAAA" }), bad],
  ["a key of 4,000 characters", handshake("/ws", { "Sec-WebSocket-Key": "A".repeat(4000) }), bad],
  ["no version", handshake("/ws", { "Sec-WebSocket-Version": undefined }), bad],
  ["the version 7", handshake("/ws", { "Sec-WebSocket-Version": "7" }), bad],
  ["another protocol", handshake("/ws", { Upgrade: "h2c" }), bad],
  ["a sub-protocol with a line of its own", handshake("/ws", { "Sec-WebSocket-Protocol": "a,,b" }), bad],
  ["an extension that is no list", handshake("/ws", { "Sec-WebSocket-Extensions": ";;;" }), ok],
  ["POST", handshake("/ws").replace("GET", "POST"), "HTTP/1.1 405 Method Not Allowed"],
  ["no method", handshake("/ws").replace("GET ", ""), bad],
  [
    "headers of 100 KiB",
    handshake("/ws", { "X-Long": "x".repeat(100_000) }),
    "HTTP/1.1 431 Request Header Fields Too Large",
  ],
  ["a query of 100 KiB", handshake(`/ws?token=${"x".repeat(100_000)}`), "HTTP/1.1 431 Request Header Fields Too Large"],
  ["a line end in a header", handshake("/ws", { "X-A": "a\nX-B" }), bad],
  ["two lengths", handshake("/ws", { "Content-Length": "1\r\nContent-Length: 2" }), bad],
  ["TLS on a plain port", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", bad],
];

test("upgrade requests that are wrong are refused", async (t) => {
  const scene = await startScene(t);
  const port = Number(new URL(scene.core.httpUrl).port);
  for (const [name, request, status] of rows) {
    await t.test(name, async () => {
      const raw = await RawSocket.connect(t, port);
      raw.write(Buffer.from(request, "latin1"));
      assert.equal(await raw.statusLine(), status);
      await scene.assertQuiet(name);
      raw.socket.destroy();
    });
  }
});

test("connections that are reset in the middle of an upgrade harm nobody", async (t) => {
  const scene = await startScene(t);
  const port = Number(new URL(scene.core.httpUrl).port);
  const paths = ["/nowhere", "/ws", "/api/v1/ws?token=x"];
  const requests = [...paths.map((path) => handshake(path)), handshake("/ws", { Origin: "http://evil.example" })];
  for (let time = 0; time < 200; time += 1) {
    const raw = await RawSocket.connect(t, port);
    raw.write(requests[time % requests.length] ?? "");
    // Sometimes the answer is under way, sometimes the request is.
    if (time % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    raw.socket.resetAndDestroy();
  }
  await scene.assertQuiet("resets");
});

test("requests that come a byte at a time, or never to their end, keep nobody waiting", async (t) => {
  const scene = await startScene(t);
  const port = Number(new URL(scene.core.httpUrl).port);
  const slow = await Promise.all(Array.from({ length: 200 }, () => RawSocket.connect(t, port)));
  const request = handshake("/ws");
  for (let at = 0; at < 40; at += 1) {
    for (const raw of slow) raw.write(request[at] ?? "");
    await scene.assertQuiet(`byte ${at}`);
  }
  const response = await fetch(`${scene.core.httpUrl}/healthz`);
  assert.equal(response.status, 200);
  for (const raw of slow) raw.socket.destroy();
  await eventually(() => slow.every((raw) => raw.isOver));
});
