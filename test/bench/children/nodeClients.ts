// Many plain nodes in one process: the load for the core and, message for message the same, for the bare baseline.
import { serveCalls } from "../support/child.ts";
import { PlainNode } from "../support/plainNode.ts";

interface Connect {
  /** With the query but without the node's id. */
  readonly url: string;
  readonly prefix: string;
  readonly first: number;
  readonly count: number;
  /** False against the bare baseline, which knows no nodes. */
  readonly register: boolean;
}

interface Load {
  /** How a heartbeat is answered: `heartbeat_ack`, or `heartbeat` by an echo. */
  readonly answer: string;
  readonly inFlight: number;
  readonly warmUp: number;
  /** Milliseconds that count. */
  readonly measured: number;
}

interface LoadResult {
  readonly perSecond: number;
  /** Every answer, also before and after the time that counts: what must be in the database. */
  readonly answered: number;
  readonly refused: number;
}

const nodes: PlainNode[] = [];
/** Each heartbeat has a time of its own, also over several rounds. A day back: within what the core takes as it is. */
let nextTime = Date.now() - 24 * 3_600_000;
const connectedAtOnce = 50;

const calls = {
  async connect({ url, prefix, first, count, register }: Connect): Promise<void> {
    for (let at = 0; at < count; at += connectedAtOnce) {
      const ids = Array.from(
        { length: Math.min(connectedAtOnce, count - at) },
        (_, index) => `${prefix}-${first + at + index}`,
      );
      await Promise.all(ids.map((id) => connectOne(url, id, register)));
    }
  },

  async heartbeatEach(answer: string): Promise<void> {
    for (let at = 0; at < nodes.length; at += connectedAtOnce) {
      await Promise.all(nodes.slice(at, at + connectedAtOnce).map((node) => node.heartbeatOnce(answer)));
    }
  },

  async load({ answer, inFlight, warmUp, measured }: Load): Promise<LoadResult> {
    let answered = 0;
    let refused = 0;
    let waiting = 0;
    let sending = true;
    const drained = Promise.withResolvers<void>();
    for (const node of nodes) {
      let time = nextTime;
      const send = (): void => {
        waiting += 1;
        time += 1;
        if (time > nextTime + 3_600_000) throw new Error("out of times");
        node.sendHeartbeat(time);
      };
      node.onMessage = ({ type }) => {
        waiting -= 1;
        if (type === answer) answered += 1;
        else refused += 1;
        if (sending) send();
        else if (waiting === 0) drained.resolve();
      };
      for (let count = 0; count < inFlight; count += 1) send();
    }
    await after(warmUp);
    const startedAt = performance.now();
    const answeredBefore = answered;
    await after(measured);
    const perSecond = ((answered - answeredBefore) / (performance.now() - startedAt)) * 1000;
    sending = false;
    await drained.promise;
    nextTime += 3_600_000;
    return { perSecond, answered, refused };
  },

  async close(): Promise<void> {
    for (const node of nodes.splice(0)) node.close();
  },
};

export type NodeClients = typeof calls;

async function connectOne(url: string, id: string, register: boolean): Promise<void> {
  const node = await PlainNode.connect(`${url}${url.includes("?") ? "&" : "?"}node_id=${id}`, id);
  nodes.push(node);
  if (!register) return;
  await node.register();
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

serveCalls(calls);
