import { once } from "node:events";
import type { TestContext } from "node:test";
import { WebSocket } from "ws";

/** A WebSocket client that knows nothing of Picket: it sends what a test writes and shows what comes. */
export class RawPeer {
  readonly socket: WebSocket;
  readonly #messages: (Record<string, unknown> | Buffer)[] = [];
  readonly #waiting: ((message: Record<string, unknown> | Buffer) => void)[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      const message = isBinary ? data : (JSON.parse(data.toString("utf8")) as Record<string, unknown>);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#messages.push(message);
      else waiting(message);
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
    });
  }

  static async connect(context: Pick<TestContext, "after">, url: string, options: object = {}): Promise<RawPeer> {
    const socket = new WebSocket(url, options);
    const peer = new RawPeer(socket);
    context.after(() => socket.terminate());
    await once(socket, "open");
    return peer;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The next message, in the order in which they came. */
  async next(): Promise<Record<string, unknown>> {
    const message = await this.take();
    if (Buffer.isBuffer(message)) throw new Error(`a binary message of ${message.length} bytes came instead of text`);
    return message;
  }

  async nextBinary(): Promise<Buffer> {
    const message = await this.take();
    if (!Buffer.isBuffer(message)) throw new Error(`text came instead of a binary message: ${JSON.stringify(message)}`);
    return message;
  }

  /** The next message of this type; others before it are passed over. */
  async nextOf(type: string): Promise<Record<string, unknown>> {
    for (;;) {
      const message = await this.take();
      if (!Buffer.isBuffer(message) && message["type"] === type) return message;
    }
  }

  /** Messages that nobody has asked for yet. */
  get unread(): number {
    return this.#messages.length;
  }

  /** The next message of either kind. */
  take(): Promise<Record<string, unknown> | Buffer> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no message came within 10 s")), 10_000);
      this.#waiting.push((next) => {
        clearTimeout(timer);
        resolve(next);
      });
      void this.closed.then(({ code }) => {
        clearTimeout(timer);
        reject(new Error(`closed with ${code} while a message was waited for`));
      });
    });
  }
}
