import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { PlainNode } from "../support/plainNode.ts";
import { request } from "../support/request.ts";
import { startCore, type TestCore } from "../support/startCore.ts";

failOnLeaks();

interface Failure {
  readonly what: string;
  /** Makes writing impossible, and returns what makes it possible again. */
  readonly begin: (core: TestCore, t: TestContext) => Promise<() => Promise<void>>;
}

const failures: readonly Failure[] = [
  {
    what: "a database that became read-only",
    async begin({ core }) {
      await sql`pragma query_only = 1`.execute(core.database.kysely);
      return async () => void (await sql`pragma query_only = 0`.execute(core.database.kysely));
    },
  },
  {
    what: "a database that another program keeps locked",
    async begin({ dataFolder }, t) {
      const other = new DatabaseSync(join(dataFolder, "core", "picket.db"));
      t.after(() => other.close());
      other.exec("begin immediate");
      return async () => other.exec("rollback");
    },
  },
];

const timestamp = (second: number): string => new Date(Date.now() - 60_000 + second * 1_000).toISOString();

for (const { what, begin } of failures) {
  test(`${what}: samples are refused, consoles are told, and nothing stored is harmed`, async (t) => {
    const core = await startCore(t);
    const node = await PlainNode.join(t, core);
    const console = await core.console();
    const events: string[] = [];
    console.onPush("system-event", ({ event }) => events.push(event));
    await console.hello();
    const stored = timestamp(0);
    assert.equal((await node.heartbeat({ cpu_usage: 1 }, stored)).type, "heartbeat_ack");
    const end = await begin(core, t);
    const refused = timestamp(1);
    const answer = await node.heartbeat({ cpu_usage: 2 }, refused);
    assert.deepEqual([answer.type, answer.data["error_code"]], ["error", "DATABASE_ERROR"]);
    await eventually(() => events.includes("storage-failed"));
    assert.notEqual((await console.hello()).storageFailure, null);
    assert.match((await request(core.httpUrl, "/metrics")).text, /^picket_storage_failing 1$/m);
    await assert.rejects(console.request("token-create", {}), { code: "DATABASE_ERROR" });
    await assert.rejects(console.request("command-run", { nodeIds: ["node-1"], command: "x" }), {
      code: "DATABASE_ERROR",
    });
    assert.equal((await console.request("node-get", { nodeId: "node-1" })).node.status, "online", "reading goes on");
    await end();
    assert.equal((await node.heartbeat({ cpu_usage: 2 }, refused)).type, "heartbeat_ack");
    await eventually(() => events.includes("storage-restored"));
    assert.equal((await console.hello()).storageFailure, null);
    await console.request("token-create", {});
    const { key } = core.core.nodes.require("node-1");
    const [from, to] = [Date.parse(stored) - 5_000, Date.parse(stored) + 5_000];
    const history = await core.core.metrics.history(key, { metrics: ["cpu_usage"], from, to, points: 100 });
    assert.deepEqual(history.series.cpu_usage?.avg, [1, 2], "each once");
    assert.equal((await core.core.audit.verify()).brokenAt, undefined);
    assert.deepEqual((await core.core.tokens.list()).length, 2);
    await core.close();
    const database = new DatabaseSync(join(core.dataFolder, "core", "picket.db"));
    t.after(() => database.close());
    assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
  });
}
