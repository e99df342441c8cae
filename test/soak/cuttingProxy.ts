import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Timers are not finer, in milliseconds. */
const leastWait = 2;

/** A network that breaks when it is told to: passes TCP on, byte for byte, until then. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #bytesPerSecond: number;
  /** When what has passed so far would have passed at that pace. */
  #busyUntil = 0;
  #upBytes = 0;
  #downBytes = 0;

  private constructor(server: Server, bytesPerSecond: number) {
    this.#server = server;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** @param bytesPerSecond of the whole network, both ways together; as fast as it can when nothing is said */
  static async start(targetPort: number, bytesPerSecond = Number.POSITIVE_INFINITY): Promise<CuttingProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new CuttingProxy(server, bytesPerSecond);
    server.on("connection", (near) =>
      proxy.#join(near, connect({ host: "127.0.0.1", port: targetPort, noDelay: true })),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Bytes that came in so far: from those who connect, and from the target. */
  get bytes(): { readonly up: number; readonly down: number } {
    return { up: this.#upBytes, down: this.#downBytes };
  }

  /** Every connection is reset on both sides; what was under way is lost. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Nothing passes any more and nobody is told, until `cut`: a cable that was pulled. */
  stall(): void {
    for (const { near, far } of this.#pairs) {
      near.unpipe();
      far.unpipe();
      near.pause();
      far.pause();
    }
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(near: Socket, far: Socket): void {
    const pair = { near, far };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on("error", end).on("close", end);
    near.on("data", ({ length }: Buffer) => {
      this.#upBytes += length;
    });
    far.on("data", ({ length }: Buffer) => {
      this.#downBytes += length;
    });
    this.#pass(near, far);
    this.#pass(far, near);
  }

  #pass(from: Socket, to: Socket): void {
    if (Number.isFinite(this.#bytesPerSecond)) from.pipe(this.#slowly()).pipe(to);
    else from.pipe(to);
  }

  /** Holds every piece back until what passed so far would have passed at that pace. */
  #slowly(): Transform {
    return new Transform({
      transform: (bytes: Buffer, _encoding, passed) => {
        this.#busyUntil = Math.max(this.#busyUntil, performance.now()) + (bytes.length / this.#bytesPerSecond) * 1000;
        const wait = this.#busyUntil - performance.now();
        if (wait < leastWait) passed(null, bytes);
        else setTimeout(passed, wait, null, bytes);
      },
    });
  }
}
