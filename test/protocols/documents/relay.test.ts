import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { makeCertificate } from "../../../src-main/http/certificate/makeCertificate.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainDevice } from "../../support/plainDevice.ts";
import { startCore } from "../../support/startCore.ts";

failOnLeaks();

interface TheirServer {
  readonly url: string;
  /** Lower-case hex. */
  readonly fingerprint: string;
  readonly sockets: Set<WebSocket>;
}

/** Somebody else's documents server with a certificate of its own: it says what it is, and sends everything else back. */
async function theirServer(t: TestContext): Promise<TheirServer> {
  const now = Date.now();
  const made = makeCertificate({
    hosts: ["127.0.0.1"],
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 3_600_000),
  });
  const server: Server = createServer({ cert: made.cert, key: made.key });
  const acceptor = new WebSocketServer({ server });
  const sockets = new Set<WebSocket>();
  acceptor.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("message", (bytes, isBinary) => {
      if (isBinary || !String(bytes).includes("server_info")) socket.send(bytes, { binary: isBinary });
      else {
        const data = { server_name: "Theirs", version: "0.1", protocol_version: 3, lockdown: false };
        socket.send(JSON.stringify({ code: 200, message: "", data }));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const fingerprint = new X509Certificate(made.cert).fingerprint256.replaceAll(":", "").toLowerCase();
  return { url: `wss://127.0.0.1:${port}/`, fingerprint, sockets };
}

test("a server is looked at, pinned by its certificate, and reached through the core", async (t) => {
  const theirs = await theirServer(t);
  const core = await startCore(t);
  const console = await core.console();
  assert.deepEqual(await console.request("document-server-check", { url: theirs.url }), {
    fingerprint: theirs.fingerprint,
    trusted: false,
    serverName: "Theirs",
    version: "0.1",
    protocolVersion: 3,
  });
  const pin = theirs.fingerprint.toUpperCase().replace(/(..)(?!$)/g, "$1:");
  const { server } = await console.request("document-server-add", {
    name: "theirs",
    url: theirs.url,
    fingerprint: pin,
  });
  assert.deepEqual(server, { id: server.id, name: "theirs", url: theirs.url, fingerprint: theirs.fingerprint });
  assert.deepEqual((await console.request("document-server-list", {})).servers, [server]);
  const { path } = await console.request("document-server-connect", { id: server.id });
  const browser = await PlainDevice.connect(t, `${core.wsUrl}${path}`);
  browser.send('{"action":"anything"}');
  assert.equal(await browser.nextText(), '{"action":"anything"}');
  const bytes = Buffer.alloc(700_000, 7);
  for (let count = 0; count < 30; count += 1) browser.send(bytes);
  await eventually(() => browser.texts.filter(({ length }) => length === bytes.length).length === 30, {
    what: "all bytes, there and back",
  });
  const again = await PlainDevice.connect(t, `${core.wsUrl}${path}`);
  assert.equal((await again.closed).code, 1008, "a ticket is good once");
  for (const socket of theirs.sockets) socket.close(1001, "bye");
  assert.deepEqual(await browser.closed, { code: 1001, reason: "bye" });
  await console.request("document-server-remove", { id: server.id });
  await assert.rejects(console.request("document-server-connect", { id: server.id }), {
    code: "DOCUMENT_SERVER_NOT_FOUND",
  });
});

test("another certificate than the pinned one gets nothing, and one that nobody vouches for needs a pin", async (t) => {
  const theirs = await theirServer(t);
  const core = await startCore(t);
  const console = await core.console();
  for (const fingerprint of ["0".repeat(64), null]) {
    const name = `theirs ${fingerprint}`.slice(0, 20);
    const { server } = await console.request("document-server-add", { name, url: theirs.url, fingerprint });
    const { path } = await console.request("document-server-connect", { id: server.id });
    const browser = await PlainDevice.connect(t, `${core.wsUrl}${path}`);
    assert.equal((await browser.closed).code, 1013);
  }
  assert.equal(theirs.sockets.size, 0);
});

test("the relay ends with the session that opened it", async (t) => {
  const theirs = await theirServer(t);
  const core = await startCore(t, { clock: new ManualClock() });
  const administrator = await core.console();
  const { server } = await administrator.request("document-server-add", { name: "theirs", ...theirs });
  const viewer = await core.console(await core.userToken("viewer"));
  const { path } = await viewer.request("document-server-connect", { id: server.id });
  const browser = await PlainDevice.connect(t, `${core.wsUrl}${path}`);
  browser.send("hello");
  assert.equal(await browser.nextText(), "hello");
  const [session] = (await viewer.request("session-list", {})).sessions;
  await viewer.request("session-revoke", { sessionId: session?.sessionId ?? "" });
  assert.equal((await browser.closed).code, 1008);
  await eventually(() => theirs.sockets.size === 0, { what: "the other side closed, too" });
});

for (const [url, why] of [
  ["http://documents.example", "wss://"],
  ["ws://documents.example", "wss://"],
  ["wss://anna:secret@documents.example", "password"],
  ["wss://", "address"],
] as const) {
  test(`the address ${url} is refused`, async (t) => {
    const core = await startCore(t);
    const console = await core.console();
    for (const type of ["document-server-add", "document-server-check"] as const) {
      await assert.rejects(
        console.request(type, { name: "theirs", url }),
        (error: { code?: string; message?: string }) => {
          assert.equal(error.code, "INVALID_PARAMS");
          assert.ok(JSON.stringify(error).includes(why) || error.message?.includes(why), JSON.stringify(error));
          return true;
        },
      );
    }
  });
}
