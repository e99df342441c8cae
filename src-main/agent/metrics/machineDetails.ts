import { readFileSync, statfsSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { RateTracker } from "../../host/rates.ts";
import type { DiskItem, NetworkItem } from "../../protocols/monitoring/messages.ts";
import type { Metrics } from "../../protocols/nodes/metrics.ts";
import { tenths } from "./sampler.ts";

const maxItems = 32;

/** Each file system and each interface of this machine, where the kernel lists them; else what a sample says in sum. */
export class MachineDetails {
  readonly #clock: Clock;
  readonly #rates = new Map<string, { readonly received: RateTracker; readonly sent: RateTracker }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  disks(sample: Metrics): readonly DiskItem[] {
    const mounts = parseMounts(read("/proc/self/mounts"));
    const disks = mounts.map(diskOf).filter((disk) => disk !== undefined);
    return disks.length > 0 ? disks.slice(0, maxItems) : rootOf(sample);
  }

  network(): readonly NetworkItem[] {
    const at = this.#clock.monotonicTime();
    const interfaces = parseInterfaces(read("/proc/net/dev")).slice(0, maxItems);
    const names = new Set(interfaces.map(({ name }) => name));
    // Containers bring interfaces and take them away.
    for (const name of this.#rates.keys()) if (!names.has(name)) this.#rates.delete(name);
    return interfaces.map(({ name, received, sent }) => {
      const rates = this.#rates.get(name) ?? { received: new RateTracker(), sent: new RateTracker() };
      this.#rates.set(name, rates);
      return {
        interface: name,
        rx_bytes: received,
        tx_bytes: sent,
        rx_rate: Math.round(rates.received.next(received, at) ?? 0),
        tx_rate: Math.round(rates.sent.next(sent, at) ?? 0),
      };
    });
  }
}

interface Mount {
  readonly device: string;
  readonly mount: string;
}

/** The root, and one mount of each block device. Others can hang: a server of files that is away. */
export function parseMounts(mounts: string): readonly Mount[] {
  const found: Mount[] = [];
  const devices = new Set<string>();
  for (const line of mounts.split("\n")) {
    const [device = "", mount = ""] = line.split(" ").map(plainPath);
    const isDisk = device.startsWith("/dev/") && !device.startsWith("/dev/loop");
    if (mount !== "/" && (!isDisk || devices.has(device))) continue;
    devices.add(device);
    if (!found.some((known) => known.mount === mount)) found.push({ device, mount });
  }
  return found;
}

export function parseInterfaces(
  dev: string,
): readonly { readonly name: string; readonly received: number; readonly sent: number }[] {
  return dev.split("\n").flatMap((line) => {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon === -1 || name === "lo") return [];
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    return { name, received: numbers[0] ?? 0, sent: numbers[8] ?? 0 };
  });
}

/** The kernel writes blanks in a path as `\040`. */
function plainPath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function diskOf({ device, mount }: Mount): DiskItem | undefined {
  try {
    const { blocks, bfree, bavail, bsize } = statfsSync(mount);
    const used = blocks - bfree;
    if (blocks === 0) return undefined;
    const percent = tenths((used / (used + bavail)) * 100);
    return { mount, device, total: blocks * bsize, used: used * bsize, percent };
  } catch {
    return undefined;
  }
}

function rootOf({ disk_usage: percent, disk_total: total, disk_available: available }: Metrics): readonly DiskItem[] {
  if (percent === undefined || total === undefined || available === undefined) return [];
  return [{ mount: process.platform === "win32" ? "C:\\" : "/", device: "", total, used: total - available, percent }];
}

/** A file that is not there reads as empty. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
