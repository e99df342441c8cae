import { statfsSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { LinuxCounters } from "../../host/linuxCounters.ts";
import { BusyTracker, RateTracker } from "../../host/rates.ts";
import type { Metrics } from "../../protocols/nodes/metrics.ts";
import { type Sampler, tenths } from "./sampler.ts";

/** Reads `/proc` and asks the kernel about the root file system: less than half a millisecond and no child process. */
export class LinuxSampler implements Sampler {
  readonly #clock: Clock;
  readonly #host = new LinuxCounters();
  readonly #cpu = new BusyTracker();
  readonly #received = new RateTracker();
  readonly #sent = new RateTracker();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async sample(): Promise<Metrics> {
    const counters = this.#host.counters();
    const gauges = this.#host.gauges();
    const at = this.#clock.monotonicTime();
    const cpu = this.#cpu.next(counters.cpuTotal, counters.cpuBusy);
    const received = this.#received.next(counters.networkReceived, at);
    const sent = this.#sent.next(counters.networkSent, at);
    const { memoryTotal, memoryAvailable, loadAverage, uptime } = gauges;
    return {
      ...(cpu === undefined ? {} : { cpu_usage: tenths(cpu) }),
      ...(memoryTotal > 0 && memoryAvailable >= 0
        ? {
            memory_usage: tenths((1 - memoryAvailable / memoryTotal) * 100),
            memory_total: memoryTotal,
            memory_available: memoryAvailable,
          }
        : {}),
      ...rootFileSystem(),
      ...(Number.isFinite(loadAverage) ? { load_average: loadAverage } : {}),
      ...(received === undefined ? {} : { network_rx: Math.round(received) }),
      ...(sent === undefined ? {} : { network_tx: Math.round(sent) }),
      ...(Number.isFinite(uptime) ? { uptime: Math.round(uptime) } : {}),
    };
  }

  dispose(): void {
    this.#host.dispose();
  }
}

function rootFileSystem(): Metrics {
  try {
    const { blocks, bfree, bavail, bsize } = statfsSync("/");
    const used = blocks - bfree;
    if (blocks === 0) return {};
    return {
      // As df has it: of what users could use, how much is used.
      disk_usage: tenths((used / (used + bavail)) * 100),
      disk_total: blocks * bsize,
      disk_available: bavail * bsize,
    };
  } catch {
    return {};
  }
}
