// Somebody who has files: sends and fetches them, with Picket's documents client or over a bare `ws`.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { WebSocket } from "ws";
import { systemClock } from "../../../src-main/base/clock.ts";
import { DocumentsClient } from "../../../src-main/protocols/documents/client.ts";
import { maxChunkMessageBytes } from "../../../src-main/protocols/documents/messages/transferFrames.ts";
import { dialSocket } from "../../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";
import { serveCalls } from "../support/child.ts";

export interface BareWay {
  readonly url: string;
  /** The file's name there. */
  readonly name: string;
}

export interface Moved {
  readonly seconds: number;
  readonly sha256: string;
}

interface Sent {
  readonly file: string;
  readonly title: string;
  /** Announced, and checked by the core: the sender of the bare way knows it, too. */
  readonly sha256: string;
}

const frameBytes = 256 * 1024;
const highWater = 1024 * 1024;
let client: DocumentsClient | undefined;

const calls = {
  async bareUpload({ url, name, file }: BareWay & { readonly file: string }): Promise<Moved> {
    const handle = await open(file, "r");
    const startedAt = performance.now();
    const socket = await connect(url);
    socket.send(JSON.stringify({ put: name }));
    await once(socket, "message");
    const answer = once(socket, "message");
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(frameBytes));
      const sent = new Promise((resolve) => socket.send(buffer.subarray(0, bytesRead), resolve));
      if (socket.bufferedAmount > highWater) await sent;
      if (bytesRead < frameBytes) break;
    }
    const [sha256] = (await answer) as [Buffer];
    const seconds = (performance.now() - startedAt) / 1000;
    socket.close();
    await handle.close();
    return { seconds, sha256: sha256.toString("utf8") };
  },

  async bareDownload({ url, name, file }: BareWay & { readonly file: string }): Promise<Moved> {
    const handle = await open(file, "w");
    const hash = createHash("sha256");
    const startedAt = performance.now();
    const socket = await connect(url);
    let writing = Promise.resolve();
    let behind = 0;
    await new Promise<void>((resolve) => {
      socket.on("message", (bytes: Buffer) => {
        hash.update(bytes);
        behind += bytes.length;
        if (behind > highWater) socket.pause();
        writing = writing.then(async () => {
          await handle.write(bytes);
          behind -= bytes.length;
          if (socket.isPaused && behind < highWater / 2) socket.resume();
        });
        if (bytes.length < frameBytes) resolve();
      });
      socket.send(JSON.stringify({ get: name }));
    });
    await writing;
    const seconds = (performance.now() - startedAt) / 1000;
    socket.close();
    await handle.close();
    return { seconds, sha256: hash.digest("hex") };
  },

  /** Signs in at a core. */
  async signIn({ url, username, password }: { url: string; username: string; password: string }): Promise<void> {
    const keepAlive = new KeepAlive(systemClock);
    client = new DocumentsClient({
      clock: systemClock,
      newHash: nodeHash,
      dial: (attach, use) =>
        dialSocket(
          {
            url,
            clock: systemClock,
            keepAlive,
            maxMessageBytes: use === "transfer" ? maxChunkMessageBytes : undefined,
          },
          attach,
        ),
    });
    await client.signIn({ username, password });
  },

  /** Sends a file as a new document. Returns the document's id, too. */
  async upload({ file, title, sha256 }: Sent): Promise<Moved & { readonly documentId: string }> {
    const { document_id: documentId, task_data: task } = await signedIn().request("create_document", { title });
    const handle = await open(file, "r");
    const { size } = await handle.stat();
    const startedAt = performance.now();
    const stored = await signedIn().upload({
      task: task.task_id,
      size,
      sha256,
      read: async (offset, length) => {
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
    });
    const seconds = (performance.now() - startedAt) / 1000;
    await handle.close();
    return { seconds, sha256: stored.sha256, documentId: documentId ?? "" };
  },

  async download({ documentId, file }: { documentId: string; file: string }): Promise<Moved> {
    const { task_data: task } = await signedIn().request("get_document", { document_id: documentId });
    const handle = await open(file, "w");
    const startedAt = performance.now();
    const { sha256 } = await signedIn().download({
      task: task.task_id,
      target: {
        async write(offset, bytes) {
          await handle.write(bytes, 0, bytes.length, offset);
        },
      },
    });
    const seconds = (performance.now() - startedAt) / 1000;
    await handle.close();
    return { seconds, sha256 };
  },
};

export type FileMover = typeof calls;

function nodeHash(): { update(bytes: Uint8Array): void; digest(): string } {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}

function signedIn(): DocumentsClient {
  if (client === undefined) throw new Error("nobody is signed in");
  return client;
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

serveCalls(calls);
