import type { ContainerStats } from "./containerEngine.ts";
import type { EngineStats } from "./engineMessages.ts";

/** A moment's processor time of a container. */
export interface CpuMoment {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Nanoseconds that it has computed. */
  readonly used: number;
}

/** The moment before, where the engine says it: Docker does, Podman does not. */
export function earlierCpu(stats: EngineStats): CpuMoment | undefined {
  return momentOf(stats.preread, stats.precpu_stats);
}

/** What a container uses now, its processor time since `before`. */
export function statsOf(stats: EngineStats, before: CpuMoment | undefined): ContainerStats {
  const { memory_stats: memory, networks, blkio_stats: io, pids_stats: processes } = stats;
  const now = currentCpu(stats);
  const span = before === undefined || now === undefined ? 0 : now.time - before.time;
  const used = span > 0 && before !== undefined && now !== undefined ? now.used - before.used : undefined;
  const cache = memory.stats["inactive_file"] ?? memory.stats["total_inactive_file"];
  return {
    time: now?.time ?? 0,
    cpu: used === undefined ? null : Math.max(0, (used / 1e6 / span) * 100),
    memory: {
      // What the kernel would give back at once is not what the container needs.
      used:
        memory.usage === null ? null : memory.usage - (typeof cache === "number" && cache < memory.usage ? cache : 0),
      limit: memory.limit,
    },
    network: { rx: sum(networks, "rx_bytes"), tx: sum(networks, "tx_bytes") },
    disk: {
      read: bytesOf(io.io_service_bytes_recursive, "read"),
      write: bytesOf(io.io_service_bytes_recursive, "write"),
    },
    processes: processes.current,
  };
}

export function currentCpu(stats: EngineStats): CpuMoment | undefined {
  return momentOf(stats.read, stats.cpu_stats);
}

function momentOf(read: string, cpu: EngineStats["cpu_stats"]): CpuMoment | undefined {
  const time = Date.parse(read);
  // A container that does not run, and Podman's moment before, are of the year 1.
  return cpu === null || !(time > 0) ? undefined : { time, used: cpu.cpu_usage.total_usage };
}

function sum(networks: EngineStats["networks"], field: "rx_bytes" | "tx_bytes"): number | null {
  if (networks === null) return null;
  return Object.values(networks).reduce((total, network) => total + (network[field] ?? 0), 0);
}

function bytesOf(entries: readonly { readonly op: string; readonly value: number }[], op: string): number | null {
  if (entries.length === 0) return null;
  return entries.reduce((total, entry) => total + (entry.op.toLowerCase() === op ? Math.max(0, entry.value) : 0), 0);
}
