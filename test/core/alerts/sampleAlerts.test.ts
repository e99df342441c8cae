import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openAlerts } from "../../support/openAlerts.ts";
import { append } from "../../support/openMetrics.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

const minute = 60_000;
const hour = 60 * minute;
const busy = { cpu_usage: 95 };
const calm = { cpu_usage: 20 };

test("a threshold fires after its time, is told once, and is over after as long again", async (t) => {
  const core = await openAlerts(t);
  const node = await core.add();
  const changes = core.heard("alert-changed");
  const rule = await core.rule({ channels: ["chat"] });
  await core.live(calm, { for: minute });
  await core.live(busy, { for: 5 * minute });
  assert.deepEqual(core.alerts.open(), [], "the first busy sample was less than five minutes ago");
  await core.live(busy, { for: minute });
  const [alert] = core.alerts.open();
  assert.ok(alert !== undefined);
  assert.deepEqual(
    [alert.ruleId, alert.rule, alert.nodeId, alert.state, alert.severity, alert.value, alert.threshold],
    [rule.id, "CPU busy", node.nodeId, "firing", "warning", 95, 90],
  );
  assert.equal(alert.message, "CPU usage is 95 %, above 90 %.");
  assert.equal(core.told.length, 1);
  assert.deepEqual(core.told[0]?.channels, ["console", "chat"]);
  assert.equal(core.told[0]?.content.kind, "firing");
  assert.equal(core.told[0]?.content.incidents[0]?.alerts[0]?.node, "host");
  await core.live(calm, { for: 4 * minute });
  assert.equal(core.alerts.open().length, 1, "it must be good for as long as it was bad");
  await core.live(calm, { for: 2 * minute });
  assert.deepEqual(core.alerts.open(), []);
  assert.deepEqual(
    core.told.map(({ content }) => content.kind),
    ["firing", "resolved"],
  );
  const [stored] = await core.alerts.list({}, { limit: 10 });
  assert.equal(stored?.state, "resolved");
  assert.ok((stored?.resolvedAt ?? 0) > alert.startedAt);
  assert.deepEqual(new Set(changes.map(({ alertId }) => alertId)), new Set([alert.id]));
});

test("what flaps stays one alert, and one good sample starts the time anew", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  await core.rule();
  for (let round = 0; round < 4; round += 1) {
    await core.live(busy, { for: 4 * minute });
    await core.live(calm, { for: 30_000 });
  }
  assert.deepEqual(core.alerts.open(), [], "never five minutes in a row");
  await core.live(busy, { for: 6 * minute });
  for (let round = 0; round < 4; round += 1) {
    await core.live(calm, { for: 2 * minute });
    await core.live(busy, { for: minute });
  }
  assert.equal(core.alerts.open().length, 1);
  assert.deepEqual(
    core.told.map(({ content }) => content.kind),
    ["firing"],
  );
});

test("what a node kept during an outage raises no alert for the past", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  await core.rule();
  await core.live(calm, { for: minute });
  core.clock.advance(2 * hour);
  const now = core.clock.wallTime();
  for (let time = now - 2 * hour; time < now - 3 * minute; time += 20_000) {
    core.clock.advance(5);
    await append(core.metrics, { time, values: busy });
  }
  assert.deepEqual(core.alerts.open(), []);
  await core.live(calm, { for: 2 * minute });
  assert.deepEqual(await core.alerts.list({}, { limit: 10 }), []);
  await core.live(busy, { for: 6 * minute });
  assert.equal(core.alerts.open().length, 1, "and what is so now still does");
});

test("no jump of the core's clock raises anything, and afterwards the rules still work", async (t) => {
  for (const jump of [3 * hour, -3 * hour, 7 * minute, -7 * minute]) {
    const core = await openAlerts(t);
    await core.add();
    await core.rule();
    // The node's clock is right all along.
    let nodeTime = core.clock.wallTime();
    const live = async (values: typeof busy, lasting: number): Promise<void> => {
      for (let passed = 0; passed < lasting; passed += 30_000) {
        core.clock.advance(30_000);
        nodeTime += 30_000;
        await append(core.metrics, { time: nodeTime, values });
      }
    };
    await live(calm, 2 * minute);
    await live(busy, minute);
    core.clock.jump(jump);
    await live(busy, 2 * minute);
    assert.deepEqual(core.alerts.open(), [], `busy for three minutes, the clock moved by ${jump}`);
    await live(busy, 10 * minute);
    assert.equal(core.alerts.open().length, 1, `busy for long, the clock moved by ${jump}`);
    await core.alerts.close();
  }
});

test("a node whose clock jumps ahead was not busy all that time", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  await core.rule();
  await core.live(busy, { for: 2 * minute });
  core.clock.advance(30_000);
  await append(core.metrics, { time: core.clock.wallTime() + 8 * minute, values: busy });
  assert.deepEqual(core.alerts.open(), []);
});

test("a firing alert goes on over a restart and is over when it is", async (t) => {
  const first = await openAlerts(t);
  await first.add();
  await first.rule();
  await first.live(busy, { for: 6 * minute });
  const [before] = first.alerts.open();
  first.clock.advance(10_000);
  const core = await first.restartAlerts();
  assert.deepEqual(
    core.alerts.open().map(({ id }) => id),
    [before?.id],
  );
  await core.live(busy, { for: 6 * minute });
  assert.equal(core.alerts.open().length, 1);
  assert.equal(core.told.length, 0, "nothing new to tell");
  await core.live(calm, { for: 6 * minute });
  assert.deepEqual(core.alerts.open(), []);
  assert.deepEqual(
    core.told.map(({ content }) => [content.kind, content.incidents[0]?.alerts.length]),
    [["resolved", 1]],
  );
});

test("a rate fires on the change, whatever the level", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  await core.rule({ for: 0, condition: { kind: "rate", metric: "memory_usage", per: 10 * minute, change: 20 } });
  await core.live({ memory_usage: 70 }, { for: 15 * minute, every: minute });
  await core.live({ memory_usage: 85 }, { for: 2 * minute, every: minute });
  assert.deepEqual(core.alerts.open(), []);
  await core.live({ memory_usage: 91 }, { for: minute, every: minute });
  const [alert] = core.alerts.open();
  assert.deepEqual([alert?.value, alert?.threshold], [21, 20]);
  await core.live({ memory_usage: 91 }, { for: 14 * minute, every: minute });
  assert.deepEqual(core.alerts.open(), [], "it has stopped rising");
});

test("without a rule for them nobody listens to samples", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  const rule = await core.rule();
  await core.live(busy, { for: 6 * minute });
  assert.equal(core.alerts.open().length, 1);
  await core.alerts.removeRule(rule.id);
  assert.deepEqual(core.alerts.open(), [], "its alerts went with it");
  assert.equal(core.told.length, 1, "and nobody is told that they did");
  const subscribed = t.mock.method(core.metrics, "onStored");
  await core.rule({ condition: { kind: "node-offline" } });
  assert.equal(subscribed.mock.callCount(), 0);
  await core.rule();
  assert.equal(subscribed.mock.callCount(), 1);
});

test("a rule watches only its scope, and a node that leaves it takes its alert along", async (t) => {
  const core = await openAlerts(t);
  const node = await core.add();
  await core.rule({ for: 0, scope: { kind: "tags", tags: ["web"] } });
  await core.live(busy, { for: minute });
  assert.deepEqual(core.alerts.open(), []);
  await core.nodes.change(node.nodeId, { tags: ["db", "web"] });
  await core.live(busy, { for: minute });
  assert.equal(core.alerts.open().length, 1);
  await core.nodes.change(node.nodeId, { tags: [] });
  assert.deepEqual(core.alerts.open(), []);
});

test("numbers that stop coming from a connected node are missed, on the core's own time", async (t) => {
  const core = await openAlerts(t);
  await core.add();
  const link = new RecordingLink();
  await core.connect("node-1", link);
  await core.rule({ condition: { kind: "missing-data" }, for: 3 * minute });
  const pass = (lasting: number): void => {
    for (let passed = 0; passed < lasting; passed += 2_000) {
      core.nodes.heard("node-1");
      core.clock.advance(2_000);
    }
  };
  await append(core.metrics, { time: core.clock.wallTime() });
  core.clock.jump(hour);
  pass(2 * minute);
  assert.deepEqual(core.alerts.open(), []);
  pass(2 * minute);
  assert.equal(core.alerts.open()[0]?.kind, "missing-data");
  for (let round = 0; round < 4; round += 1) {
    await append(core.metrics, { time: core.clock.wallTime() });
    pass(30_000);
  }
  assert.deepEqual(core.alerts.open(), []);
});
