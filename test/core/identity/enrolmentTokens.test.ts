import assert from "node:assert/strict";
import { test } from "node:test";
import { EnrolmentTokens } from "../../../src-main/core/identity/enrolmentTokens.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { openIdentity } from "../../support/openIdentity.ts";

failOnLeaks();

const single = { uses: 1, group: "databases", createdBy: "kim" } as const;
const hour = 3_600_000;

test("a token's text is given once; the database has its id and a hash", async (t) => {
  const { tokens, database, clock, heard } = await openIdentity(t);
  const changes = heard("token-changed");
  const { token, info } = await tokens.create({ ...single, name: "rack 4", uses: 3, expiresIn: hour });
  assert.deepEqual(info, {
    id: info.id,
    name: "rack 4",
    group: "databases",
    uses: 3,
    used: 0,
    createdBy: "kim",
    createdAt: clock.wallTime(),
    expiresAt: clock.wallTime() + hour,
    revokedAt: undefined,
  });
  assert.ok(token.includes(info.id));
  const secret = token.slice(token.indexOf(info.id) + info.id.length + 1);
  assert.ok(secret.length >= 43, "256 bits");
  const rows = JSON.stringify(await database.kysely.selectFrom("enrolment_tokens").selectAll().execute());
  assert.ok(rows.includes(info.id) && !rows.includes(secret));
  assert.deepEqual(await tokens.list(), [info]);
  assert.deepEqual(changes, [{ tokenId: info.id }]);
});

test("a token opens with its whole text and no other", async (t) => {
  const { tokens } = await openIdentity(t);
  const { token, info } = await tokens.create(single);
  const other = await tokens.create(single);
  assert.deepEqual(await tokens.check(token, "a"), { id: info.id, group: "databases" });
  const wrong = [
    "",
    info.id,
    token.slice(0, -1),
    `${token}A`,
    token.toUpperCase(),
    token.replace(info.id, other.info.id),
    token.replace(/^[a-z]+/, "refresh"),
    " ".concat(token),
    "x".repeat(10_000),
  ];
  for (const text of wrong) assert.equal(await tokens.check(text, "a"), undefined, text.slice(0, 60));
});

test("a token is used up by as many nodes as it says; those come back with it", async (t) => {
  const { tokens } = await openIdentity(t);
  const { token, info } = await tokens.create({ ...single, uses: 2 });
  await tokens.use(info.id, "a");
  await tokens.use(info.id, "a");
  assert.equal((await tokens.list())[0]?.used, 1);
  await tokens.use(info.id, "b");
  assert.equal(await tokens.check(token, "c"), undefined);
  assert.equal(await tokens.check(token, undefined), undefined);
  assert.equal((await tokens.check(token, "a"))?.id, info.id);
  await assert.rejects(tokens.use(info.id, "c"), { code: "INVALID_TOKEN" });
  assert.equal(await tokens.hasEnrolled(info.id, "c"), false);
});

test("of many nodes that take the last use in the same moment one gets it", async (t) => {
  const { tokens } = await openIdentity(t);
  const { info } = await tokens.create(single);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => tokens.use(info.id, `${index}`)));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal((await tokens.list())[0]?.used, 1);
});

test("a token that has expired neither opens nor counts, also for a node that connected before", async (t) => {
  const { tokens, clock } = await openIdentity(t);
  const { token, info } = await tokens.create({ ...single, uses: 2, expiresIn: hour });
  await tokens.use(info.id, "early");
  clock.advance(hour - 1);
  assert.notEqual(await tokens.check(token, "a"), undefined);
  clock.advance(1);
  assert.equal(await tokens.check(token, "a"), undefined);
  assert.equal(await tokens.check(token, "early"), undefined);
  await assert.rejects(tokens.use(info.id, "a"), { code: "INVALID_TOKEN" });
});

test("a token without an end is good for years", async (t) => {
  const { tokens, clock } = await openIdentity(t);
  const { token } = await tokens.create(single);
  clock.advance(10 * 365 * 24 * hour);
  assert.notEqual(await tokens.check(token, "a"), undefined);
});

test("a revoked token opens for nobody, and can be revoked once", async (t) => {
  const { tokens, clock } = await openIdentity(t);
  const { token, info } = await tokens.create({ ...single, uses: 5 });
  await tokens.use(info.id, "a");
  await tokens.revoke(info.id);
  assert.equal(await tokens.check(token, "a"), undefined);
  assert.equal(await tokens.check(token, "b"), undefined);
  await assert.rejects(tokens.use(info.id, "b"), { code: "INVALID_TOKEN" });
  assert.equal((await tokens.list())[0]?.revokedAt, clock.wallTime());
  await assert.rejects(tokens.revoke(info.id), { code: "TOKEN_NOT_FOUND" });
  await assert.rejects(tokens.revoke("unknown"), { code: "TOKEN_NOT_FOUND" });
});

test("the fixed token of the plain protocol is one only where it is allowed", async (t) => {
  const { tokens, database, bus, clock } = await openIdentity(t);
  assert.equal(await tokens.check("default-token", "a"), undefined);
  const allowing = new EnrolmentTokens({ database, bus, clock, allowDefaultToken: true });
  const checked = await allowing.check("default-token", "a");
  assert.equal(checked?.group, "default");
  for (const nodeId of ["a", "b", "c", "a"]) await allowing.use(checked?.id ?? "", nodeId);
  assert.notEqual(await allowing.check("default-token", "d"), undefined, "it is never used up");
  assert.deepEqual(await allowing.list(), [], "and stands in no list");
});
