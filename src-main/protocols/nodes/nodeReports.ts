import { PicketError } from "../../base/errors.ts";
import { metricNames, noValues } from "../../core/metrics/metricColumns.ts";
import type { Connection } from "../../wire/connection.ts";
import { sampleTime } from "../sampleTime.ts";
import type { NodeToCore } from "./messages.ts";
import { NodeLogs } from "./nodeLogs.ts";
import type { NodeOutbox } from "./nodeOutbox.ts";
import type { NodesServices } from "./server.ts";

export interface NodeReportsOptions {
  readonly connection: Connection;
  readonly services: NodesServices;
  readonly outbox: NodeOutbox;
}

type Message<T extends NodeToCore["type"]> = Extract<NodeToCore, { type: T }>;

/** With so much of a node's waiting for the disk, the rest of what it sends waits in its own socket. */
const maxUnstored = 256;

/** What a node says of itself: its numbers, its lines, its containers. */
export class NodeReports {
  readonly #connection: Connection;
  readonly #services: NodesServices;
  readonly #outbox: NodeOutbox;
  /** Made by the first lines: most of five thousand idle connections never send any. */
  #logs: NodeLogs | undefined;
  #unstored = 0;
  #lastTime = 0;

  constructor({ connection, services, outbox }: NodeReportsOptions) {
    this.#connection = connection;
    this.#services = services;
    this.#outbox = outbox;
  }

  heartbeat(nodeId: string, message: Message<"heartbeat">): void {
    const { nodes, metrics, clock } = this.#services;
    const record = nodes.get(nodeId);
    if (record === undefined) {
      this.#outbox.error(message.id, new PicketError("NODE_NOT_FOUND"));
      return;
    }
    nodes.heard(nodeId);
    const reported = message.data.metrics;
    if (reported === undefined) {
      this.#ack(message.id, nodeId);
      return;
    }
    const values = noValues();
    for (let index = 0; index < metricNames.length; index += 1) {
      const name = metricNames[index];
      const value = name === undefined ? undefined : reported[name];
      if (value !== undefined) values[index] = value;
    }
    const time = sampleTime(message.timestamp, clock.wallTime(), this.#lastTime);
    this.#lastTime = time;
    this.#unstored += 1;
    if (this.#unstored === maxUnstored) this.#connection.pauseReading();
    metrics.append({ nodeKey: record.key, time, values }, (error) => {
      if (this.#unstored === maxUnstored) this.#connection.resumeReading();
      this.#unstored -= 1;
      if (error === undefined) this.#ack(message.id, nodeId);
      else this.#outbox.error(message.id, error);
    });
  }

  logs(nodeId: string, message: Message<"log_batch">): void {
    const { nodes, logs, clock } = this.#services;
    const record = nodes.get(nodeId);
    if (record === undefined) {
      this.#outbox.error(message.id, new PicketError("NODE_NOT_FOUND"));
      return;
    }
    this.#logs ??= new NodeLogs({
      logs,
      now: () => clock.wallTime(),
      received: (id) => this.#outbox.send("log_received", id, { received: true }),
      failed: (id, error) => this.#outbox.error(id, error),
    });
    this.#logs.receive(record.key, message.id, message.data);
  }

  containers(nodeId: string, message: Message<"containers" | "container_event">): void {
    const { containers } = this.#services;
    if (message.type === "containers") {
      containers.listed(nodeId, message.data);
      return;
    }
    const { exit_code: exitCode, ...event } = message.data;
    containers.happened(nodeId, { ...event, exitCode });
  }

  #ack(id: string, nodeId: string): void {
    this.#outbox.send("heartbeat_ack", id, { received: true, node_id: nodeId });
  }
}
