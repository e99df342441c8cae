import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { LinuxCounters, parseCpu, parseDisks, parseNetwork } from "../../src-main/host/linuxCounters.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";

failOnLeaks();

const stat = `cpu  100 20 30 800 50 6 4 10 7 3
cpu0 60 10 20 400 30 4 3 5 7 0
cpu1 40 10 10 400 20 2 1 5 0 3
intr 123456 7 8 9
ctxt 1000
btime 1767225600
`;

test("processor times: guest time is in user already, idle and waiting are not busy", () => {
  assert.deepEqual(parseCpu(stat), [
    { total: 1020, busy: 170 },
    { total: 532, busy: 102 },
    { total: 488, busy: 68 },
  ]);
});

test("an old kernel without steal and guest times is read too", () => {
  assert.deepEqual(parseCpu("cpu 10 0 5 85\ncpu0 10 0 5 85\n"), [
    { total: 100, busy: 15 },
    { total: 100, busy: 15 },
  ]);
});

const dev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9000000   100    0    0    0     0          0         0 9000000     100    0    0    0     0       0          0
  eth0: 1000      10    0    0    0     0          0         0     200       2    0    0    0     0       0          0
enp3s0:50 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
docker0: 700 7 0 0 0 0 0 0 700 7 0 0 0 0 0 0
vethab12: 700 7 0 0 0 0 0 0 700 7 0 0 0 0 0 0
br-1234: 700 7 0 0 0 0 0 0 700 7 0 0 0 0 0 0
   wg0: 700 7 0 0 0 0 0 0 700 7 0 0 0 0 0 0
 wlan0: 9007199254000000 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0
`;

test("networks: what leads out of the machine, with or without a blank behind the colon", () => {
  const withoutWireless = dev.replace(/ wlan0.*\n/, "");
  assert.deepEqual(parseNetwork(withoutWireless), { networkReceived: 1050, networkSent: 207 });
  assert.equal(parseNetwork(dev).networkReceived, 9_007_199_254_001_050);
});

const diskstats = `   8       0 sda 100 5 2000 50 60 7 800 30 0 40 80
   8       1 sda1 90 5 1900 50 60 7 800 30 0 40 80
 259       0 nvme0n1 10 0 16 1 2 0 8 1 0 1 2 0 0 0 0
 259       1 nvme0n1p1 10 0 16 1 2 0 8 1 0 1 2
 179       0 mmcblk0 1 0 2 0 0 0 0 0 0 0 0
 179       1 mmcblk0p1 1 0 2 0 0 0 0 0 0 0 0
 253       0 dm-0 100 0 2000 0 60 0 800 0 0 0 0
   7       0 loop0 100 0 2000 0 0 0 0 0 0 0 0
   9       0 md0 100 0 2000 0 60 0 800 0 0 0 0
 252       0 vda 1 0 4 0 1 0 6 0 0 0 0
 202       0 xvdb 1 0 8 0 1 0 2 0 0 0 0
`;

test("disks: whole ones only, so that nothing is counted twice, in bytes", () => {
  assert.deepEqual(parseDisks(diskstats), {
    diskRead: (2000 + 16 + 2 + 4 + 8) * 512,
    diskWritten: (800 + 8 + 0 + 6 + 2) * 512,
  });
});

test("files that a container hides read as nothing, not as an error", () => {
  assert.deepEqual(parseCpu(""), []);
  assert.deepEqual(parseNetwork(""), { networkReceived: 0, networkSent: 0 });
  assert.deepEqual(parseDisks(""), { diskRead: 0, diskWritten: 0 });
});

test("this machine's counters grow and its gauges are sensible", { skip: !existsSync("/proc/stat") }, (t) => {
  const counters = new LinuxCounters();
  t.after(() => counters.dispose());
  const first = counters.counters();
  const until = performance.now() + 100;
  while (performance.now() < until);
  const second = counters.counters();
  assert.ok(second.cpuBusy > first.cpuBusy, "this very test was work");
  assert.ok(second.cores.length > 0);
  for (const value of Object.values(second).filter((one) => typeof one === "number")) assert.ok(value >= 0);
  const gauges = counters.gauges();
  assert.ok(gauges.memoryTotal > 2 ** 27 && gauges.memoryTotal < 2 ** 50);
  assert.ok(gauges.memoryAvailable > 0 && gauges.memoryAvailable <= gauges.memoryTotal);
  assert.ok(gauges.loadAverage >= 0 && gauges.uptime > 0);
  counters.dispose();
  assert.ok(counters.counters().cpuTotal > 0, "closed, it opens its files again");
});
