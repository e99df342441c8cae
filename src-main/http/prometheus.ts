import type { Core } from "../core/core.ts";

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly value: number;
  readonly type?: "gauge" | "counter";
}

/** Numbers about the core as Prometheus' text format 0.0.4 has them. Sums only: no node is named. */
export function prometheusText(gauges: readonly Gauge[]): string {
  return gauges
    .map(
      ({ name, help, value, type = "gauge" }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`,
    )
    .join("");
}

export interface ConnectionCounts {
  readonly nodes: number;
  readonly consoles: number;
}

export async function coreGauges(core: Core, connections: ConnectionCounts): Promise<Gauge[]> {
  const nodes = core.nodes.list();
  const memory = process.memoryUsage.rss();
  return [
    { name: "picket_nodes", help: "Nodes that are enrolled.", value: nodes.length },
    {
      name: "picket_nodes_online",
      help: "Nodes that are online.",
      value: nodes.filter(({ status }) => status === "online").length,
    },
    { name: "picket_node_connections", help: "Open connections of nodes.", value: connections.nodes },
    { name: "picket_console_connections", help: "Open connections of consoles.", value: connections.consoles },
    { name: "picket_room_clients", help: "Clients that are in rooms.", value: core.rooms.memberCount },
    {
      name: "picket_samples_stored_total",
      help: "Samples stored since the start.",
      value: core.metrics.storedCount,
      type: "counter",
    },
    {
      name: "picket_storage_failing",
      help: "1 while samples are refused because they cannot be stored.",
      value: core.metrics.failure === undefined ? 0 : 1,
    },
    { name: "picket_database_bytes", help: "Bytes of the database in use.", value: await core.metrics.usedBytes() },
    { name: "process_resident_memory_bytes", help: "Resident memory.", value: memory },
    {
      name: "process_cpu_seconds_total",
      help: "Processor time.",
      value: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
      type: "counter",
    },
  ];
}
