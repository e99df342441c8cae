import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import type { ContainerEvent, ContainerList } from "../../src-main/agent/containers/containerEngine.ts";
import { ContainerStreams } from "../../src-main/agent/containers/containerStreams.ts";
import { GuardedEngine } from "../../src-main/agent/containers/guardedEngine.ts";
import { Policy } from "../../src-main/agent/policy/policy.ts";
import { TerminalHost } from "../../src-main/agent/terminals/terminalHost.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { resetCode } from "../../src-main/wire/channels/frame.ts";
import { ChannelReader, channelPair } from "../support/channelPair.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { ManualClock } from "../support/manualClock.ts";
import { ScriptedEngine } from "../support/scriptedEngine.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const forbidden = { code: "FORBIDDEN_BY_POLICY" };
const spec = { cols: 80, rows: 24, command: undefined, onData() {}, onExit() {} };
const follow = { follow: true, tail: 10, onData() {}, onEnd() {} };

async function guarded(t: TestContext, policyText: string) {
  const file = join(temporaryFolder(t), "policy.yaml");
  const write = (text: string): void => writeFileSync(file, text);
  write(policyText);
  const policy = await Policy.load({ file, logger: silentLogger });
  const inner = new ScriptedEngine(["web-1", "web-2", "database"]);
  const engine = new GuardedEngine(inner, policy);
  const terminals = new TerminalHost({ clock: new ManualClock(), logger: silentLogger, policy });
  return { inner, engine, write, streams: new ContainerStreams({ engine, policy, terminals }) };
}

test("without the capability nothing about containers is told or done", async (t) => {
  const { inner, engine, streams } = await guarded(t, "version: 1\ncapabilities: [commands, terminal]\n");
  await assert.rejects(engine.list(), forbidden);
  await assert.rejects(engine.inspect("web-1"), forbidden);
  await assert.rejects(engine.act("web-1", "stop"), forbidden);
  await assert.rejects(engine.stats("web-1"), forbidden);
  await assert.rejects(engine.logs("web-1", 10), forbidden);
  await assert.rejects(engine.openLogs({ ...follow, container: "web-1" }), forbidden);
  await assert.rejects(engine.exec({ ...spec, container: "web-1" }), forbidden);
  const { far } = channelPair();
  await assert.rejects(streams.openExec({ owner: "o", container: "web-1" }, { channel: far, finish() {} }), forbidden);
  assert.deepEqual(inner.acts, []);
});

test("a terminal in a container needs the right to terminals as well", async (t) => {
  const { engine, streams } = await guarded(t, "version: 1\ncapabilities: [containers]\n");
  assert.equal((await engine.list()).containers.length, 3);
  await assert.rejects(engine.exec({ ...spec, container: "web-1" }), forbidden);
  const { far } = channelPair();
  await assert.rejects(streams.openExec({ owner: "o", container: "web-1" }, { channel: far, finish() {} }), forbidden);
});

test("with names only these are seen and acted on, by name and by id", async (t) => {
  const text = "version: 1\ncapabilities: [containers, terminal]\ncontainers: {allow: ['web-*']}\n";
  const { inner, engine, write } = await guarded(t, text);
  assert.deepEqual(
    (await engine.list()).containers.map(({ name }) => name),
    ["web-1", "web-2"],
  );
  assert.equal(await engine.act("web-1", "stop"), "web-1 was asked to stop");
  await engine.act("id-of-web-2", "start");
  assert.deepEqual(inner.acts, [
    { container: "id-of-web-1", action: "stop" },
    { container: "id-of-web-2", action: "start" },
  ]);
  for (const name of ["database", "id-of-database"]) {
    await assert.rejects(engine.act(name, "stop"), forbidden);
    await assert.rejects(engine.inspect(name), forbidden);
    await assert.rejects(engine.openLogs({ ...follow, container: name }), forbidden);
    await assert.rejects(engine.exec({ ...spec, container: name }), forbidden);
  }
  await assert.rejects(engine.act("nobody", "stop"), { code: "CONTAINER_NOT_FOUND" });
  write("version: 1\ncapabilities: [containers]\ncontainers: {allow: [database]}\n");
  await engine.act("database", "stop");
  await assert.rejects(engine.act("web-1", "stop"), forbidden);
});

test("rules about commands or another user take containers away until they are named", async (t) => {
  for (const rule of ["commands: {deny: [rm]}", "commands: {allow: [ls]}", "run_as: nobody"]) {
    const { engine, write } = await guarded(t, `version: 1\n${rule}\n`);
    await assert.rejects(engine.list(), forbidden, rule);
    write(`version: 1\n${rule}\ncapabilities: [commands, containers]\n`);
    assert.equal((await engine.list()).containers.length, 3);
  }
});

test("what is watched is as limited as what is asked", async (t) => {
  const { inner, engine, write } = await guarded(t, "version: 1\ncontainers: {allow: [web-1]}\n");
  const lists: ContainerList[] = [];
  const events: ContainerEvent[] = [];
  const watch = engine.watch({ changed: (list) => lists.push(list), happened: (event) => events.push(event) });
  const died = (name: string) => ({ container: { id: "x", name, image: "i" }, event: "die", exitCode: 1, time: 1 });
  inner.happened(died("database"));
  inner.happened(died("web-1"));
  await inner.changed();
  await eventually(() => lists.length === 1);
  assert.deepEqual(
    lists[0]?.containers.map(({ name }) => name),
    ["web-1"],
  );
  assert.deepEqual(
    events.map(({ container }) => container.name),
    ["web-1"],
  );
  write("version: 1\ncapabilities: []\n");
  inner.happened(died("web-1"));
  await inner.changed();
  await eventually(() => lists.length === 2);
  assert.deepEqual([lists[1], events.length], [{ engine: null, containers: [] }, 1]);
  watch.dispose();
});

test("a reader who is slow holds the engine back, and nothing is lost", async (t) => {
  const { inner, streams } = await guarded(t, "version: 1\n");
  let made = 0;
  const chunk = Buffer.alloc(16 * 1024, "x");
  const all = 200;
  inner.output = () =>
    new Readable({
      highWaterMark: chunk.length,
      read() {
        made += 1;
        this.push(made > all ? null : chunk);
      },
    });
  const { near, far } = channelPair({ window: 64 * 1024 });
  far.opened(64 * 1024);
  const reader = new ChannelReader(near);
  reader.holding = true;
  const results: object[] = [];
  await streams.openLogs(
    { container: "web-1", follow: false },
    {
      channel: far,
      finish: (result) => {
        results.push(result);
        far.end();
      },
    },
  );
  await eventually(() => reader.length === 64 * 1024, { what: "a full window" });
  assert.ok(made < 20, `the engine was asked for ${made} pieces of ${all}`);
  reader.holding = false;
  reader.release();
  await eventually(() => reader.hasEnded, { what: "the end" });
  assert.deepEqual([reader.length, results], [all * chunk.length, [{}]]);
});

test("a reader who goes away takes the stream with it", async (t) => {
  const { inner, streams } = await guarded(t, "version: 1\n");
  const stream = new Readable({ read() {} });
  inner.output = () => stream;
  const { near, far } = channelPair();
  far.opened(1024);
  await streams.openLogs({ container: "web-1" }, { channel: far, finish() {} });
  near.reset(resetCode.cancelled, "closed");
  await eventually(() => stream.destroyed, { what: "the end of the engine's stream" });
});

test("what is asked wrongly is said", async (t) => {
  const { streams } = await guarded(t, "version: 1\n");
  const { far } = channelPair();
  const end = { channel: far, finish() {} };
  for (const params of [{}, { container: "../x" }, { container: "web-1", tail: -1 }, { container: 7 }]) {
    await assert.rejects(streams.openLogs(params, end), { code: "INVALID_PARAMS" }, JSON.stringify(params));
  }
  await assert.rejects(streams.openExec({ owner: "o", container: "web-1", cols: 0 }, end), { code: "INVALID_PARAMS" });
});
