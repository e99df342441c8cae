// Many plain nodes that behave as nodes should: they come back after a loss with a back-off, keep what was not acked and
// send it again. What they were acked, they remember.
import { systemClock } from "../../../src-main/base/clock.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";
import { serveCalls } from "../../bench/support/child.ts";
import { FleetNode } from "../fleetNode.ts";

interface Start {
  /** The nodes endpoint with its token. */
  readonly url: string;
  readonly prefix: string;
  readonly count: number;
  /** Milliseconds between two samples of a node. */
  readonly interval: number;
}

export interface FleetStatus {
  readonly registered: number;
  readonly acked: number;
  /** Samples that wait for an ack. */
  readonly waiting: number;
  /** The age of the oldest of them, in milliseconds. */
  readonly oldest: number;
  readonly refused: number;
}

const keepAlive = new KeepAlive(systemClock);
const nodes: FleetNode[] = [];

const calls = {
  async start({ url, prefix, count, interval }: Start): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const node = new FleetNode({ url, nodeId: `${prefix}-${index}`, interval, keepAlive });
      nodes.push(node);
      // Not all at once: a fleet is switched on over time, and each keeps its own beat.
      setTimeout(() => node.start(), (index / count) * Math.max(interval, count * 3));
    }
  },

  async status(): Promise<FleetStatus> {
    let status: FleetStatus = { registered: 0, acked: 0, waiting: 0, oldest: 0, refused: 0 };
    const now = Date.now();
    for (const node of nodes) {
      status = {
        registered: status.registered + (node.isRegistered ? 1 : 0),
        acked: status.acked + node.acked.length,
        waiting: status.waiting + node.waiting.size,
        oldest: Math.max(status.oldest, node.oldestWaiting === undefined ? 0 : now - node.oldestWaiting),
        refused: status.refused + node.refused,
      };
    }
    return status;
  },

  /** No more samples; what waits still goes out. */
  async pause(): Promise<void> {
    for (const node of nodes) node.pause();
  },

  /** Ends all and returns the times of the acked samples by node. */
  async stop(): Promise<ReadonlyMap<string, readonly number[]>> {
    for (const node of nodes) node.stop();
    keepAlive.dispose();
    return new Map(nodes.map(({ nodeId, acked }) => [nodeId, acked]));
  },
};

export type PlainFleet = typeof calls;

serveCalls(calls);
