import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openAlerts } from "../../support/openAlerts.ts";
import { append } from "../../support/openMetrics.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

const minute = 60_000;
const hour = 60 * minute;

test("a command that fails is an alert for a while, one that succeeds is none", async (t) => {
  const core = await openAlerts(t);
  const node = await core.add();
  await core.connect("node-1", new RecordingLink());
  await core.rule({ condition: { kind: "command-failed" }, for: 0 });
  const run = async (exitCode: number): Promise<void> => {
    const command = { nodes: [node], commandText: "true", timeout: 60, expiresIn: hour, createdBy: "kim" };
    const [made] = await core.commands.create(command);
    await core.commands.finished(node, made?.id ?? "", { exitCode, stdout: "", stderr: "", executionTimeMs: 5 });
  };
  await run(0);
  assert.deepEqual(core.alerts.open(), []);
  await run(1);
  assert.equal(core.alerts.open()[0]?.kind, "command-failed");
  core.clock.advance(50_000);
  await run(2);
  core.clock.advance(50_000);
  assert.equal(core.alerts.open().length, 1, "it happened again meanwhile");
  core.clock.advance(15_000);
  assert.deepEqual(core.alerts.open(), []);
});

test("lines of a log: as many as the rule says, of its level, within its time, and none of long ago", async (t) => {
  const core = await openAlerts(t);
  const node = await core.add();
  await core.rule({
    condition: { kind: "log-pattern", pattern: "disk*error", level: "warning", count: 3, within: 10 * minute },
    for: 0,
  });
  const line = (age: number, level: "info" | "error" = "error", message = "Disk sda: I/O ERROR") => ({
    time: core.clock.wallTime() - age,
    level,
    message,
  });
  core.logs.emit({ nodeKey: node.key, entries: [line(0), line(1, "info"), line(2, "error", "all is well")] });
  core.logs.emit({ nodeKey: node.key, entries: [line(3 * hour), line(3 * hour), line(3 * hour)] });
  core.logs.emit({ nodeKey: node.key, entries: [line(12 * minute)] });
  assert.deepEqual(core.alerts.open(), []);
  core.logs.emit({ nodeKey: node.key, entries: [line(0)] });
  assert.deepEqual(core.alerts.open(), []);
  core.logs.emit({ nodeKey: node.key, entries: [line(0), line(0)] });
  const [alert] = core.alerts.open();
  assert.deepEqual([alert?.kind, alert?.value, alert?.threshold], ["log-pattern", 4, 3]);
  core.clock.advance(2 * minute);
  assert.deepEqual(core.alerts.open(), []);
});

test("a container that dies by itself is an alert until it runs again; one that somebody stopped is none", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  await core.rule({ condition: { kind: "container-died", name: "web-*" }, for: 0 });
  const happens = (event: string, exitCode?: number, name = "web-1"): void =>
    core.containers.emit({ nodeId: "node-1", container: { name }, event, exitCode });
  happens("die", 0);
  happens("die", 1, "db-1");
  happens("kill", undefined, "web-2");
  happens("die", 137, "web-2");
  happens("die", 143, "web-3");
  happens("stop", undefined, "web-3");
  core.clock.advance(10_000);
  assert.deepEqual(core.alerts.open(), []);
  happens("die", 1);
  core.clock.advance(10_000);
  assert.deepEqual(
    core.alerts.open().map(({ subject, value, message }) => [subject, value, message]),
    [["web-1", 1, "Container web-1 died."]],
  );
  core.clock.advance(hour);
  assert.equal(core.alerts.open().length, 1, "it is still dead");
  happens("start");
  core.clock.advance(30_000);
  assert.equal(core.alerts.open().length, 1);
  core.clock.advance(40_000);
  assert.deepEqual(core.alerts.open(), []);
  happens("oom", undefined, "web-4");
  core.clock.advance(4_000);
  assert.equal(core.alerts.open()[0]?.subject, "web-4");
});

test("a disk that fills is told of days before, once an hour", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  const start = core.clock.wallTime();
  for (let hours = 0; hours < 48; hours += 1) {
    core.clock.advance(hour);
    // Eight percent a day.
    await append(core.metrics, { time: start + hours * hour, values: { disk_usage: 50 + hours / 3 } });
  }
  const looked = t.mock.method(core.metrics, "history");
  await core.rule({ condition: { kind: "disk-forecast", within: 3 }, for: 0 });
  await core.rule({ condition: { kind: "disk-forecast", within: 6 }, for: 0 });
  core.clock.advance(6 * minute);
  while (looked.mock.callCount() === 0 || core.alerts.open().length === 0) await new Promise(setImmediate);
  const [alert] = core.alerts.open();
  assert.equal(looked.mock.callCount(), 1, "one look for all rules");
  assert.equal(core.alerts.open().length, 1);
  assert.equal(alert?.threshold, 6);
  assert.ok(Math.abs((alert?.value ?? 0) - (100 - 65.67) / 8) < 0.2, `${alert?.value}`);
});
