import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { PlainRelay } from "../../support/plainRelay.ts";
import { type RoomAgent, type RoomAgentOptions, startRoomAgent } from "../../support/startRoomAgent.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

interface Scene {
  readonly relay: PlainRelay;
  readonly agent: RoomAgent;
}

/** Our agent in a room of a relay that was written from the document alone. */
async function startScene(t: TestContext, options: Partial<RoomAgentOptions> = {}): Promise<Scene> {
  const relay = await PlainRelay.start(t);
  const agent = await startRoomAgent(t, { url: relay.url, token: "123456", ...options });
  await relay.joined();
  return { relay, agent };
}

test("the agent enters the room as the document has it, and runs what it is asked for", async (t) => {
  const { relay, agent } = await startScene(t);
  assert.deepEqual(relay.received, [{ cmd: "init", token: "123456" }]);
  await eventually(() => agent.entries === 1, { what: "the agent's word that it is in" });
  assert.equal(await relay.execute("echo one; echo two"), "one\ntwo\n");
  assert.deepEqual(relay.received.at(-1), { cmd: "execute_result", extra: { data: "one\ntwo\n" } });
  assert.equal(await relay.execute("true"), "");
  assert.equal(await relay.execute("echo wrong >&2; exit 3"), "wrong\n[exit code 3]\n");
  assert.equal(await relay.execute("printf x; exit 1"), "x\n[exit code 1]\n");
  assert.equal(await relay.execute("cat"), "", "nobody types: it reads an end");
});

test("a command beside cmd is taken too; what is no command runs nothing", async (t) => {
  const { relay } = await startScene(t);
  for (const message of [
    { cmd: "execute" },
    { cmd: "execute", extra: { command: 7 } },
    { cmd: "execute", extra: { command: ["id"] } },
    { cmd: "execute_result", extra: { data: "echo never" } },
    { cmd: "reboot" },
    "nonsense",
  ]) {
    relay.sendAll(message);
  }
  assert.equal(await relay.execute("echo taken", { cmd: "execute", command: "echo taken" }), "taken\n");
  assert.equal(relay.received.length, 2);
});

for (const [what, policy] of [
  ["without a policy file", null],
  ["with a policy that lists no capabilities", "version: 1\n"],
  ["with a policy that allows commands", "version: 1\ncapabilities: [commands, terminal]\n"],
] as const) {
  test(`${what} nothing runs, and the answer says why`, async (t) => {
    const { relay } = await startScene(t, { policy });
    const file = join(temporaryFolder(t), "made");
    assert.match(
      await relay.execute(`touch ${file}`),
      /^picket: refused \(FORBIDDEN_BY_POLICY\): rooms is not allowed/,
    );
    assert.ok(!existsSync(file));
  });
}

test("the patterns of the policy hold here too, and a change from the next command on", async (t) => {
  const policy = "version: 1\ncapabilities: [rooms]\ncommands:\n  allow: [^echo]\n  deny: [secret]\n";
  const { relay, agent } = await startScene(t, { policy });
  assert.equal(await relay.execute("echo yes"), "yes\n");
  assert.match(await relay.execute("id"), /^picket: refused \(FORBIDDEN_BY_POLICY\): no allow pattern/);
  assert.match(await relay.execute("echo secret"), /^picket: refused \(FORBIDDEN_BY_POLICY\): a deny pattern/);
  writeFileSync(agent.policyFile, "version: 1\ncapabilities: []\n");
  assert.match(await relay.execute("echo yes"), /^picket: refused \(FORBIDDEN_BY_POLICY\): rooms/);
});

test("it runs as the policy's user", { skip: userInfo().uid !== 0 && "only root becomes others" }, async (t) => {
  const { relay } = await startScene(t, { policy: "version: 1\ncapabilities: [rooms]\nrun_as: nobody\n" });
  assert.equal(await relay.execute("id -un"), "nobody\n");
});

test("commands run one at a time, in their order; too many are refused", async (t) => {
  const { relay } = await startScene(t);
  const file = join(temporaryFolder(t), "go");
  relay.sendAll({ cmd: "execute", extra: { command: `until [ -e ${file} ]; do sleep 0.05; done; echo first` } });
  for (let index = 0; index < 40; index += 1) relay.sendAll({ cmd: "execute", extra: { command: `echo ${index}` } });
  await eventually(() => relay.received.length >= 9, { what: "refusals" });
  writeFileSync(file, "");
  await eventually(() => relay.received.length === 42, { what: "41 answers" });
  const answers = relay.received.slice(1).map(({ extra }) => String((extra as { readonly data: string }).data));
  const refused = answers.filter((answer) => answer.includes("RATE_LIMITED"));
  const ran = answers.filter((answer) => !answer.includes("RATE_LIMITED"));
  assert.deepEqual(ran, ["first\n", ...Array.from({ length: 32 }, (_, index) => `${index}\n`)]);
  assert.equal(refused.length, 8);
});

test("output of any size comes as one message that a relay takes", async (t) => {
  const { relay } = await startScene(t);
  const data = await relay.execute("head -c 5000000 /dev/zero | tr '\\0' '\\1'; echo end");
  assert.match(data, /bytes left out/);
  assert.ok(data.endsWith("end\n"));
  assert.ok(Buffer.byteLength(JSON.stringify(relay.received.at(-1))) <= 1024 * 1024);
});

test("after 60 s a command is ended", async (t) => {
  const clock = new ManualClock();
  const { relay } = await startScene(t, { clock });
  const answer = relay.execute("echo begun; while :; do sleep 1; done");
  const file = join(temporaryFolder(t), "begun");
  relay.sendAll({ cmd: "execute", extra: { command: `touch ${file}` } });
  // The relay's frames count as life: without them the link would be given up in the same minute.
  for (let passed = 0; passed < 66; passed += 2) {
    relay.sendAll({ cmd: "Heartbeat", code: "1", extra: {} });
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.advance(2_000);
  }
  assert.match(await answer, /^begun\n\npicket: the command was ended at its time limit of 60 s\n\[exit code 124\]\n$/);
  await eventually(() => existsSync(file), { what: "the next command" });
});

test("when nothing is heard for 60 s the agent comes again", async (t) => {
  const clock = new ManualClock();
  const { relay, agent } = await startScene(t, { clock });
  await eventually(() => agent.entries === 1, { what: "the room" });
  /** In small steps, so that the sockets' own pings are answered: it is the relay's silence that counts here. */
  const pass = async (seconds: number, heartbeats: boolean): Promise<void> => {
    for (let passed = 0; passed < seconds && agent.entries === 1; passed += 1) {
      if (heartbeats && passed % 20 === 0) relay.sendAll({ cmd: "Heartbeat", code: "1", extra: {} });
      await new Promise((resolve) => setTimeout(resolve, 10));
      clock.advance(1_000);
    }
  };
  await pass(101, true);
  assert.equal(agent.entries, 1, "heartbeats keep it");
  await pass(50, false);
  assert.equal(agent.entries, 1, "one heartbeat that is late does not lose it");
  await pass(20, false);
  await eventually(() => agent.entries === 2, { what: "a second entry" });
  assert.equal(relay.received.filter(({ cmd }) => cmd === "init").length, 2);
});

test("a cut link is brought back, and what waited on it does not run", async (t) => {
  const { relay, agent } = await startScene(t);
  const folder = temporaryFolder(t);
  const [begun, go, late] = ["begun", "go", "late"].map((name) => join(folder, name));
  const wait = `touch ${begun}; until [ -e ${go} ]; do sleep 0.05; done`;
  relay.sendAll({ cmd: "execute", extra: { command: wait } });
  relay.sendAll({ cmd: "execute", extra: { command: `touch ${late}` } });
  await eventually(() => existsSync(begun ?? ""), { what: "the first command" });
  relay.cut();
  await eventually(() => agent.entries === 2, { what: "a second entry" });
  writeFileSync(go ?? "", "");
  assert.equal(await relay.execute("echo back"), "", "the first command's result, for whoever is there now");
  await eventually(() => relay.received.at(-1)?.["cmd"] === "execute_result" && relay.received.length === 4, {
    what: "the second result",
  });
  assert.ok(!existsSync(late ?? ""));
});

test("a relay that knows no path but its root is found there", async (t) => {
  const relay = await PlainRelay.start(t, "/");
  await startRoomAgent(t, { url: `${relay.url}/websocket`, token: "123456" });
  await relay.joined();
});

test("a token that the relay does not take ends it with one sentence", async (t) => {
  const relay = await PlainRelay.start(t);
  const agent = await startRoomAgent(t, { url: relay.url, token: "wrong" });
  const refused = await eventually(() => agent.refusals[0], { what: "the refusal" });
  assert.equal(refused.code, "INVALID_TOKEN");
  assert.equal(refused.message, `${relay.url} refuses this machine: bad token`);
});

test("once let in, the agent goes on trying when the relay forgets the token", async (t) => {
  const { relay, agent } = await startScene(t);
  await eventually(() => agent.entries === 1, { what: "the room" });
  relay.tokens.clear();
  relay.cut();
  await eventually(() => relay.received.length >= 2, { what: "a second try" });
  relay.tokens.add("123456");
  await eventually(() => agent.entries === 2, { what: "a second entry" });
  assert.deepEqual(agent.refusals, []);
});

test("the agent that stops ends what runs", async (t) => {
  const { relay, agent } = await startScene(t);
  const file = join(temporaryFolder(t), "begun");
  relay.sendAll({ cmd: "execute", extra: { command: `touch ${file}; sleep 600` } });
  await eventually(() => existsSync(file), { what: "the command" });
  await agent.close();
  await relay.joined(0);
});
