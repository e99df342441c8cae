import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { eventually } from "./eventually.ts";

/** A relay of the rooms protocol, written from its document alone: one room a token, and nothing of Picket's. */
export class PlainRelay {
  readonly url: string;
  /** What clients sent, in its order. */
  readonly received: Record<string, unknown>[] = [];
  /** Tokens it takes. */
  readonly tokens = new Set(["123456"]);
  readonly #server: WebSocketServer;
  readonly #rooms = new Map<string, Set<WebSocket>>();
  #heartbeats: NodeJS.Timeout | undefined;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => this.#take(socket));
  }

  /** @param path the only one it takes; by default it takes any */
  static async start(context: Pick<TestContext, "after">, path?: string): Promise<PlainRelay> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...(path === undefined ? {} : { path }) });
    await once(server, "listening");
    const relay = new PlainRelay(server);
    context.after(() => relay.stop());
    return relay;
  }

  /** How many clients are in rooms. */
  get clients(): number {
    return [...this.#rooms.values()].reduce((count, room) => count + room.size, 0);
  }

  /** From now on every client gets a heartbeat so often. Milliseconds. */
  beat(interval: number): void {
    clearInterval(this.#heartbeats);
    this.#heartbeats = setInterval(() => this.sendAll({ cmd: "Heartbeat", code: "1", extra: {} }), interval);
  }

  /** Sends to everybody in every room. */
  sendAll(message: object | string): void {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    for (const room of this.#rooms.values()) for (const socket of room) socket.send(text);
  }

  /** As if another device of the room had asked for a command; answers with the data of the result. */
  async execute(command: string, message: object = { cmd: "execute", extra: { command } }): Promise<string> {
    const before = this.#results.length;
    this.sendAll(message);
    return eventually(() => this.#results[before], { what: `a result of ${command}`, within: 20_000 });
  }

  async joined(count = 1): Promise<void> {
    await eventually(() => this.clients === count, { what: `${count} in the room` });
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  stop(): void {
    clearInterval(this.#heartbeats);
    this.cut();
    this.#server.close();
  }

  get #results(): string[] {
    return this.received
      .filter(({ cmd }) => cmd === "execute_result")
      .map(({ extra }) => String((extra as Record<string, unknown>)["data"]));
  }

  #take(socket: WebSocket): void {
    let room: Set<WebSocket> | undefined;
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString("utf8")) as Record<string, unknown>;
      this.received.push(message);
      if (room === undefined) {
        const token = String(message["token"]);
        if (message["cmd"] !== "init" || !this.tokens.has(token)) {
          socket.send(JSON.stringify({ cmd: "init", code: "0", extra: { message: "bad token" } }));
          socket.close(1008);
          return;
        }
        room = this.#rooms.get(token) ?? new Set();
        room.add(socket);
        this.#rooms.set(token, room);
        socket.send(JSON.stringify({ cmd: "init", code: "1", session_id: "the room's", extra: {} }));
        return;
      }
      if (message["cmd"] !== "execute" && message["cmd"] !== "execute_result") return;
      for (const other of room) if (other !== socket) other.send(data.toString("utf8"));
    });
    socket.on("close", () => room?.delete(socket));
  }
}
