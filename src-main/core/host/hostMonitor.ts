import { cpus, freemem, totalmem } from "node:os";
import type { Clock } from "../../base/clock.ts";
import { type Disposable, toDisposable } from "../../base/disposable.ts";
import { type HostCounters, LinuxCounters } from "../../host/linuxCounters.ts";
import { BusyTracker, RateTracker } from "../../host/rates.ts";

/** What `system-monitor` shows of a machine. */
export interface HostReading {
  /** Percent. */
  readonly cpu: { readonly usage: number; readonly cores: readonly number[] };
  /** KiB and percent. */
  readonly memory: { readonly total: number; readonly used: number; readonly usage: number };
  /** Bytes per second. */
  readonly disk: { readonly read: number; readonly write: number };
  readonly network: { readonly rx: number; readonly tx: number };
}

const tick = 1_000;

/** The machine that the core runs on, for whoever watches it without an agent. Reads only while somebody does. */
export class HostMonitor implements Disposable {
  readonly #clock: Clock;
  readonly #counters: LinuxCounters | undefined;
  readonly #cores: BusyTracker[] = [];
  readonly #all = new BusyTracker();
  readonly #rates = {
    read: new RateTracker(),
    write: new RateTracker(),
    rx: new RateTracker(),
    tx: new RateTracker(),
  };

  #watchers = 0;
  #timer: Disposable | undefined;
  #latest: HostReading;

  constructor(clock: Clock, platform: NodeJS.Platform = process.platform) {
    this.#clock = clock;
    this.#counters = platform === "linux" ? new LinuxCounters() : undefined;
    this.#latest = this.#read();
  }

  /** The newest reading: at most a second old while somebody watches. */
  get latest(): HostReading {
    return this.#latest;
  }

  /** Keeps `latest` new until disposed. */
  watch(): Disposable {
    this.#watchers += 1;
    if (this.#watchers === 1) {
      this.#latest = this.#read();
      this.#timer = this.#clock.repeat(tick, () => {
        this.#latest = this.#read();
      });
    }
    return toDisposable(() => {
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#timer?.dispose();
    });
  }

  #read(): HostReading {
    const counters = this.#counters?.counters() ?? portableCounters();
    const gauges = this.#counters?.gauges();
    const at = this.#clock.monotonicTime();
    const total = (gauges?.memoryTotal ?? totalmem()) / 1024;
    const used = total - (gauges?.memoryAvailable ?? freemem()) / 1024;
    return {
      cpu: {
        usage: round(this.#all.next(counters.cpuTotal, counters.cpuBusy)),
        cores: counters.cores.map((core, index) => {
          this.#cores[index] ??= new BusyTracker();
          return round(this.#cores[index].next(core.total, core.busy));
        }),
      },
      memory: { total: Math.round(total), used: Math.round(used), usage: round((used / total) * 100) },
      disk: {
        read: round(this.#rates.read.next(counters.diskRead, at)),
        write: round(this.#rates.write.next(counters.diskWritten, at)),
      },
      network: {
        rx: round(this.#rates.rx.next(counters.networkReceived, at)),
        tx: round(this.#rates.tx.next(counters.networkSent, at)),
      },
    };
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#counters?.dispose();
  }
}

/** What Node knows on every system: processors and memory; disks and networks stay at zero. */
function portableCounters(): HostCounters {
  const cores = cpus().map(({ times }) => {
    const busy = times.user + times.nice + times.sys + times.irq;
    return { total: busy + times.idle, busy };
  });
  const sum = (key: "total" | "busy"): number => cores.reduce((result, core) => result + core[key], 0);
  const nothing = { networkReceived: 0, networkSent: 0, diskRead: 0, diskWritten: 0 };
  return { cpuTotal: sum("total"), cpuBusy: sum("busy"), cores, ...nothing };
}

function round(value: number | undefined): number {
  return Math.round((value ?? 0) * 10) / 10;
}
