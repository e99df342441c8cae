import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { eventually } from "./eventually.ts";

/** A TCP connection on which a test writes bytes: what no WebSocket library would send. */
export class RawSocket {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
    });
  }

  static async connect(context: Pick<TestContext, "after">, port: number): Promise<RawSocket> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    context.after(() => socket.destroy());
    const raw = new RawSocket(socket);
    await once(socket, "connect");
    return raw;
  }

  get isOver(): boolean {
    return this.#ended;
  }

  write(bytes: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** The first line that the server says. */
  statusLine(): Promise<string> {
    return eventually(() => /^(.*)\r\n/.exec(this.#received.toString("latin1"))?.[1], { what: "a status line" });
  }

  /** Waits until the answer's headers are there and forgets them. */
  async upgraded(): Promise<void> {
    const end = await eventually(() => {
      const at = this.#received.indexOf("\r\n\r\n");
      return at === -1 ? undefined : at + 4;
    });
    this.#received = this.#received.subarray(end);
  }

  /** The next frame of the server, which never masks its own. */
  nextFrame(): Promise<{ readonly opcode: number; readonly payload: Buffer }> {
    return eventually(
      () => {
        const bytes = this.#received;
        if (bytes.length < 2) return undefined;
        const short = (bytes[1] ?? 0) & 127;
        const start = short === 126 ? 4 : 2;
        if (bytes.length < start) return undefined;
        const length = short === 126 ? bytes.readUInt16BE(2) : short;
        if (bytes.length < start + length) return undefined;
        this.#received = bytes.subarray(start + length);
        return { opcode: (bytes[0] ?? 0) & 15, payload: bytes.subarray(start, start + length) };
      },
      { what: "a frame of the server" },
    );
  }

  /** The code with which the server closes; what it says before is passed over. */
  async closeCode(): Promise<number> {
    for (;;) {
      const { opcode, payload } = await this.nextFrame();
      if (opcode === 8) return payload.length === 0 ? 1005 : payload.readUInt16BE(0);
    }
  }
}

export interface WireFrame {
  readonly final?: boolean;
  /** The three reserved bits. */
  readonly reserved?: number;
  readonly opcode: number;
  readonly masked?: boolean;
  readonly payload?: string | Uint8Array;
  /** What the header says instead of the payload's own length. */
  readonly length?: bigint;
}

const mask = Buffer.from([1, 2, 3, 4]);

/** A frame as a client sends it, or should not. */
export function wireFrame(frame: WireFrame): Buffer {
  const { final = true, reserved = 0, opcode, masked = true } = frame;
  const payload = Buffer.from((frame.payload ?? "") as string);
  const length = frame.length ?? BigInt(payload.length);
  const extended = length < 126n ? 0 : length < 65_536n ? 2 : 8;
  const header = Buffer.alloc(2 + extended);
  header[0] = (final ? 128 : 0) | (reserved << 4) | opcode;
  header[1] = (masked ? 128 : 0) | (extended === 0 ? Number(length) : extended === 2 ? 126 : 127);
  if (extended === 2) header.writeUInt16BE(Number(length), 2);
  else if (extended === 8) header.writeBigUInt64BE(length, 2);
  if (!masked) return Buffer.concat([header, payload]);
  const body = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([header, mask, body]);
}
