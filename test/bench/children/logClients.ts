// Plain nodes that send lines at a pace, and now and then one that can be looked for.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { serveCalls } from "../support/child.ts";
import { LineModel } from "../support/lineModel.ts";

interface Connect {
  /** With the query but without the node's id. */
  readonly url: string;
  readonly count: number;
}

interface Load {
  /** Lines a second, of all nodes together. */
  readonly rate: number;
  /** Milliseconds. */
  readonly time: number;
}

interface LoadResult {
  readonly sent: number;
  readonly acked: number;
  /** Of them that were sent again, because the core asked for it. */
  readonly refused: number;
  /** Milliseconds from the first line to the last ack. */
  readonly took: number;
}

const turn = 250;
const sockets: WebSocket[] = [];
const model = new LineModel(7);
let acked = new Map<string, (isStored: boolean) => void>();

function send(socket: WebSocket, type: string, data: object): Promise<boolean> {
  const id = randomUUID();
  const stored = Promise.withResolvers<boolean>();
  acked.set(id, stored.resolve);
  socket.send(JSON.stringify({ type, id, timestamp: new Date().toISOString(), data }));
  return stored.promise;
}

/** As an agent does: what is refused is sent again a little later. Returns how often. */
async function sendUntilStored(socket: WebSocket, entries: readonly object[]): Promise<number> {
  for (let again = 0; ; again += 1) {
    if (await send(socket, "log_batch", { entries, dropped: 0 })) return again;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const calls = {
  async connect({ url, count }: Connect): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const nodeId = `logs-${index}`;
      const socket = new WebSocket(`${url}&node_id=${nodeId}`, { perMessageDeflate: false });
      socket.on("message", (data: Buffer) => {
        const { id, type } = JSON.parse(data.toString("utf8")) as { readonly id: string; readonly type: string };
        acked.get(id)?.(type !== "error");
        acked.delete(id);
      });
      await once(socket, "open");
      const picket = { version: 1, capabilities: ["logs"] };
      await send(socket, "node_register", { node_id: nodeId, hostname: nodeId, ip_address: "127.0.0.1", picket });
      sockets.push(socket);
    }
  },

  async load({ rate, time }: Load): Promise<LoadResult> {
    const perTurn = Math.round((rate * turn) / 1000 / sockets.length);
    const startedAt = performance.now();
    let sent = 0;
    let stored = 0;
    let refused = 0;
    const waiting: Promise<void>[] = [];
    for (let at = 0; at < time; at += turn) {
      for (const socket of sockets) {
        const now = Date.now();
        const entries = Array.from({ length: perTurn }, () => ({ time: now, ...model.next() }));
        sent += entries.length;
        waiting.push(
          sendUntilStored(socket, entries).then((again) => {
            stored += entries.length;
            refused += again * entries.length;
          }),
        );
      }
      const ahead = startedAt + at + turn - performance.now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
    await Promise.all(waiting);
    return { sent, acked: stored, refused, took: performance.now() - startedAt };
  },

  /** Sends one line; resolves with when it was sent, milliseconds since 1970. */
  async mark(word: string): Promise<number> {
    const time = Date.now();
    const [socket] = sockets;
    if (socket === undefined) throw new Error("not connected");
    void send(socket, "log_batch", {
      entries: [{ time, level: "info", source: "bench", message: `the mark ${word}` }],
      dropped: 0,
    });
    return time;
  },

  async close(): Promise<void> {
    for (const socket of sockets.splice(0)) socket.terminate();
    acked = new Map();
  },
};

export type LogClients = typeof calls;

serveCalls(calls);
