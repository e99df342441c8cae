import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { PicketError } from "../../../src-main/base/errors.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { followedFile } from "../../support/followedFile.ts";

failOnLeaks();

test("what a core cannot store now is sent again, in the order in which it was written", async (t) => {
  let failures = 2;
  const scene = await followedFile(t, {
    send: async () => {
      failures -= 1;
      if (failures >= 0) throw new PicketError("DATABASE_ERROR");
    },
  });
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:02Z"));
  scene.write("one", "two");
  await scene.expect(["one", "two"]);
  assert.equal(failures, -1);
});

test("what a core will never take does not stand in the way of what comes after", async (t) => {
  let isFirst = true;
  const scene = await followedFile(t, {
    send: async () => {
      if (isFirst) {
        isFirst = false;
        throw new PicketError("INVALID_MESSAGE");
      }
    },
  });
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:02Z"));
  scene.write("refused");
  await scene.until(() => !isFirst);
  scene.write("after");
  await scene.expect(["after"]);
});

test("of a flood so much is sent as the policy allows; the rest is counted, and the count is told", async (t) => {
  const scene = await followedFile(t, { rules: ["max_lines_per_second: 10"] });
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:02Z"));
  scene.write("begin");
  await scene.expect(["begin"]);
  scene.write(...Array.from({ length: 1_000 }, (_, index) => `line ${index}`));
  const dropped = (): number => scene.arrived.reduce((sum, batch) => sum + batch.dropped, 0);
  await scene.until(() => scene.messages.length + dropped() >= 1_001);
  assert.equal(scene.messages.length + dropped(), 1_001, "every line was sent or counted");
  assert.ok(dropped() > 500, "most of it was dropped");
});

test("what was written while the core was away is sent at the policy's pace, and nothing of it is dropped", async (t) => {
  const scene = await followedFile(t, { rules: ["max_lines_per_second: 100"] });
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:02Z"));
  scene.write("begin");
  await scene.expect(["begin"]);
  scene.disconnect();
  const lines = Array.from({ length: 3_000 }, (_, index) => `line ${index} ${"x".repeat(200)}`);
  scene.write(...lines);
  const before = scene.clock.wallTime();
  scene.connect();
  await scene.expect(["begin", ...lines]);
  assert.ok(scene.clock.wallTime() - before >= 10_000, "it took the time that the policy says");
  assert.ok(scene.arrived.every(({ dropped }) => dropped === 0));
});

test("secrets do not leave the machine, also those that only the policy knows", async (t) => {
  const scene = await followedFile(t, { rules: ["mask: ['card \\d+']"] });
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:02Z"));
  scene.write("password=hunter2 card 4711", "-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY-----", "end");
  await scene.expect(["password=‹masked› ‹masked›", "‹masked›", "‹masked›", "‹masked›", "end"]);
});

test("a policy that takes the right away is obeyed within seconds, and one that gives it back too", async (t) => {
  const scene = await followedFile(t);
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:02Z"));
  scene.write("allowed");
  await scene.expect(["allowed"]);
  const rules = `logs: {journald: false, files: ["${scene.folder}/*.log"]}`;
  writeFileSync(scene.policyFile, `version: 1\ncapabilities: []\n${rules}\n`);
  const silentFrom = scene.clock.wallTime() + 6_000;
  await scene.until(() => scene.clock.wallTime() > silentFrom);
  scene.write("forbidden");
  const until = scene.clock.wallTime() + 10_000;
  await scene.until(() => scene.clock.wallTime() > until);
  assert.deepEqual(scene.messages, ["allowed"]);
  writeFileSync(scene.policyFile, `version: 1\ncapabilities: [logs]\n${rules}\n`);
  // It was written while nobody was allowed to read: the file goes on where it was.
  await scene.expect(["allowed", "forbidden"]);
});

test("what the agent says about itself makes no batch larger than a core takes", async (t) => {
  const scene = await followedFile(t, {
    send: async ({ entries }) => {
      if (entries.length > 500) throw new PicketError("INVALID_MESSAGE");
    },
  });
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:02Z"));
  scene.write("begin");
  await scene.expect(["begin"]);
  scene.disconnect();
  for (let count = 0; count < 50; count += 1) scene.events.logger.warn(`said ${count}`);
  const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index}`);
  scene.write(...lines);
  scene.connect();
  await scene.expect(["begin", ...lines]);
  await scene.until(() => scene.ownMessages.length === 50);
});

test("what the agent says about itself arrives, also what it said while the core was away", async (t) => {
  const scene = await followedFile(t);
  await scene.until(() => scene.clock.wallTime() > Date.parse("2026-03-01T12:00:01Z"));
  scene.disconnect();
  scene.events.logger.warn("a command was refused", { command: "c1", token: "pkt_enrol_secret" });
  scene.connect();
  await scene.until(() => scene.ownMessages.length === 1);
  assert.equal(scene.ownMessages[0], 'a command was refused command="c1" token="‹masked›"');
});
