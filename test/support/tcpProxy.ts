import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface TcpProxy {
  readonly port: number;
  /** Open connections of clients. */
  readonly connections: number;
  /** From now on every byte of both sides vanishes and nobody is told: a cable that was pulled. */
  blackhole(): void;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Passes bytes again. What vanished meanwhile stays lost, so connections from before are of no use. */
  heal(): void;
}

export interface TcpProxyOptions {
  /** Of every connection, in each direction. @default as fast as it goes */
  readonly bytesPerSecond?: number;
}

/** A real TCP proxy on a port of its own before `127.0.0.1:target`, with which a test breaks the network. */
export async function startTcpProxy(
  context: Pick<TestContext, "after">,
  target: number,
  { bytesPerSecond }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  let mode: "pass" | "blackhole" | "cut" = "pass";
  const clients = new Set<Socket>();
  const sockets = new Set<Socket>();
  const own = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    return socket;
  };
  const pass = (from: Socket, to: Socket): void => {
    from.on("data", (bytes: Buffer) => {
      if (mode !== "pass" || to.destroyed) return;
      const isTaken = to.write(bytes);
      if (isTaken && bytesPerSecond === undefined) return;
      from.pause();
      const goOn = (): void => void from.resume();
      if (bytesPerSecond === undefined) to.once("drain", goOn);
      else setTimeout(goOn, (bytes.length / bytesPerSecond) * 1000);
    });
    // A pulled cable tells neither side that the other one went away.
    from.on("end", () => mode === "pass" && to.end());
    from.on("close", () => mode === "pass" && to.destroy());
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    own(client);
    if (mode === "cut") {
      client.destroy();
      return;
    }
    clients.add(client);
    client.on("close", () => clients.delete(client));
    const far = own(connect({ port: target, host: "127.0.0.1", noDelay: true, allowHalfOpen: true }));
    pass(client, far);
    pass(far, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  context.after(() => {
    server.close();
    destroyAll();
  });
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return clients.size;
    },
    blackhole() {
      mode = "blackhole";
    },
    cut() {
      mode = "cut";
      destroyAll();
    },
    heal() {
      mode = "pass";
    },
  };
}
