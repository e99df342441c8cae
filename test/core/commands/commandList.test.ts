import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openNodes, type TestNodes } from "../../support/openNodes.ts";
import { RecordingLink } from "../../support/recordingLink.ts";

failOnLeaks();

const day = 24 * 3_600_000;

async function setUp(t: TestContext) {
  const core = await openNodes(t);
  return { core, one: await core.add("node-1"), two: await core.add("node-2") };
}

function make({ commands, nodes }: TestNodes, nodeIds: readonly string[], text: string) {
  const chosen = nodeIds.map((nodeId) => nodes.require(nodeId));
  return commands.create({ nodes: chosen, commandText: text, timeout: 9, expiresIn: 400 * day, createdBy: "kim" });
}

test("the list is the newest first, of the nodes that are asked for, page by page and complete", async (t) => {
  const { core, one, two } = await setUp(t);
  const made: string[] = [];
  // Four in every moment: a page may end in the middle of a moment.
  for (let index = 0; index < 5; index += 1) {
    const nodeIds = ["node-1", "node-1", "node-1", "node-2"];
    made.push(...(await make(core, nodeIds, `${index}`)).map(({ id }) => id));
    core.clock.advance(1_000);
  }
  const seen: string[] = [];
  let page = await core.commands.list({ nodeKeys: [one.key, two.key], limit: 3 });
  const times: number[] = [];
  while (page.length > 0) {
    seen.push(...page.map(({ id }) => id));
    times.push(...page.map(({ createdAt }) => createdAt));
    const last = page.at(-1);
    const next = { before: last?.createdAt, beforeId: last?.id };
    page = await core.commands.list({ nodeKeys: [one.key, two.key], limit: 3, ...next });
  }
  assert.deepEqual([...seen].sort(), [...made].sort());
  assert.deepEqual(
    times,
    [...times].sort((a, b) => b - a),
  );
  const ofTwo = await core.commands.list({ nodeKeys: [two.key], limit: 100 });
  assert.deepEqual(
    ofTwo.map(({ nodeId, commandText }) => [nodeId, commandText]),
    ["4", "3", "2", "1", "0"].map((text) => ["node-2", text]),
  );
  assert.deepEqual(await core.commands.list({ nodeKeys: [], limit: 100 }), []);
});

test("the list can be of one state only", async (t) => {
  const { core, one } = await setUp(t);
  await core.connect("node-1", new RecordingLink());
  const [done] = await make(core, ["node-1"], "done");
  await core.commands.finished(one, done?.id ?? "", { exitCode: 0, stdout: "", stderr: "", executionTimeMs: 1 });
  await make(core, ["node-1"], "sent");
  const list = await core.commands.list({ nodeKeys: [one.key], limit: 9, status: "succeeded" });
  assert.deepEqual(
    list.map(({ commandText }) => commandText),
    ["done"],
  );
});

test("a list carries no outputs", async (t) => {
  const { core, one } = await setUp(t);
  await core.connect("node-1", new RecordingLink());
  const [made] = await make(core, ["node-1"], "x");
  const stdout = "secret output".repeat(1000);
  await core.commands.finished(one, made?.id ?? "", { exitCode: 0, stdout, stderr: "", executionTimeMs: 1 });
  assert.ok(!JSON.stringify(await core.commands.list({ nodeKeys: [one.key], limit: 9 })).includes("secret"));
  assert.equal((await core.commands.output(made?.id ?? "")).stdout, stdout);
  assert.deepEqual(await core.commands.output("unknown"), { stdout: "", stderr: "" });
});

test("what ended is kept for 90 days, what is open for as long as it is", async (t) => {
  const { core, one } = await setUp(t);
  await core.connect("node-1", new RecordingLink());
  const [ended] = await make(core, ["node-1"], "ended");
  const [waiting] = await make(core, ["node-2"], "waiting");
  await core.commands.finished(one, ended?.id ?? "", { exitCode: 0, stdout: "", stderr: "", executionTimeMs: 1 });
  const idsOf = async (nodes: TestNodes) => {
    const list = await nodes.commands.list({ nodeKeys: [1, 2], limit: 9 });
    return list.map(({ id }) => id).sort();
  };
  core.clock.jump(89 * day);
  const soon = await core.restart();
  assert.deepEqual(await idsOf(soon), [ended?.id, waiting?.id].sort());
  soon.clock.jump(2 * day);
  const late = await soon.restart();
  assert.deepEqual(await idsOf(late), [waiting?.id]);
});

test("nothing of a removed node's commands is left, and what it still says is nobody's", async (t) => {
  const { core, one } = await setUp(t);
  const link = new RecordingLink();
  await core.connect("node-1", link);
  const [sent] = await make(core, ["node-1"], "sent");
  await make(core, ["node-2"], "stays");
  core.disconnect("node-1", link);
  await make(core, ["node-1"], "queued");
  await core.nodes.remove("node-1");
  await core.commands.removeOfNode(one);
  await core.commands.finished(one, sent?.id ?? "", { exitCode: 0, stdout: "", stderr: "", executionTimeMs: 1 });
  const rows = await core.database.kysely.selectFrom("commands").select("command_text").execute();
  assert.deepEqual(rows, [{ command_text: "stays" }]);
  await core.add("node-1");
  const next = new RecordingLink();
  await core.connect("node-1", next);
  assert.deepEqual(next.executed, [], "another node of that name starts with nothing");
});
