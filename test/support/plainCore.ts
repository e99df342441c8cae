import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { eventually } from "./eventually.ts";
import type { Data, Message } from "./plainNode.ts";

/** One connection of a node, as a core of the plain protocol sees it. */
export class PlainCoreConnection {
  readonly query: URLSearchParams;
  readonly received: Message[] = [];
  readonly closed: Promise<number>;
  /** Set by a test that lets it speak of channels. */
  takesFrames = false;
  readonly #socket: WebSocket;
  /** What `next` has handed out. */
  #taken = 0;

  constructor(socket: WebSocket, query: URLSearchParams) {
    this.#socket = socket;
    this.query = query;
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary && !this.takesFrames) throw new Error("a binary frame for a core that speaks the plain protocol");
      if (isBinary) return;
      this.received.push(JSON.parse(data.toString()) as Message);
    });
    this.closed = once(socket, "close").then(([code]) => code as number);
  }

  send(type: string, data: Data, id: string = randomUUID()): string {
    this.#socket.send(JSON.stringify({ type, id, timestamp: "2025-01-21T10:00:00Z", data }));
    return id;
  }

  /** Sends what no core should. */
  sendRaw(message: string | Uint8Array): void {
    this.#socket.send(message);
  }

  sendError(code: string, id?: string): string {
    return this.send("error", { error_code: code, message: "错误", details: "…" }, id);
  }

  /** The next message of this type; others before it are passed over. */
  next(type: string): Promise<Message> {
    return eventually(
      () => {
        for (; this.#taken < this.received.length; this.#taken += 1) {
          const message = this.received[this.#taken];
          if (message?.type !== type) continue;
          this.#taken += 1;
          return message;
        }
        return undefined;
      },
      { what: `a ${type} of the node` },
    );
  }

  count(type: string): number {
    return this.received.filter((message) => message.type === type).length;
  }

  /** Lets the node in and registers it, as the plain protocol's examples do. */
  async admit(): Promise<Message> {
    this.send("welcome", {
      message: "欢迎连接到Server Manager Core",
      node_id: this.query.get("node_id") ?? "node-001",
    });
    const register = await this.next("node_register");
    const data = { success: true, message: "节点注册成功", node_id: register.data["node_id"] };
    this.send("register_response", data, register.id);
    return register;
  }

  acknowledge(beat: Message): void {
    this.send("heartbeat_ack", { received: true, node_id: beat.data["node_id"] }, beat.id);
  }

  /**
   * Resolves when the node has read everything that was sent to it. A test that moves the node's clock waits for this, or
   * on a slow machine the node's own deadlines pass while the answer is on its way.
   */
  async settled(): Promise<void> {
    const answered = once(this.#socket, "pong");
    this.#socket.ping();
    await answered;
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

/** A core that speaks the plain protocol and no extension, written from its document alone. */
export class PlainCore {
  readonly wsUrl: string;
  readonly connections: PlainCoreConnection[] = [];
  #taken = 0;

  private constructor(server: WebSocketServer) {
    this.wsUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket, request) => {
      const { searchParams } = new URL(request.url ?? "", "http://core");
      this.connections.push(new PlainCoreConnection(socket, searchParams));
    });
  }

  static async start(context: Pick<TestContext, "after">): Promise<PlainCore> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", path: "/api/v1/ws" });
    await once(server, "listening");
    context.after(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    return new PlainCore(server);
  }

  /** The next connection of a node. */
  async accept(): Promise<PlainCoreConnection> {
    const index = this.#taken;
    this.#taken += 1;
    return eventually(() => this.connections[index], { what: "a connection of the node" });
  }
}
