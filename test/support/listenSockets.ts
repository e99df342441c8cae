import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import { type Accept, SocketAcceptor } from "../../src-main/wire/node/acceptSocket.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";

export interface SocketServer {
  readonly port: number;
  /** `ws://127.0.0.1:port`. */
  readonly url: string;
}

/** A bare server of WebSockets on a port of its own, gone when the test ends. */
export async function listenSockets(
  context: Pick<TestContext, "after">,
  accept: Accept,
  {
    clock = systemClock,
    keepAlive = new KeepAlive(clock),
  }: { readonly clock?: Clock; readonly keepAlive?: KeepAlive } = {},
): Promise<SocketServer> {
  const acceptor = new SocketAcceptor(clock, keepAlive);
  const server = createServer();
  const peer = { address: "127.0.0.1", isLoopback: true, isLocal: false };
  const sockets = new Set<{ destroy(): void }>();
  server.on("upgrade", (request, socket, head) => {
    sockets.add(socket);
    acceptor.accept({ request, socket, head, peer }, accept);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
    keepAlive.dispose();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `ws://127.0.0.1:${port}` };
}
