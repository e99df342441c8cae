import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { newRegistration, openNodes, type TestNodes } from "../../support/openNodes.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

const statusOf = ({ nodes }: TestNodes): string => nodes.require("node-1").status;

test("a registration makes a node once, and later ones bring it up to date", async (t) => {
  const core = await openNodes(t);
  const changes = core.heard("node-changed");
  const first = await core.nodes.register({ ...newRegistration("node-1"), group: "databases", publicKey: "key" });
  assert.deepEqual(first, {
    created: true,
    record: {
      key: first.record.key,
      nodeId: "node-1",
      name: undefined,
      hostname: "host",
      ipAddress: "192.0.2.1",
      osInfo: undefined,
      group: "databases",
      tags: [],
      capabilities: [],
      hasKey: true,
      createdAt: core.clock.wallTime(),
      status: "offline",
    },
  });
  core.clock.advance(1_000);
  const changed = { hostname: "new", osInfo: "Linux", capabilities: ["terminal"], ipAddress: "192.0.2.2" };
  const second = await core.nodes.register({ ...newRegistration("node-1"), ...changed, group: "other" });
  assert.deepEqual(second, { created: false, record: { ...first.record, ...changed } });
  assert.equal(changes.length, 2);
  await core.nodes.register({ ...newRegistration("node-1"), ...changed });
  assert.equal(changes.length, 2, "one that says nothing new changes nothing");
});

test("the first key stays, whatever later registrations bring", async (t) => {
  const core = await openNodes(t);
  await core.add("node-1", { publicKey: "first" });
  await core.add("node-1", { publicKey: "second", hostname: "new" });
  await core.add("node-1", { hostname: "newer" });
  assert.equal(core.nodes.publicKeyOf("node-1"), "first");
  await core.add("node-2");
  assert.equal(core.nodes.publicKeyOf("node-2"), undefined);
  await core.add("node-2", { publicKey: "late" });
  assert.equal((await core.restart()).nodes.publicKeyOf("node-2"), "late", "one that had none gets it later");
});

test("name, tags and group are the operator's: they change alone, go away again, and outlive a restart", async (t) => {
  const core = await openNodes(t);
  const before = await core.add();
  const changes = core.heard("node-changed");
  await core.nodes.change("node-1", { name: "db" });
  await core.nodes.change("node-1", { tags: ["a", "ü ✓"] });
  const after = await core.nodes.change("node-1", { group: "databases" });
  assert.deepEqual(after, { ...before, name: "db", tags: ["a", "ü ✓"], group: "databases" });
  assert.equal(changes.length, 3);
  await core.add("node-1", { hostname: "new", group: "default" });
  assert.deepEqual(core.nodes.get("node-1"), { ...after, hostname: "new" }, "a registration does not undo it");
  const again = await core.restart();
  assert.deepEqual(again.nodes.get("node-1"), { ...after, hostname: "new" });
  assert.equal((await again.nodes.change("node-1", { name: null, tags: [] })).name, undefined);
  assert.deepEqual((await again.restart()).nodes.get("node-1")?.tags, []);
});

test("what is not there cannot be asked of, changed or removed", async (t) => {
  const { nodes } = await openNodes(t);
  assert.equal(nodes.get("x"), undefined);
  assert.equal(nodes.getByKey(1), undefined);
  assert.equal(nodes.linkOf("x"), undefined);
  assert.equal(await nodes.facts("x"), undefined);
  assert.throws(() => nodes.require("x"), { code: "NODE_NOT_FOUND" });
  assert.throws(() => nodes.connected("x", new RecordingLink(), 1_000), { code: "NODE_NOT_FOUND" });
  await assert.rejects(nodes.change("x", { name: "y" }), { code: "NODE_NOT_FOUND" });
  await assert.rejects(nodes.remove("x"), { code: "NODE_NOT_FOUND" });
  nodes.heard("x");
  nodes.disconnected("x", new RecordingLink());
});

test("a node is online from its connection to three intervals of silence", async (t) => {
  const core = await openNodes(t);
  await core.add();
  const changes = core.heard("node-changed");
  core.nodes.connected("node-1", new RecordingLink(), 5_000);
  assert.equal(statusOf(core), "online");
  core.clock.advance(14_000);
  core.nodes.heard("node-1");
  core.clock.advance(14_000);
  assert.equal(statusOf(core), "online");
  core.clock.advance(4_000);
  assert.equal(statusOf(core), "offline");
  assert.equal(core.nodes.lastSeenAt("node-1"), core.clock.wallTime() - 18_000, "the age of what is known");
  core.nodes.heard("node-1");
  assert.equal(statusOf(core), "online");
  assert.equal(changes.length, 3, "one for each change of the status");
});

test("a connection that goes makes the node offline at once; one that was replaced does not", async (t) => {
  const core = await openNodes(t);
  await core.add();
  const [older, newer] = [new RecordingLink(), new RecordingLink()];
  assert.equal(core.nodes.connected("node-1", older, 5_000), undefined);
  assert.equal(core.nodes.connected("node-1", newer, 5_000), older);
  assert.equal(core.nodes.connected("node-1", newer, 5_000), undefined, "the same is not replaced by itself");
  core.nodes.disconnected("node-1", older);
  assert.equal(statusOf(core), "online");
  assert.equal(core.nodes.linkOf("node-1"), newer);
  core.nodes.disconnected("node-1", newer);
  assert.equal(statusOf(core), "offline");
  core.nodes.heard("node-1");
  assert.equal(statusOf(core), "offline", "what was still on its way does not bring it back");
});

test("when a node was last seen is on the disk within a minute, and at the end", async (t) => {
  const core = await openNodes(t);
  await core.add();
  const stored = async () => (await core.restart()).nodes.lastSeenAt("node-1");
  core.nodes.connected("node-1", new RecordingLink(), 600_000);
  core.clock.advance(10_000);
  core.nodes.heard("node-1");
  const seen = core.clock.wallTime();
  assert.notEqual(core.nodes.lastSeenAt("node-1"), undefined);
  core.clock.advance(60_000);
  const row = await eventually(async () => {
    const found = await core.database.kysely.selectFrom("nodes").select("last_seen_at").executeTakeFirst();
    return found?.last_seen_at === seen && found;
  });
  assert.equal(row.last_seen_at, seen);
  core.nodes.heard("node-1");
  await core.nodes.flush();
  assert.equal(await stored(), seen + 60_000);
});

test("no timer runs while no node is connected", async (t) => {
  const core = await openNodes(t);
  await core.add();
  const idle = core.clock.timerCount;
  const link = new RecordingLink();
  core.nodes.connected("node-1", link, 5_000);
  assert.equal(core.clock.timerCount, idle + 1);
  core.nodes.disconnected("node-1", link);
  core.clock.advance(2_000);
  assert.equal(core.clock.timerCount, idle);
  core.nodes.connected("node-1", link, 5_000);
  core.clock.advance(20_000);
  assert.equal(statusOf(core), "offline", "and it runs again with the next one");
});

test("facts are kept whole and read when somebody looks", async (t) => {
  const core = await openNodes(t);
  await core.add();
  assert.equal(await core.nodes.facts("node-1"), undefined);
  const facts = { cpu: { cores: 8 }, disks: [{ name: "机器" }], empty: null };
  await core.nodes.setFacts("node-1", facts);
  assert.deepEqual(await (await core.restart()).nodes.facts("node-1"), facts);
});

test("a removed node is gone from the disk, and its number is never given again", async (t) => {
  const core = await openNodes(t);
  const removals = core.heard("node-removed");
  const first = await core.add("node-1", { publicKey: "key", group: "databases" });
  const link = new RecordingLink();
  core.nodes.connected("node-1", link, 5_000);
  assert.equal(await core.nodes.remove("node-1"), link, "so that it can be closed");
  assert.deepEqual(removals, [{ nodeId: "node-1", group: "databases" }]);
  assert.equal(core.nodes.publicKeyOf("node-1"), undefined);
  assert.equal(core.nodes.getByKey(first.key), undefined);
  core.nodes.disconnected("node-1", link);
  core.nodes.heard("node-1");
  const again = await core.restart();
  assert.deepEqual(again.nodes.list(), []);
  assert.ok((await again.add("node-1")).key > first.key);
});
