import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type ErrorCode, PicketError } from "../../../src-main/base/errors.ts";
import { ApiKeys } from "../../../src-main/core/identity/apiKeys.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openNodes, type TestNodes } from "../../support/openNodes.ts";

failOnLeaks();

const server = { name: "web-1", group: "db" };

async function open(t: TestContext): Promise<TestNodes & { readonly keys: ApiKeys }> {
  const nodes = await openNodes(t);
  return { ...nodes, keys: new ApiKeys(nodes) };
}

function hasCode(code: ErrorCode) {
  return (error: unknown): boolean => error instanceof PicketError && error.code === code;
}

test("a key makes its server, which nobody has heard of yet", async (t) => {
  const { keys, nodes, clock } = await open(t);
  const { info, apiKey } = await keys.create(server, "kim");
  assert.match(apiKey, /^pkt_api_[0-9a-f]{12}_[\w-]{43}$/);
  assert.deepEqual(info, {
    id: info.id,
    node: nodes.require(info.node.nodeId),
    createdBy: "kim",
    createdAt: clock.wallTime(),
    lastUsedAt: undefined,
    revokedAt: undefined,
  });
  const { name, group, hostname, status } = info.node;
  assert.deepEqual([name, group, hostname, status], ["web-1", "db", "web-1", "offline"]);
  assert.equal(nodes.lastSeenAt(info.node.nodeId), undefined);
});

test("only a hash of the secret is stored", async (t) => {
  const { keys, database } = await open(t);
  const { apiKey } = await keys.create(server, "kim");
  const secret = apiKey.split("_").slice(3).join("_");
  const rows = await database.kysely.selectFrom("api_keys").selectAll().execute();
  assert.equal(rows.length, 1);
  assert.ok(!JSON.stringify(rows).includes(secret));
});

test("a key is known by its whole text, and when it was used is written down", async (t) => {
  const { keys, clock } = await open(t);
  const { info, apiKey } = await keys.create(server, "kim");
  for (const wrong of ["", "x", apiKey.slice(0, -1), `${apiKey}x`, apiKey.replace("_api_", "_enrol_"), ` ${apiKey}`]) {
    assert.equal(await keys.check(wrong), undefined, wrong);
  }
  assert.equal((await keys.list())[0]?.lastUsedAt, undefined);
  clock.advance(5_000);
  assert.deepEqual(await keys.check(apiKey), { id: info.id, nodeId: info.node.nodeId });
  assert.equal((await keys.list())[0]?.lastUsedAt, clock.wallTime());
});

test("a revoked key lets nobody in, is told once, and makes room for another one", async (t) => {
  const { keys, heard } = await open(t);
  const { info, apiKey } = await keys.create(server, "kim");
  const { node } = info;
  const revoked = heard("api-key-revoked");
  await assert.rejects(keys.create({ node }, "kim"), hasCode("CONFLICT"));
  await keys.revoke(info.id);
  assert.deepEqual(revoked, [{ keyId: info.id }]);
  assert.equal(await keys.check(apiKey), undefined);
  await assert.rejects(keys.revoke(info.id), hasCode("TOKEN_NOT_FOUND"));
  await assert.rejects(keys.revoke("nobody's"), hasCode("TOKEN_NOT_FOUND"));
  const second = await keys.create({ node }, "kim");
  assert.deepEqual(await keys.check(second.apiKey), { id: second.info.id, nodeId: node.nodeId });
  assert.deepEqual(
    (await keys.list()).map(({ id, revokedAt }) => [id, revokedAt !== undefined]).sort(),
    [
      [info.id, true],
      [second.info.id, false],
    ].sort(),
  );
});

test("two that make a key for one node in the same moment: one of them is too late", async (t) => {
  const { keys, add } = await open(t);
  const node = await add("node-1");
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => keys.create({ node }, "kim")));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") assert.ok(hasCode("CONFLICT")(outcome.reason), String(outcome.reason));
  }
  assert.equal((await keys.list()).length, 1);
});

test("a node with a key pair of its own gets no API key", async (t) => {
  const { keys, add } = await open(t);
  const node = await add("node-1", { publicKey: "k".repeat(44) });
  await assert.rejects(keys.create({ node }, "kim"), hasCode("CONFLICT"));
});

test("a node that is removed takes its keys with it", async (t) => {
  const { keys, nodes, database } = await open(t);
  const { info, apiKey } = await keys.create(server, "kim");
  await keys.revoke(info.id);
  const second = await keys.create({ node: info.node }, "kim");
  await nodes.remove(info.node.nodeId);
  assert.deepEqual(await keys.list(), []);
  for (const text of [apiKey, second.apiKey]) assert.equal(await keys.check(text), undefined);
  assert.deepEqual(await database.kysely.selectFrom("api_keys").selectAll().execute(), []);
});
