import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { WebSocket } from "ws";
import { eventually } from "./eventually.ts";

type Context = Pick<TestContext, "after">;
export type RoomMessage = Readonly<Record<string, unknown>>;

/** A device of the rooms protocol, written from its document alone: it sends texts and keeps what comes, as it came. */
export class PlainDevice {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #taken = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => this.texts.push(data.toString("utf8")));
    // A device that is thrown out in the middle of a message sees its own write fail.
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
    });
  }

  static async connect(context: Context, url: string): Promise<PlainDevice> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const device = new PlainDevice(socket);
    context.after(() => socket.terminate());
    await once(socket, "open");
    return device;
  }

  /** Connects and enters the room of this token. */
  static async join(context: Context, url: string, token: string): Promise<PlainDevice> {
    const device = await PlainDevice.connect(context, url);
    device.send({ cmd: "init", token });
    assert.equal((await device.next())["code"], "1");
    return device;
  }

  /** A text is sent as it is. */
  send(message: string | Buffer | object): void {
    const plain = typeof message === "string" || Buffer.isBuffer(message);
    this.socket.send(plain ? message : JSON.stringify(message));
  }

  /** The next message, as text; heartbeats are passed over. */
  async nextText(): Promise<string> {
    return eventually(
      () => {
        while (this.texts[this.#taken]?.includes('"Heartbeat"')) this.#taken += 1;
        const text = this.texts[this.#taken];
        if (text !== undefined) this.#taken += 1;
        else if (this.socket.readyState === WebSocket.CLOSED) throw new Error("closed while a message was waited for");
        return text;
      },
      { what: "a message for the device" },
    );
  }

  async next(): Promise<RoomMessage> {
    return JSON.parse(await this.nextText()) as RoomMessage;
  }

  /** The code of the answer to `checkDevice`. Everything that the relay sent before has arrived by then. */
  async checkDevice(): Promise<unknown> {
    this.send({ cmd: "checkDevice" });
    const answer = await this.next();
    assert.equal(answer["cmd"], "checkDevice");
    return answer["code"];
  }

  get heartbeats(): number {
    return this.texts.filter((text) => text.includes('"Heartbeat"')).length;
  }

  /** Waits until the relay has read everything that this device sent. */
  async roundTrip(): Promise<void> {
    const pong = once(this.socket, "pong");
    this.socket.ping();
    await pong;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
