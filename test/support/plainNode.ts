import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { RawPeer } from "./rawPeer.ts";
import type { TestCore } from "./startCore.ts";

export type Data = Readonly<Record<string, unknown>>;

export interface Message {
  readonly type: string;
  readonly id: string;
  readonly timestamp: string;
  readonly data: Data;
}

export interface PlainNodeOptions {
  readonly nodeId?: string;
  /** @default a new enrolment token for one node */
  readonly token?: string;
  /** The group of the token that is made. */
  readonly group?: string;
}

type Context = Pick<TestContext, "after">;
/** A core, in this process or another one. */
type Enroller = Pick<TestCore, "wsUrl" | "enrolmentToken">;

/** A node that is written here from the protocol's document alone: JSON over a WebSocket, nothing of Picket's own. */
export class PlainNode {
  readonly peer: RawPeer;
  readonly nodeId: string;

  private constructor(peer: RawPeer, nodeId: string) {
    this.peer = peer;
    this.nodeId = nodeId;
  }

  /** Opens the socket and nothing else. */
  static dial(context: Context, core: Enroller, query: Readonly<Record<string, string>>): Promise<RawPeer> {
    return RawPeer.connect(context, `${core.wsUrl}/api/v1/ws?${new URLSearchParams(query)}`);
  }

  /** Connects and is welcomed. */
  static async connect(context: Context, core: Enroller, options: PlainNodeOptions = {}): Promise<PlainNode> {
    const { nodeId = "node-1" } = options;
    const token = options.token ?? (await core.enrolmentToken(1, options.group));
    const peer = await PlainNode.dial(context, core, { token, node_id: nodeId });
    const node = new PlainNode(peer, nodeId);
    const welcome = await node.next();
    if (welcome.type !== "welcome") throw new Error(`not welcomed: ${JSON.stringify(welcome)}`);
    return node;
  }

  /** Connects, is welcomed and registers. */
  static async join(context: Context, core: Enroller, options: PlainNodeOptions = {}): Promise<PlainNode> {
    const node = await PlainNode.connect(context, core, options);
    await node.register();
    return node;
  }

  async register(data: Data = {}): Promise<Data> {
    this.send("node_register", { node_id: this.nodeId, hostname: "host", ip_address: "192.0.2.1", ...data });
    return (await this.nextOf("register_response")).data;
  }

  /** Sends a message and returns its id. */
  send(type: string, data: Data, envelope: { readonly id?: string; readonly timestamp?: string } = {}): string {
    const { id = randomUUID(), timestamp = new Date().toISOString() } = envelope;
    this.peer.send({ type, id, timestamp, data });
    return id;
  }

  /** Sends a heartbeat and returns the answer to it. */
  heartbeat(metrics?: unknown, timestamp?: string): Promise<Message> {
    const data = { node_id: this.nodeId, status: "online", ...(metrics === undefined ? {} : { metrics }) };
    return this.answerTo(this.send("heartbeat", data, timestamp === undefined ? {} : { timestamp }));
  }

  /** Sends what a command came to and returns the answer. */
  result(commandId: string, data: Data = {}): Promise<Message> {
    const fields = { exit_code: 0, stdout: "out", stderr: "", execution_time_ms: 5 };
    return this.answerTo(this.send("command_result", { command_id: commandId, ...fields, ...data }));
  }

  async next(): Promise<Message> {
    return (await this.peer.next()) as unknown as Message;
  }

  async nextOf(type: string): Promise<Message> {
    return (await this.peer.nextOf(type)) as unknown as Message;
  }

  /** The message that answers the one with this id; others before it are passed over. */
  async answerTo(id: string): Promise<Message> {
    for (;;) {
      const message = await this.next();
      if (message.id === id) return message;
    }
  }

  close(): Promise<{ readonly code: number; readonly reason: string }> {
    this.peer.socket.close();
    return this.peer.closed;
  }
}
