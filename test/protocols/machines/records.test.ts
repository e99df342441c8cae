import assert from "node:assert/strict";
import { test } from "node:test";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainNode } from "../../support/plainNode.ts";
import { adminPassword, startCore } from "../../support/startCore.ts";

failOnLeaks();

const noon = Date.parse("2026-03-01T12:00:00Z");
const minute = 60_000;
const hour = 60 * minute;

test("history: raw samples for a short range, coarser ones for a long one, and nothing outside of it", async (t) => {
  const clock = new ManualClock(noon);
  const core = await startCore(t, { clock });
  const node = await PlainNode.join(t, core);
  for (let at = noon - 24 * hour; at < noon; at += 5 * minute) {
    await node.heartbeat({ cpu_usage: at % hour === 0 ? 100 : 10 }, new Date(at).toISOString());
  }
  const console = await core.console();
  const ask = (from: number, to: number, points?: number) =>
    console.request("history", {
      nodeId: "node-1",
      metrics: ["cpu_usage", "uptime"],
      from,
      to,
      ...(points === undefined ? {} : { points }),
    });
  const short = await ask(noon - hour, noon);
  assert.equal(short.resolution, 0);
  assert.equal(short.times.length, 12);
  assert.ok(short.times.every((time) => time >= noon - hour && time < noon));
  assert.deepEqual(short.series.cpu_usage?.avg.slice(0, 2), [100, 10]);
  assert.deepEqual(
    short.series.uptime?.avg.filter((value) => value !== null),
    [],
    "what was not reported has no value",
  );
  const day = await ask(noon - 24 * hour, noon, 24);
  assert.deepEqual([day.resolution, day.step, day.times.length], [15 * minute, hour, 24]);
  assert.ok(day.series.cpu_usage?.max.every((value) => value === 100));
  assert.ok(day.series.cpu_usage?.min.every((value) => value === 10));
  assert.ok(day.series.cpu_usage?.avg.every((value) => value === 17.5));
  const medium = await ask(noon - 6 * hour, noon, 100);
  assert.equal(medium.resolution, minute);
  for (const [from, to] of [
    [noon + hour, noon + 2 * hour],
    [0, hour],
    [-8.64e15, 0],
  ] as const) {
    assert.deepEqual((await ask(from, to)).times, []);
  }
  await assert.rejects(ask(noon, noon), { code: "INVALID_PARAMS" });
  await assert.rejects(ask(noon, noon - 1), { code: "INVALID_PARAMS" });
});

test("node-list pages through every node once, by id", async (t) => {
  const core = await startCore(t);
  const token = await core.enrolmentToken(25);
  for (let index = 0; index < 25; index += 1) await PlainNode.join(t, core, { token, nodeId: `n${index}` });
  const console = await core.console();
  const seen: string[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const page = await console.request("node-list", { limit: 10, ...(after === undefined ? {} : { after }) });
    seen.push(...page.nodes.map(({ nodeId }) => nodeId));
    after = page.next ?? undefined;
    pages += 1;
  } while (after !== undefined);
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, index) => `n${index}`).sort());
  assert.equal(pages, 3);
});

test("a command on several nodes is one for each, or none when one of them is not to be seen", async (t) => {
  const core = await startCore(t);
  const nodes = ["a", "b", "c"];
  for (const nodeId of nodes) await PlainNode.join(t, core, { nodeId, group: nodeId === "c" ? "secret" : "default" });
  const console = await core.console(await core.userToken("operator", ["default"]));
  const { commands } = await console.request("command-run", { nodeIds: ["a", "b", "a"], command: "true", timeout: 5 });
  assert.deepEqual(commands.map(({ nodeId }) => nodeId).sort(), ["a", "b"]);
  for (const nodeIds of [nodes, ["c"], ["a", "nobody"]]) {
    await assert.rejects(console.request("command-run", { nodeIds, command: "true" }), { code: "NODE_NOT_FOUND" });
  }
  const all = await console.request("command-list", {});
  assert.equal(all.commands.length, 2, "nothing was made for those that could be seen");
  const admin = await core.console();
  await admin.request("command-run", { nodeIds: ["c"], command: "true" });
  assert.equal((await console.request("command-list", {})).commands.length, 2);
  assert.equal((await admin.request("command-list", {})).commands.length, 3);
  const blind = await core.console(await core.userToken("operator", []));
  assert.deepEqual((await blind.request("command-list", {})).commands, []);
  assert.deepEqual((await blind.request("node-list", {})).nodes, []);
});

test("an output is read in pieces, of which none cuts what it cannot cut", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const console = await core.console();
  const { commands } = await console.request("command-run", { nodeIds: ["node-1"], command: "true" });
  const commandId = commands[0]?.commandId ?? "";
  const stdout = "0123456789".repeat(30_000);
  await node.nextOf("execute_command");
  await node.result(commandId, { stdout, stderr: "e", exit_code: 7 });
  let text = "";
  for (let offset = 0; offset < stdout.length; offset += 131_072) {
    const piece = await console.request("command-output", { commandId, stream: "stdout", offset });
    assert.equal(piece.total, stdout.length);
    text += piece.text;
  }
  assert.equal(text, stdout);
  const beyond = await console.request("command-output", { commandId, stream: "stderr", offset: 100, length: 5 });
  assert.deepEqual(beyond, { text: "", total: 1 });
});

test("an enrolment token: made, listed, used, revoked", async (t) => {
  const core = await startCore(t);
  const console = await core.console();
  const { token, info } = await console.request("token-create", {
    name: "lab",
    uses: 2,
    group: "lab",
    expiresIn: null,
  });
  assert.deepEqual([info.name, info.uses, info.used, info.group, info.expiresAt], ["lab", 2, 0, "lab", null]);
  await PlainNode.join(t, core, { token, nodeId: "a" });
  const { tokens } = await console.request("token-list", {});
  const listed = tokens.find(({ tokenId }) => tokenId === info.tokenId);
  assert.equal(listed?.used, 1);
  assert.equal(JSON.stringify(tokens).includes(token), false, "its text is in no list");
  await console.request("token-revoke", { tokenId: info.tokenId });
  await assert.rejects(PlainNode.join(t, core, { token, nodeId: "b" }));
  assert.equal(core.core.nodes.require("a").group, "lab");
  const limited = await core.console(await core.userToken("administrator", ["default"]));
  assert.deepEqual((await limited.request("token-list", {})).tokens, []);
});

test("audit-list pages backwards without gaps, and can be narrowed", async (t) => {
  const core = await startCore(t);
  const console = await core.console();
  for (let index = 0; index < 30; index += 1) {
    await console.request("token-create", { name: `t${index}` });
    if (index % 3 === 0) await console.request("node-remove", { nodeId: `n${index}` }).catch(() => {});
  }
  const sequences: number[] = [];
  let before: number | undefined;
  for (;;) {
    const { records } = await console.request("audit-list", { limit: 7, ...(before === undefined ? {} : { before }) });
    sequences.push(...records.map(({ sequence }) => sequence));
    before = records.at(-1)?.sequence;
    if (records.length < 7) break;
  }
  const newest = sequences[0] ?? 0;
  assert.ok(newest >= 40);
  assert.deepEqual(
    sequences,
    Array.from({ length: newest }, (_, index) => newest - index),
  );
  const { records } = await console.request("audit-list", { action: "node-remove", limit: 500 });
  assert.equal(records.length, 10);
  assert.ok(
    records.every(
      ({ actor, outcome, details }) =>
        actor === "admin" && outcome === "refused" && details["code"] === "NODE_NOT_FOUND",
    ),
  );
  assert.deepEqual(await console.request("audit-verify", {}), { records: newest, brokenAt: null });
  const secrets = JSON.stringify(await console.request("audit-list", { limit: 500 }));
  assert.equal(secrets.includes(adminPassword), false);
});
