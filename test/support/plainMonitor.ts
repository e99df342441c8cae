import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { eventually } from "./eventually.ts";

type Message = Readonly<Record<string, unknown>>;

/** One connection of an agent. */
export interface MonitoredAgent {
  readonly socket: WebSocket;
  /** Everything that it sent, in order, beginning with the first message. */
  readonly messages: readonly Message[];
  send(message: Message): void;
  /** The next message of this type that nobody has taken yet. */
  next(type: string): Promise<Message>;
}

export const serverId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/**
 * A monitoring server that is written here from the seed's document alone, and knows no more than it prints: it lets in
 * whoever shows the key, and takes what comes.
 */
export class PlainMonitor {
  readonly connections: MonitoredAgent[] = [];
  readonly apiKey = "your-api-key-here";
  /** What the server does with a new connection: answers `auth`, or says nothing. */
  mode: "normal" | "silent" = "normal";
  /** Connections so far, let in or not. */
  dials = 0;
  readonly #server: WebSocketServer;
  #taken = 0;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (socket) => this.#onConnection(socket));
  }

  static async start(context: Pick<TestContext, "after">, port = 0): Promise<PlainMonitor> {
    const server = new WebSocketServer({ port, host: "127.0.0.1", path: "/api/v1/agents/ws" });
    await once(server, "listening");
    const monitor = new PlainMonitor(server);
    context.after(() => monitor.stop());
    return monitor;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/api/v1/agents/ws`;
  }

  /** The next connection that was let in. */
  async accept(): Promise<MonitoredAgent> {
    const index = this.#taken;
    this.#taken += 1;
    return eventually(() => this.connections[index], { what: "a connection of the agent" });
  }

  /** Stops without a word: every connection breaks. */
  stop(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #onConnection(socket: WebSocket): void {
    this.dials += 1;
    const messages: Message[] = [];
    let taken = 0;
    const agent: MonitoredAgent = {
      socket,
      messages,
      send: (message) => socket.send(JSON.stringify(message)),
      next: (type) =>
        eventually(
          () => {
            const at = messages.findIndex((message, index) => index >= taken && message["type"] === type);
            if (at === -1) return undefined;
            taken = at + 1;
            return messages[at];
          },
          { what: `${type} of the agent` },
        ),
    };
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString("utf8")) as Message;
      messages.push(message);
      if (messages.length > 1 || this.mode === "silent") return;
      if (message["type"] !== "auth" || message["api_key"] !== this.apiKey) {
        agent.send({ type: "error", message: "Invalid or inactive API key" });
        socket.close(1008);
        return;
      }
      agent.send({ type: "auth_success", server_id: serverId, message: "Connected successfully" });
      this.connections.push(agent);
    });
  }
}
