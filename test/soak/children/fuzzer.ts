// Many hostile peers in one process. Whatever they send, they know the door: a node's token, a viewer's sign-in.
import { WebSocket } from "ws";
import { serveCalls } from "../../bench/support/child.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { Garbage } from "../garbage.ts";
import { consoleTemplates, nodeTemplates } from "../templates.ts";

interface Start {
  readonly wsUrl: string;
  /** An enrolment token for as many nodes as there are peers. */
  readonly nodeToken: string;
  readonly peers: number;
  readonly seed: number;
}

export interface FuzzStatus {
  readonly sent: number;
  readonly received: number;
  readonly connections: number;
  /** Answers that say that the core itself made a mistake, each once. */
  readonly internalErrors: readonly string[];
}

/** Each peer sends so many, then waits a moment: the rate limit is not what is tried here. */
const burst = 20;
const rest = 5;

let sent = 0;
let received = 0;
let connections = 0;
let consoleToken = "";
let stopped = false;
const internalErrors = new Set<string>();

const calls = {
  async start({ wsUrl, nodeToken, peers, seed }: Start): Promise<void> {
    for (let index = 0; index < peers; index += 1) {
      const random = new SeededRandom(seed + index);
      const id = `fuzz-${index}`;
      const asNode = index % 2 === 0;
      const garbage = new Garbage(random, asNode ? nodeTemplates(id) : consoleTemplates());
      const url = (): string =>
        asNode ? `${wsUrl}/api/v1/ws?token=${nodeToken}&node_id=${id}` : `${wsUrl}/ws?token=${consoleToken}`;
      void attack(url, garbage);
    }
  },

  /** The access token that the next consoles sign in with. */
  async renew(token: string): Promise<void> {
    consoleToken = token;
  },

  async status(): Promise<FuzzStatus> {
    return { sent, received, connections, internalErrors: [...internalErrors] };
  },

  async stop(): Promise<void> {
    stopped = true;
  },
};

export type Fuzzer = typeof calls;

/** Connects, sends until it is thrown out, and comes again. */
async function attack(url: () => string, garbage: Garbage): Promise<void> {
  while (!stopped) {
    const socket = new WebSocket(url(), { perMessageDeflate: false });
    await new Promise<void>((resolve) => {
      socket.on("close", () => resolve());
      socket.on("error", () => {});
      socket.on("open", () => {
        connections += 1;
        send(socket, garbage);
      });
      socket.on("message", (data: Buffer, isBinary) => {
        received += 1;
        if (isBinary || !data.includes("INTERNAL_ERROR")) return;
        internalErrors.add(data.toString("utf8").slice(0, 200));
      });
    });
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
}

function send(socket: WebSocket, garbage: Garbage): void {
  for (let count = 0; count < burst; count += 1) {
    const message = garbage.next();
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(message, { binary: typeof message !== "string" });
    sent += 1;
  }
  if (stopped) socket.close();
  else setTimeout(() => send(socket, garbage), rest);
}

serveCalls(calls);
