import type { TestContext } from "node:test";
import { silentLogger } from "../../src-main/base/logger.ts";
import { LocalBus } from "../../src-main/bus/localBus.ts";
import type { Topic, Topics } from "../../src-main/bus/topics.ts";
import { Commands } from "../../src-main/core/commands/commands.ts";
import type { NodeLink } from "../../src-main/core/nodes/nodeLink.ts";
import type { NodeRecord } from "../../src-main/core/nodes/nodeRecord.ts";
import { NodeRegistry, type Registration } from "../../src-main/core/nodes/nodeRegistry.ts";
import type { Database } from "../../src-main/store/database.ts";
import { ManualClock } from "./manualClock.ts";
import { openDatabase } from "./openDatabase.ts";

export interface TestNodes {
  readonly database: Database;
  readonly clock: ManualClock;
  readonly bus: LocalBus;
  readonly nodes: NodeRegistry;
  readonly commands: Commands;
  /** What was published on a topic, from now on. */
  heard<T extends Topic>(topic: T): readonly Topics[T][];
  /** Registers a node. */
  add(nodeId?: string, registration?: Partial<Registration>): Promise<NodeRecord>;
  /** Connects a node as a protocol does: the registry first, then what waits for it. */
  connect(nodeId: string, link: NodeLink): Promise<void>;
  disconnect(nodeId: string, link: NodeLink): void;
  /** Closes these nouns and opens them again over the same database, as a restart does. */
  restart(): Promise<TestNodes>;
}

/** The registry and the commands over a real database, with a clock that stands still. */
export async function openNodes(
  context: Pick<TestContext, "after">,
  given?: Pick<TestNodes, "database" | "clock">,
): Promise<TestNodes> {
  const database = given?.database ?? (await openDatabase(context));
  const clock = given?.clock ?? new ManualClock();
  const bus = new LocalBus(silentLogger);
  const common = { database, clock, bus, logger: silentLogger };
  const nodes = await NodeRegistry.open(common);
  const commands = await Commands.open({ ...common, nodes });
  const dispose = (): void => {
    commands.dispose();
    nodes.dispose();
  };
  context.after(dispose);
  return {
    ...common,
    nodes,
    commands,
    heard(topic) {
      const payloads: Topics[typeof topic][] = [];
      bus.subscribe(topic, (payload) => payloads.push(payload));
      return payloads;
    },
    async add(nodeId = "node-1", registration = {}) {
      const { record } = await nodes.register({ ...newRegistration(nodeId), ...registration });
      return record;
    },
    async connect(nodeId, link) {
      nodes.connected(nodeId, link, 5_000);
      await commands.nodeConnected(nodeId);
    },
    disconnect(nodeId, link) {
      commands.nodeDisconnected(nodeId);
      nodes.disconnected(nodeId, link);
    },
    async restart() {
      dispose();
      return openNodes(context, { database, clock });
    },
  };
}

export function newRegistration(nodeId: string): Registration {
  return {
    nodeId,
    hostname: "host",
    ipAddress: "192.0.2.1",
    osInfo: undefined,
    capabilities: [],
    publicKey: undefined,
    group: "default",
  };
}
