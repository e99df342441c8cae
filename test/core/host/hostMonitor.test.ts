import assert from "node:assert/strict";
import { cpus, totalmem } from "node:os";
import { test } from "node:test";
import { HostMonitor } from "../../../src-main/core/host/hostMonitor.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";

failOnLeaks();

for (const platform of ["linux", "darwin"] as const) {
  test(`on ${platform} it reads while somebody watches, and only then`, (t) => {
    const clock = new ManualClock();
    const monitor = new HostMonitor(clock, platform);
    t.after(() => monitor.dispose());
    assert.equal(clock.timerCount, 0);
    const atRest = monitor.latest;
    clock.advance(60_000);
    assert.equal(monitor.latest, atRest);
    const [one, two] = [monitor.watch(), monitor.watch()];
    assert.equal(clock.timerCount, 1);
    const watched = monitor.latest;
    assert.notEqual(watched, atRest, "the first to watch sees no old reading");
    clock.advance(1_000);
    assert.notEqual(monitor.latest, watched);
    one.dispose();
    one.dispose();
    assert.equal(clock.timerCount, 1, "one still watches");
    two.dispose();
    assert.equal(clock.timerCount, 0);
    const last = monitor.latest;
    clock.advance(60_000);
    assert.equal(monitor.latest, last);
    monitor.watch().dispose();
    assert.notEqual(monitor.latest, last, "and it can be watched again");
  });

  test(`on ${platform} a reading has sensible numbers of this machine`, (t) => {
    const clock = new ManualClock();
    const monitor = new HostMonitor(clock, platform);
    t.after(() => monitor.dispose());
    const watching = monitor.watch();
    for (let second = 0; second < 3; second += 1) clock.advance(1_000);
    watching.dispose();
    const { cpu, memory, disk, network } = monitor.latest;
    assert.equal(cpu.cores.length, cpus().length);
    for (const usage of [cpu.usage, ...cpu.cores, memory.usage]) assert.ok(usage >= 0 && usage <= 100, `${usage}`);
    assert.ok(Math.abs(memory.total - totalmem() / 1024) < totalmem() / 1024 / 10);
    assert.ok(memory.used > 0 && memory.used <= memory.total);
    for (const rate of [disk.read, disk.write, network.rx, network.tx]) assert.ok(rate >= 0, `${rate}`);
  });
}

test("disposing it while somebody watches leaves nothing running", () => {
  const clock = new ManualClock();
  const monitor = new HostMonitor(clock);
  const watching = monitor.watch();
  monitor.dispose();
  watching.dispose();
  assert.equal(clock.timerCount, 0);
});
