import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInterfaces, parseMounts } from "../../src-main/agent/metrics/machineDetails.ts";

test("the root and one mount of each disk; what is no disk, and what can hang, is left out", () => {
  const mounts = `proc /proc proc rw 0 0
overlay / overlay rw 0 0
/dev/sda1 /data ext4 rw 0 0
/dev/sda1 /data/again ext4 rw 0 0
/dev/sdb1 /my\\040disk ext4 rw 0 0
/dev/loop3 /snap/core squashfs ro 0 0
server:/files /mnt/files nfs4 rw 0 0
tmpfs /run tmpfs rw 0 0
`;
  assert.deepEqual(parseMounts(mounts), [
    { device: "overlay", mount: "/" },
    { device: "/dev/sda1", mount: "/data" },
    { device: "/dev/sdb1", mount: "/my disk" },
  ]);
  assert.deepEqual(parseMounts(""), []);
});

test("every interface but the one that leads nowhere", () => {
  const dev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 111 1 0 0 0 0 0 0 111 1 0 0 0 0 0 0
  eth0: 5000 10 0 0 0 0 0 0 7000 20 0 0 0 0 0 0
docker0:12 1 0 0 0 0 0 0 34 1 0 0 0 0 0 0
`;
  assert.deepEqual(parseInterfaces(dev), [
    { name: "eth0", received: 5_000, sent: 7_000 },
    { name: "docker0", received: 12, sent: 34 },
  ]);
  assert.deepEqual(parseInterfaces(""), []);
});
