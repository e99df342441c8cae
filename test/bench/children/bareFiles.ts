// The bare baseline of a documents server: `ws` as it is, files in a folder. What comes is hashed and written, and is on
// the disk before it is called done: the least that a server can do that says a true word.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { open } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import { serveCalls } from "../support/child.ts";

const frameBytes = 256 * 1024;
const highWater = 1024 * 1024;

const calls = {
  /** Serves the files of a folder. Returns the port. */
  async listen(folder: string): Promise<number> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, maxPayload: 1_048_576 });
    server.on("connection", (socket) => {
      socket.once("message", (first: Buffer) => {
        const { put, get } = JSON.parse(first.toString("utf8")) as { readonly put?: string; readonly get?: string };
        if (put !== undefined) void take(socket, join(folder, put));
        else if (get !== undefined) void give(socket, join(folder, get));
      });
    });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
};

export type BareFiles = typeof calls;

async function take(socket: WebSocket, file: string): Promise<void> {
  const handle = await open(file, "w");
  const hash = createHash("sha256");
  let writing = Promise.resolve();
  let behind = 0;
  socket.on("message", (bytes: Buffer) => {
    hash.update(bytes);
    behind += bytes.length;
    if (behind > highWater) socket.pause();
    writing = writing.then(async () => {
      await handle.write(bytes);
      behind -= bytes.length;
      if (socket.isPaused && behind < highWater / 2) socket.resume();
      if (bytes.length === frameBytes) return;
      await handle.sync();
      await handle.close();
      socket.send(hash.digest("hex"));
    });
  });
  socket.send("go");
}

async function give(socket: WebSocket, file: string): Promise<void> {
  const handle = await open(file, "r");
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(frameBytes));
    // The last one is shorter.
    await new Promise((resolve) => socket.send(buffer.subarray(0, bytesRead), resolve));
    if (bytesRead < frameBytes) break;
  }
  await handle.close();
}

serveCalls(calls);
