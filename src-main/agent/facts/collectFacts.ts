// A process of its own: the library that knows the machine is large, starts other programs, and is needed for a second
// a day. What it costs is given back when this process ends. Prints one JSON object.
import { hostname } from "node:os";
import {
  baseboard,
  bios,
  cpu,
  diskLayout,
  fsSize,
  graphics,
  mem,
  networkInterfaces,
  osInfo,
  system,
  users,
} from "systeminformation";

const [os, processor, memory, machine, board, firmware, disks, fileSystems, interfaces, gpus, sessions] =
  await Promise.all([
    osInfo(),
    cpu(),
    mem(),
    system(),
    baseboard(),
    bios(),
    diskLayout(),
    fsSize(),
    networkInterfaces(),
    graphics(),
    users(),
  ]);

const facts = {
  hostname: hostname(),
  fqdn: os.fqdn,
  os: { platform: os.platform, distribution: os.distro, release: os.release, kernel: os.kernel, arch: os.arch },
  hardware: {
    manufacturer: machine.manufacturer,
    model: machine.model,
    virtual: machine.virtual,
    board: `${board.manufacturer} ${board.model}`.trim(),
    firmware: `${firmware.vendor} ${firmware.version}`.trim(),
  },
  cpu: {
    model: `${processor.manufacturer} ${processor.brand}`.trim(),
    cores: processor.cores,
    physicalCores: processor.physicalCores,
    speedGhz: processor.speed,
  },
  memory: { total: memory.total, swap: memory.swaptotal },
  disks: disks.map(({ name, vendor, type, size }) => ({ name: `${vendor} ${name}`.trim(), type, size })),
  fileSystems: fileSystems.map(({ mount, fs, type, size, used }) => ({ mount, device: fs, type, size, used })),
  network: (Array.isArray(interfaces) ? interfaces : [interfaces])
    .filter(({ internal }) => !internal)
    .map(({ iface, ip4, ip6, mac, speed }) => ({ name: iface, ipv4: ip4, ipv6: ip6, mac, speed })),
  graphics: gpus.controllers.map(({ vendor, model }) => `${vendor} ${model}`.trim()),
  signedInUsers: [...new Set(sessions.map(({ user }) => user))],
};

process.stdout.write(JSON.stringify(facts));
