import { closeSync, openSync, readSync } from "node:fs";
import type { Disposable } from "../base/disposable.ts";

/** What the kernel counts since the start, read without a child process: 0.1 ms for all of it. */
export interface HostCounters {
  /** Ticks of all processors together, and those of them that were not idle. */
  readonly cpuTotal: number;
  readonly cpuBusy: number;
  /** The same per processor. */
  readonly cores: readonly { readonly total: number; readonly busy: number }[];
  /** Bytes over all interfaces that lead out of this machine. */
  readonly networkReceived: number;
  readonly networkSent: number;
  /** Bytes over all whole disks. */
  readonly diskRead: number;
  readonly diskWritten: number;
}

export interface HostGauges {
  /** Bytes. */
  readonly memoryTotal: number;
  readonly memoryAvailable: number;
  /** Over one minute. */
  readonly loadAverage: number;
  /** Seconds. */
  readonly uptime: number;
}

/** Interfaces inside the machine: what goes over them is counted again where it leaves. */
const innerInterface = /^(lo|veth|docker|br-|virbr|cni|flannel|cali|tap|tun|wg|bond_slave)/;
const wholeDisk = /^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|hd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;
const sectorBytes = 512;

/** Reads `/proc` with files that stay open: opening costs more than reading. */
export class LinuxCounters implements Disposable {
  readonly #files = new Map<string, number>();
  #buffer = Buffer.allocUnsafe(16 * 1024);

  counters(): HostCounters {
    const [all, ...cores] = parseCpu(this.#read("/proc/stat"));
    const network = parseNetwork(this.#read("/proc/net/dev"));
    const disks = parseDisks(this.#read("/proc/diskstats"));
    return { cpuTotal: all?.total ?? 0, cpuBusy: all?.busy ?? 0, cores, ...network, ...disks };
  }

  gauges(): HostGauges {
    const memory = this.#read("/proc/meminfo");
    return {
      memoryTotal: kibibytes(memory, "MemTotal") * 1024,
      memoryAvailable: kibibytes(memory, "MemAvailable") * 1024,
      loadAverage: Number.parseFloat(this.#read("/proc/loadavg")),
      uptime: Number.parseFloat(this.#read("/proc/uptime")),
    };
  }

  dispose(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  /** A file that is not there (a container hides some) reads as empty. */
  #read(path: string): string {
    try {
      let file = this.#files.get(path);
      if (file === undefined) {
        file = openSync(path, "r");
        this.#files.set(path, file);
      }
      let length = readSync(file, this.#buffer, 0, this.#buffer.length, 0);
      while (length === this.#buffer.length) {
        // Machines with hundreds of processors have a long /proc/stat.
        this.#buffer = Buffer.allocUnsafe(this.#buffer.length * 2);
        length = readSync(file, this.#buffer, 0, this.#buffer.length, 0);
      }
      return this.#buffer.toString("latin1", 0, length);
    } catch {
      return "";
    }
  }
}

export function parseCpu(stat: string): { readonly total: number; readonly busy: number }[] {
  const result: { total: number; busy: number }[] = [];
  for (const line of stat.split("\n")) {
    if (!line.startsWith("cpu")) break;
    // user nice system idle iowait irq softirq steal; guest times are in user already.
    const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
    const total = ticks.reduce((sum, value) => sum + value, 0);
    result.push({ total, busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0) });
  }
  return result;
}

export function parseNetwork(dev: string): { readonly networkReceived: number; readonly networkSent: number } {
  let networkReceived = 0;
  let networkSent = 0;
  for (const line of dev.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon === -1 || innerInterface.test(name)) continue;
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    networkReceived += Number(numbers[0]);
    networkSent += Number(numbers[8]);
  }
  return { networkReceived, networkSent };
}

export function parseDisks(diskstats: string): { readonly diskRead: number; readonly diskWritten: number } {
  let diskRead = 0;
  let diskWritten = 0;
  for (const line of diskstats.split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (!wholeDisk.test(fields[2] ?? "")) continue;
    diskRead += Number(fields[5]) * sectorBytes;
    diskWritten += Number(fields[9]) * sectorBytes;
  }
  return { diskRead, diskWritten };
}

function kibibytes(meminfo: string, name: string): number {
  const at = meminfo.indexOf(`${name}:`);
  return at === -1 ? Number.NaN : Number.parseInt(meminfo.slice(at + name.length + 1), 10);
}
