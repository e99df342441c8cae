import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { runCommand } from "../../support/commandHelpers.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { NodeKey } from "../../support/nodeKey.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

/** In which tables something stands under this node's number. */
async function tablesWith({ core }: TestCore, nodeKey: number): Promise<string[]> {
  const { kysely } = core.database;
  const found: string[] = [];
  for (const table of await kysely.introspection.getTables()) {
    const column = table.columns.find(({ name }) => name === "node_key" || (table.name === "nodes" && name === "key"));
    if (column === undefined) continue;
    const rows = await sql`select 1 from ${sql.table(table.name)} where ${sql.ref(column.name)} = ${nodeKey}`.execute(
      kysely,
    );
    if (rows.rows.length > 0) found.push(table.name);
  }
  return found;
}

test("a node that is removed by a console leaves nothing, and its key opens nothing any more", async (t) => {
  const core = await startCore(t);
  const key = new NodeKey();
  const node = await PlainNode.connect(t, core);
  const kept = await PlainNode.join(t, core, { nodeId: "kept" });
  await node.register({ picket: { version: 1, capabilities: ["inventory"], public_key: key.publicKey } });
  await node.answerTo(node.send("inventory", { facts: { os: "linux" } }));
  for (const one of [node, kept]) await one.heartbeat({ cpu_usage: 5 });
  await core.core.metrics.foldAll();
  for (const one of [node, kept]) await one.heartbeat({ cpu_usage: 6 });
  await runCommand(core);
  const removed = core.core.nodes.require("node-1");
  assert.deepEqual((await tablesWith(core, removed.key)).sort(), [
    "commands",
    "metric_minutes",
    "metric_quarters",
    "metric_raw",
    "metric_series",
    "nodes",
  ]);
  const console = await core.console();
  await console.request("node-remove", { nodeId: "node-1" });
  assert.equal((await node.peer.closed).code, 1008);
  assert.deepEqual(await tablesWith(core, removed.key), []);
  const peer = await PlainNode.dial(t, core, { token: "node:node-1", node_id: "node-1" });
  assert.equal(((await peer.next())["data"] as { error_code: string }).error_code, "INVALID_TOKEN");
  await assert.rejects(console.request("node-get", { nodeId: "node-1" }), { code: "NODE_NOT_FOUND" });
  assert.equal(core.core.metrics.latest(removed.key), undefined);
  await core.core.metrics.foldAll();
  assert.deepEqual(await tablesWith(core, removed.key), [], "and nothing that was on its way brings it back");
  assert.notEqual(core.core.metrics.latest(core.core.nodes.require("kept").key), undefined);
  const [record] = await core.core.audit.list({ limit: 1, action: "node-remove" });
  assert.deepEqual([record?.actor, record?.target, record?.outcome], ["admin", "node-1", "done"]);
});
