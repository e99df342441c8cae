import { systemClock } from "../../src-main/base/clock.ts";
import type { Connection, ConnectionHandler } from "../../src-main/wire/connection.ts";
import { dialSocket } from "../../src-main/wire/node/dialSocket.ts";
import type { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { ReconnectingClient } from "../../src-main/wire/reconnectingClient.ts";

export interface FleetNodeOptions {
  /** The nodes endpoint with its token. */
  readonly url: string;
  readonly nodeId: string;
  readonly interval: number;
  readonly keepAlive: KeepAlive;
}

interface Message {
  readonly type: string;
  readonly id: string;
}

/** A plain node with a memory: what was not acked is sent again, under its own time. */
export class FleetNode implements ConnectionHandler {
  readonly nodeId: string;
  /** The times of the samples that were acked, in the order of the acks. */
  readonly acked: number[] = [];
  /** The times of those that were not yet. */
  readonly waiting = new Set<number>();
  refused = 0;
  isRegistered = false;
  readonly #options: FleetNodeOptions;
  readonly #link: ReconnectingClient;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FleetNodeOptions) {
    this.#options = options;
    this.nodeId = options.nodeId;
    const { url, keepAlive } = options;
    this.#link = new ReconnectingClient({
      clock: systemClock,
      dial: (attach) => dialSocket({ url: `${url}&node_id=${this.nodeId}`, clock: systemClock, keepAlive }, attach),
      attach: (connection) => {
        this.#connection = connection;
        return this;
      },
    });
  }

  /** The time of the oldest sample that waits for its ack. */
  get oldestWaiting(): number | undefined {
    for (const time of this.waiting) return time;
    return undefined;
  }

  start(): void {
    this.#link.start();
    this.#timer = setInterval(() => this.#sample(), this.#options.interval);
  }

  pause(): void {
    clearInterval(this.#timer);
  }

  stop(): void {
    this.pause();
    this.#link.stop("done");
  }

  text(text: string): void {
    const { type, id } = JSON.parse(text) as Message;
    if (type === "welcome") this.#send("node_register", "register", this.#registration());
    else if (type === "register_response") this.#onRegistered();
    else if (type === "heartbeat_ack") this.#onAck(Number(id));
    else if (type === "error") this.refused += 1;
  }

  binary(): void {}

  drained(): void {}

  closed(): void {
    this.isRegistered = false;
    this.#connection = undefined;
  }

  #registration(): object {
    return { node_id: this.nodeId, hostname: this.nodeId, ip_address: "127.0.0.1", os_info: "soak" };
  }

  #onRegistered(): void {
    this.isRegistered = true;
    this.#link.accepted();
    for (const time of this.waiting) this.#sendSample(time);
  }

  #onAck(time: number): void {
    if (this.waiting.delete(time)) this.acked.push(time);
  }

  #sample(): void {
    const time = Date.now();
    this.waiting.add(time);
    if (this.isRegistered) this.#sendSample(time);
  }

  #sendSample(time: number): void {
    const metrics = { cpu_usage: time % 100, memory_usage: 50, disk_usage: 30, load_average: 1 };
    const data = { node_id: this.nodeId, status: "online", metrics };
    this.#connection?.sendText(
      JSON.stringify({ type: "heartbeat", id: String(time), timestamp: new Date(time).toISOString(), data }),
    );
  }

  #send(type: string, id: string, data: object): void {
    this.#connection?.sendText(JSON.stringify({ type, id, timestamp: new Date().toISOString(), data }));
  }
}
