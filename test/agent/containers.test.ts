import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ContainerEvent, ContainerList } from "../../src-main/agent/containers/containerEngine.ts";
import { ContainerStreams } from "../../src-main/agent/containers/containerStreams.ts";
import { DockerEngine } from "../../src-main/agent/containers/dockerEngine.ts";
import { GuardedEngine } from "../../src-main/agent/containers/guardedEngine.ts";
import { Policy } from "../../src-main/agent/policy/policy.ts";
import { TerminalHost } from "../../src-main/agent/terminals/terminalHost.ts";
import { systemClock } from "../../src-main/base/clock.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { ChannelReader, channelPair } from "../support/channelPair.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { type PodmanEngine, startPodman, testImage, whyNoPodman } from "../support/podmanEngine.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const withPodman = { skip: whyNoPodman() ?? false };

function engineOf({ environment }: Pick<PodmanEngine, "environment">): DockerEngine {
  return new DockerEngine({ environment, clock: systemClock, logger: silentLogger });
}

/** Opens a program in a container and keeps what it prints. */
async function openExec(engine: DockerEngine, container: string, command?: string) {
  let output = "";
  const exitCodes: number[] = [];
  const exec = await engine.exec({
    container,
    command,
    cols: 90,
    rows: 30,
    onData: (bytes) => {
      output += Buffer.from(bytes).toString("utf8");
    },
    onExit: (exitCode) => exitCodes.push(exitCode),
  });
  const type = (text: string) => new Promise<void>((taken) => exec.write(Buffer.from(text), taken));
  const shows = (text: string) => eventually(() => output.includes(text), { what: `${text} in ${output}` });
  return { exec, exitCodes, type, shows, output: () => output };
}

test("containers are listed, started, stopped, paused, killed and removed", withPodman, async (t) => {
  const podman = await startPodman(t);
  const engine = engineOf(podman);
  const id = await podman.runContainer("web-1", "trap 'exit 0' TERM; while true; do sleep 0.1; done");
  const one = async () => (await engine.list()).containers.find((container) => container.id === id);

  const { engine: about } = await engine.list();
  assert.equal(about?.name, "Podman");
  assert.match(about.version, /^\d+\./);
  const listed = await one();
  assert.deepEqual([listed?.name, listed?.image, listed?.state], ["web-1", testImage, "running"]);
  assert.ok(Math.abs((listed?.created ?? 0) - Date.now()) < 60_000, "made just now");

  assert.equal(await engine.act("web-1", "pause"), "web-1 was paused");
  assert.equal((await one())?.state, "paused");
  await engine.act("web-1", "unpause");
  assert.equal((await one())?.state, "running");
  await engine.act(id, "stop");
  assert.equal((await one())?.state, "exited");
  assert.equal(await engine.act("web-1", "stop"), "web-1 was stopped already");
  await engine.act("web-1", "start");
  assert.equal((await one())?.state, "running");
  await engine.act("web-1", "restart");
  assert.equal((await one())?.state, "running");
  await engine.act("web-1", "kill");
  assert.equal((await one())?.state, "exited");
  await engine.act("web-1", "remove");
  assert.equal(await one(), undefined);
});

test("what a container prints is read without the engine's frames", withPodman, async (t) => {
  const podman = await startPodman(t);
  const engine = engineOf(podman);
  await podman.runContainer("talker", "for i in 1 2 3; do echo line $i; done; echo bad >&2; sleep 1000");
  await eventually(async () => (await engine.logs("talker", 10)).includes("bad"));
  assert.deepEqual((await engine.logs("talker", 10)).trim().split("\n").sort(), ["bad", "line 1", "line 2", "line 3"]);
  assert.equal((await engine.logs("talker", 1)).trim().split("\n").length, 1);

  let followed = "";
  let ends = 0;
  const source = await engine.openLogs({
    container: "talker",
    follow: true,
    tail: 100,
    onData: (bytes) => {
      followed += Buffer.from(bytes).toString("utf8");
    },
    onEnd: () => {
      ends += 1;
    },
  });
  await eventually(() => followed.includes("line 3") && followed.includes("bad"));
  source.close();

  const again = await engine.openLogs({
    container: "talker",
    follow: true,
    tail: 0,
    onData() {},
    onEnd: () => (ends += 1),
  });
  await engine.act("talker", "kill");
  await eventually(() => ends === 1, { what: "the end of the stream" });
  again.close();
  assert.equal(ends, 1, "a stream that was closed does not end once more");
});

test(
  "a program runs on a terminal in a container: it has a size, input, output and an exit code",
  withPodman,
  async (t) => {
    const podman = await startPodman(t);
    const engine = engineOf(podman);
    await podman.runContainer("box", "sleep 1000");
    const shell = await openExec(engine, "box");
    await shell.type("echo $((40 + 2))-answers\n");
    await shell.shows("42-answers");
    await shell.type("stty size\n");
    await shell.shows("30 90");
    shell.exec.resize(120, 40);
    await eventually(async () => {
      await shell.type("stty size\n");
      return shell.output().includes("40 120");
    });
    await shell.type("exit 7\n");
    await eventually(() => shell.exitCodes.length > 0, { what: "the exit" });
    assert.deepEqual(shell.exitCodes, [7]);

    const line = await openExec(engine, "box", "echo from $0; exit 3");
    await eventually(() => line.exitCodes.length > 0);
    assert.deepEqual(line.exitCodes, [3]);
    assert.match(line.output(), /from/);
  },
);

test("a terminal that is closed leaves nothing running in its container", withPodman, async (t) => {
  const podman = await startPodman(t);
  const engine = engineOf(podman);
  await podman.runContainer("box", "sleep 1000");
  const shell = await openExec(engine, "box");
  await shell.type("echo ready-$((1 + 1))\n");
  await shell.shows("ready-2");
  const processes = async () => (await podman.podman("top", "box", "args")).split("\n").length;
  assert.equal(await processes(), 3, "a heading, the container's own, and the shell");
  shell.exec.kill();
  await eventually(async () => (await processes()) === 2, { what: "the end of the shell" });
  await eventually(() => shell.exitCodes.length > 0, { what: "the exit" });
});

test("a terminal in a container outlives its viewer, and belongs to who opened it", withPodman, async (t) => {
  const podman = await startPodman(t);
  await podman.runContainer("box", "sleep 1000");
  const policyFile = join(temporaryFolder(t), "none.yaml");
  const policy = await Policy.load({ file: policyFile, logger: silentLogger });
  const terminals = new TerminalHost({ clock: systemClock, logger: silentLogger, policy });
  t.after(() => terminals.close());
  const engine = new GuardedEngine(engineOf(podman), policy);
  const streams = new ContainerStreams({ engine, policy, terminals });
  const open = async (params: object) => {
    const { near, far, cut } = channelPair();
    const results: object[] = [];
    const finish = (result: object): void => {
      results.push(result);
      far.end();
    };
    const opened = await streams.openExec({ owner: "kim", container: "box", ...params }, { channel: far, finish });
    const reader = new ChannelReader(near);
    return { reader, results, cut, opened, type: (text: string) => near.write(Buffer.from(text)) };
  };
  const first = await open({});
  first.type("kept=before-$((2 + 3))\n");
  first.type("echo $kept\n");
  await eventually(() => first.reader.text().includes("\nbefore-5"));
  first.cut();
  await eventually(() => first.reader.closedBy !== undefined);
  const { session } = first.opened;
  await assert.rejects(open({ session, owner: "somebody else" }), { code: "SESSION_NOT_FOUND" });
  const second = await open({ session, offset: first.opened.end });
  second.type("echo again $kept\n");
  await eventually(() => second.reader.text().includes("\nagain before-5"), { what: "the same shell" });
  terminals.resize({ session, cols: 101, rows: 31 });
  await eventually(() => {
    second.type("stty size\n");
    return second.reader.text().includes("31 101");
  });
  second.type("exit 6\n");
  await eventually(() => second.results.length > 0, { what: "the exit" });
  assert.deepEqual(second.results, [{ exit_code: 6 }]);
});

test("the numbers and the details of a container", withPodman, async (t) => {
  const podman = await startPodman(t);
  const engine = engineOf(podman);
  await podman.runContainer("busy", "while true; do true; done", ["--env", "DB_PASSWORD=hunter2"]);
  const stats = await engine.stats("busy");
  assert.ok(stats.time > Date.now() - 60_000 && stats.time < Date.now() + 60_000);
  assert.ok(stats.cpu !== null && stats.cpu > 0 && stats.cpu < 1_000, `percent: ${stats.cpu}`);
  assert.ok(stats.memory.used !== null && stats.memory.used > 0);
  const details = (await engine.inspect("busy")) as { Name: string; Config: { Env: string[] } };
  assert.equal(details.Name, "/busy");
  assert.ok(details.Config.Env.includes("DB_PASSWORD=hunter2"), "the engine's own; the core masks it");
});

test(
  "an unknown container, and a name that is none, are told apart from an engine that fails",
  withPodman,
  async (t) => {
    const podman = await startPodman(t);
    const engine = engineOf(podman);
    const unknown = { code: "CONTAINER_NOT_FOUND", details: /no such container/ };
    await assert.rejects(engine.act("nobody", "start"), unknown);
    await assert.rejects(engine.logs("nobody", 10), unknown);
    await assert.rejects(engine.stats("nobody"), { code: "CONTAINER_NOT_FOUND" });
    await assert.rejects(engine.exec({ container: "nobody", command: undefined, ...quiet }), unknown);
    for (const name of ["../images/json", "a/b", "-x", "", "a?b", "a".repeat(300)]) {
      await assert.rejects(engine.inspect(name), { code: "CONTAINER_NOT_FOUND" }, name);
    }
    await podman.runContainer("ended", "true");
    await eventually(async () => (await engine.list()).containers[0]?.state === "exited");
    await assert.rejects(engine.act("ended", "kill"), {
      code: "CONTAINER_ENGINE_FAILED",
      details: /ended|not running|state/i,
    });
  },
);

test("the list lives by the engine's events, and the engine may go and come back", withPodman, async (t) => {
  const podman = await startPodman(t);
  const engine = engineOf(podman);
  const lists: ContainerList[] = [];
  const events: ContainerEvent[] = [];
  const watch = engine.watch({ changed: (list) => lists.push(list), happened: (event) => events.push(event) });
  t.after(() => watch.dispose());
  await eventually(() => lists.length > 0);
  assert.deepEqual(lists[0]?.containers, []);

  const id = await podman.runContainer("job", "sleep 0.2; exit 5");
  const died = await eventually(() => events.find(({ event }) => event === "die"), { what: "the end of the job" });
  assert.deepEqual([died.container.name, died.container.id, died.exitCode], ["job", id, 5]);
  assert.ok(events.some(({ event }) => event === "start"));
  await eventually(() => lists.at(-1)?.containers[0]?.state === "exited", { what: "the list after the end" });

  await podman.stopService();
  await eventually(() => lists.at(-1)?.engine === null, { what: "the list without an engine" });
  await assert.rejects(engine.inspect("job"), { code: "CONTAINER_ENGINE_MISSING" });
  await podman.startService();
  await eventually(() => lists.at(-1)?.engine?.name === "Podman", { within: 20_000, what: "the engine's return" });
});

test("without an engine there is an empty list, and everything else says what is missing", async (t: TestContext) => {
  const engine = engineOf({ environment: { DOCKER_HOST: "unix:///nowhere/engine.sock" } });
  assert.deepEqual(await engine.list(), { engine: null, containers: [] });
  await assert.rejects(engine.act("web-1", "start"), { code: "CONTAINER_ENGINE_MISSING" });
  const lists: ContainerList[] = [];
  const watch = engine.watch({ changed: (list) => lists.push(list), happened() {} });
  t.after(() => watch.dispose());
  await eventually(() => lists.length === 1);
  assert.deepEqual(lists, [{ engine: null, containers: [] }]);
});

const quiet = { cols: 80, rows: 24, onData() {}, onExit() {} };
