import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../src-main/base/clock.ts";
import { DialError } from "../../../src-main/wire/dialError.ts";
import { SocketAcceptor } from "../../../src-main/wire/node/acceptSocket.ts";
import { type DialSocketOptions, dialSocket } from "../../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { RecordingHandler } from "../../support/recordingHandler.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

async function failure(options: Partial<DialSocketOptions> & { readonly url: string }): Promise<DialError> {
  const keepAlive = new KeepAlive(systemClock);
  const dialed = dialSocket({ clock: systemClock, keepAlive, ...options }, () => new RecordingHandler());
  const error = await dialed.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DialError, `not a DialError: ${String(error)}`);
  return error;
}

async function httpServer(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("nobody listens: the error says so and has no status", async () => {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const error = await failure({ url: `ws://127.0.0.1:${port}` });
  assert.match(error.message, /ECONNREFUSED/);
  assert.deepEqual([error.status, error.retryAfter], [undefined, undefined]);
});

const answers: readonly (readonly [
  status: number,
  retryAfter: string | undefined,
  milliseconds: number | undefined,
])[] = [
  [404, undefined, undefined],
  [403, "later", undefined],
  [503, "7", 7_000],
  [503, "Fri, 31 Dec 2027 23:59:59 GMT", undefined],
  [429, "0", 0],
];

for (const [status, header, retryAfter] of answers) {
  test(`the server answers ${status}${header === undefined ? "" : ` with Retry-After: ${header}`}`, async (t) => {
    const url = await httpServer(t, (_, response) => {
      response.writeHead(status, header === undefined ? {} : { "retry-after": header }).end();
    });
    const error = await failure({ url });
    assert.equal(error.status, status);
    assert.equal(error.retryAfter, retryAfter);
    assert.match(error.message, new RegExp(`answered ${status}`));
  });
}

test("a server that accepts and says nothing is given up after the time limit", async (t) => {
  const sockets = new Set<import("node:net").Socket>();
  const server = createTcpServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const error = await failure({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, timeout: 100 });
  assert.match(error.message, /timed out/);
});

test("a server that hangs up in the handshake is an error, not a crash", async (t) => {
  const server = createTcpServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  await failure({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` });
});

test("a local socket is dialed by its path", {
  skip: process.platform === "win32" && "pipes have other paths",
}, async (t) => {
  const keepAlive = new KeepAlive(systemClock);
  const acceptor = new SocketAcceptor(systemClock, keepAlive);
  const handler = new RecordingHandler();
  const paths: (string | undefined)[] = [];
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    paths.push(request.url);
    const peer = { address: "local", isLoopback: true, isLocal: true };
    acceptor.accept({ request, socket, head, peer }, () => handler);
  });
  const socketPath = join(temporaryFolder(t), "core.sock");
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const connection = await dialSocket(
    { url: "ws://core/ws?x=1", socketPath, clock: systemClock, keepAlive },
    () => new RecordingHandler(),
  );
  t.after(() => {
    connection.terminate();
    server.close();
    keepAlive.dispose();
  });
  connection.sendText("hello");
  await eventually(() => handler.texts.length === 1);
  assert.deepEqual(paths, ["/ws?x=1"]);
  assert.equal(connection.peer.isLocal, true);
});

test("a request that is no WebSocket handshake is refused, and the server goes on", async (t) => {
  const keepAlive = new KeepAlive(systemClock);
  const acceptor = new SocketAcceptor(systemClock, keepAlive);
  const handler = new RecordingHandler();
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    const peer = { address: "", isLoopback: true, isLocal: false };
    acceptor.accept({ request, socket, head, peer }, () => handler);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    keepAlive.dispose();
  });
  const { port } = server.address() as AddressInfo;
  const response = await rawRequest(
    port,
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: telnet\r\n\r\n",
  );
  assert.match(response, /^HTTP\/1\.1 400 /);
  const connection = await dialSocket(
    { url: `ws://127.0.0.1:${port}`, clock: systemClock, keepAlive },
    () => new RecordingHandler(),
  );
  connection.terminate();
  await handler.whenClosed();
});

async function rawRequest(port: number, request: string): Promise<string> {
  const { connect } = await import("node:net");
  const socket = connect(port, "127.0.0.1");
  socket.write(request);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
