import type { TestContext } from "node:test";
import { RawPeer } from "./rawPeer.ts";
import type { TestCore } from "./startCore.ts";

type Message = Readonly<Record<string, unknown>>;
type Context = Pick<TestContext, "after">;

export interface MadeKey {
  readonly keyId: string;
  readonly apiKey: string;
  readonly serverId: string;
}

/** Makes a server and its key. */
export async function makeKey(core: TestCore, { name = "web-1", group = "default" } = {}): Promise<MadeKey> {
  const { info, apiKey } = await core.core.apiKeys.create({ name, group }, "test");
  return { keyId: info.id, apiKey, serverId: info.node.nodeId };
}

/** An agent that is written here from the protocol's document alone: JSON over a WebSocket, nothing of Picket's own. */
export class PlainAgent {
  readonly peer: RawPeer;
  readonly serverId: string;

  private constructor(peer: RawPeer, serverId: string) {
    this.peer = peer;
    this.serverId = serverId;
  }

  /** Opens the socket and nothing else. */
  static dial(context: Context, core: Pick<TestCore, "wsUrl">): Promise<RawPeer> {
    return RawPeer.connect(context, `${core.wsUrl}/api/v1/agents/ws`);
  }

  /** Connects and authenticates. */
  static async join(context: Context, core: TestCore, key?: MadeKey): Promise<PlainAgent> {
    const { apiKey } = key ?? (await makeKey(core));
    const peer = await PlainAgent.dial(context, core);
    peer.send({ type: "auth", api_key: apiKey });
    const answer = await peer.next();
    if (answer["type"] !== "auth_success") throw new Error(`not let in: ${JSON.stringify(answer)}`);
    return new PlainAgent(peer, String(answer["server_id"]));
  }

  /** Reports a sample; nobody answers. */
  report(fields: Message = {}): void {
    this.peer.send({
      type: "metrics",
      server_id: this.serverId,
      cpu_percent: 45.2,
      memory_percent: 62.5,
      disk_usage: [],
      network: [],
      timestamp: new Date().toISOString(),
      ...fields,
    });
  }

  next(): Promise<Message> {
    return this.peer.next();
  }
}

/** Opens a dashboard's socket. */
export function dialDashboard(
  context: Context,
  core: Pick<TestCore, "wsUrl">,
  place: { readonly kind: "metrics" | "logs"; readonly serverId: string },
): Promise<RawPeer> {
  return RawPeer.connect(context, `${core.wsUrl}/api/v1/ws/${place.kind}/${place.serverId}`);
}
