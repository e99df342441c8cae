import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { NodeWatch } from "../../../src-main/core/nodes/nodeWatch.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openNodes } from "../../support/openNodes.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

async function setUp(t: TestContext) {
  const { nodes, add } = await openNodes(t);
  await add();
  const link = new RecordingLink();
  nodes.connected("node-1", link, 5_000);
  return { nodes, link, watch: new NodeWatch(nodes) };
}

test("a node reports as fast as its most impatient watcher wants, and rests when nobody looks", async (t) => {
  const { watch, link } = await setUp(t);
  const slow = watch.watch("node-1", 3_000);
  const fast = watch.watch("node-1", 1_000);
  const other = watch.watch("node-1", 2_000);
  other.dispose();
  fast.dispose();
  fast.dispose();
  slow.dispose();
  assert.deepEqual(link.intervals, [3_000, 1_000, 3_000, 5_000]);
});

test("nobody makes a node report faster than every second or slower than at rest", async (t) => {
  const { watch, link } = await setUp(t);
  watch.watch("node-1", 60_000);
  assert.deepEqual(link.intervals, []);
  watch.watch("node-1", 10);
  assert.deepEqual(link.intervals, [1_000]);
});

test("a node that comes back while it is watched is told again; one that nobody watches is left alone", async (t) => {
  const { watch, nodes, link } = await setUp(t);
  const watcher = watch.watch("node-1", 1_000);
  nodes.disconnected("node-1", link);
  const next = new RecordingLink();
  nodes.connected("node-1", next, 5_000);
  watch.nodeConnected("node-1");
  assert.deepEqual(next.intervals, [1_000]);
  watcher.dispose();
  watch.nodeConnected("node-1");
  assert.deepEqual(next.intervals, [1_000, 5_000]);
});

test("a node that is away can be watched", async (t) => {
  const { watch, nodes, link } = await setUp(t);
  nodes.disconnected("node-1", link);
  watch.watch("node-1", 1_000).dispose();
  assert.deepEqual(link.intervals, []);
});
