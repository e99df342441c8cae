import { loadavg, uptime } from "node:os";
import type { Metrics } from "../../protocols/nodes/metrics.ts";
import { type Sampler, tenths } from "./sampler.ts";

/** Measures through `systeminformation`, on every system that it knows. Loaded when the first sample is taken. */
export class PortableSampler implements Sampler {
  async sample(): Promise<Metrics> {
    const { currentLoad, mem, fsSize, networkStats } = await import("systeminformation");
    const [load, memory, fileSystems, networks] = await Promise.all([
      currentLoad(),
      mem(),
      fsSize(),
      networkStats("*"),
    ]);
    const root = fileSystems.find(({ mount }) => mount === "/" || /^C:/i.test(mount)) ?? fileSystems[0];
    const received = sumOf(networks.map(({ rx_sec }) => rx_sec));
    const sent = sumOf(networks.map(({ tx_sec }) => tx_sec));
    const loadAverage = loadavg()[0] ?? 0;
    return {
      cpu_usage: tenths(load.currentLoad),
      memory_usage: tenths((1 - memory.available / memory.total) * 100),
      memory_total: memory.total,
      memory_available: memory.available,
      ...(root === undefined
        ? {}
        : { disk_usage: tenths(root.use), disk_total: root.size, disk_available: root.available }),
      // Windows has no load average; Node reports zeros there.
      ...(process.platform === "win32" ? {} : { load_average: Math.round(loadAverage * 100) / 100 }),
      ...(received === undefined ? {} : { network_rx: Math.round(received) }),
      ...(sent === undefined ? {} : { network_tx: Math.round(sent) }),
      uptime: Math.round(uptime()),
    };
  }

  dispose(): void {}
}

/** The library reports null at the first reading and negative numbers when a counter was reset: neither is a rate. */
function sumOf(rates: readonly (number | null)[]): number | undefined {
  const known = rates.filter((rate): rate is number => rate !== null && Number.isFinite(rate) && rate >= 0);
  return known.length === 0 ? undefined : known.reduce((sum, rate) => sum + rate, 0);
}
