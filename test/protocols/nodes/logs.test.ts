import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { type Message, PlainNode } from "../../support/plainNode.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();

const picket = { version: 1, capabilities: ["logs"] };
const line = (message: string, more: object = {}) => ({
  time: Date.now(),
  level: "info",
  source: "test",
  message,
  ...more,
});

async function stored(core: TestCore, nodeId = "node-1"): Promise<string[]> {
  const lines = await core.core.logs.latest(core.core.nodes.require(nodeId).key, 10_000);
  return lines
    .filter(({ source }) => source !== "picket-core")
    .map(({ message }) => message)
    .toReversed();
}

test("a batch is acked under its id when its lines are stored, and a core that is killed then still has them", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  const { picket: agreed } = await node.register({ picket });
  assert.deepEqual((agreed as { capabilities: string[] }).capabilities, ["logs"]);
  const id = node.send("log_batch", { entries: [line("one"), line("two", { level: "error" })], dropped: 0 });
  const answer = await node.answerTo(id);
  assert.deepEqual([answer.type, answer.data], ["log_received", { received: true }]);
  assert.deepEqual(await stored(core), ["one", "two"]);
});

test("lines that a node dropped are told where they are missing", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  await node.register({ picket });
  await node.answerTo(node.send("log_batch", { entries: [line("one")], dropped: 12 }));
  await node.answerTo(node.send("log_batch", { entries: [], dropped: 1 }));
  assert.deepEqual(await stored(core), [
    "one",
    "12 lines were dropped: the node's policy allows no more a second",
    "1 line was dropped: the node's policy allows no more a second",
  ]);
});

test("a node that did not announce it cannot send lines, nor one that is not registered", async (t) => {
  const core = await startCore(t);
  const plain = await PlainNode.join(t, core);
  const refused = await plain.answerTo(plain.send("log_batch", { entries: [line("x")] }));
  assert.deepEqual([refused.type, refused.data["error_code"]], ["error", "INVALID_MESSAGE"]);
  const early = await PlainNode.connect(t, core, { nodeId: "node-2" });
  const unknown = await early.answerTo(early.send("log_batch", { entries: [line("x")] }));
  assert.deepEqual([unknown.type, unknown.data["error_code"]], ["error", "NODE_NOT_FOUND"]);
  assert.deepEqual(await stored(core), []);
});

test("a batch that is too large or has a line that is none is refused as a whole", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  await node.register({ picket });
  const bad: readonly object[] = [
    { entries: Array.from({ length: 501 }, () => line("x")) },
    { entries: [line("x"), line("y", { level: "loud" })] },
    { entries: [line("x", { source: "" })] },
    { entries: [line("x", { source: "s".repeat(129) })] },
    { entries: [line("x", { time: "now" })] },
    { entries: [line("x".repeat(64 * 1024 + 1))] },
    { entries: [line("x")], dropped: -1 },
    { entries: "x" },
  ];
  for (const data of bad) {
    const answer = await node.answerTo(node.send("log_batch", data as Readonly<Record<string, unknown>>));
    assert.deepEqual(
      [answer.type, answer.data["error_code"]],
      ["error", "INVALID_MESSAGE"],
      JSON.stringify(data).slice(0, 80),
    );
  }
  assert.deepEqual(await stored(core), []);
});

test("a node that sends without waiting is told to wait, and its heartbeats go by", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.connect(t, core);
  await node.register({ picket });
  const entries = Array.from({ length: 500 }, (_, index) => line(`line ${index}`));
  const ids = new Set(Array.from({ length: 40 }, () => node.send("log_batch", { entries })));
  const beat = node.send("heartbeat", { node_id: "node-1", status: "online", metrics: { cpu_usage: 1 } });
  const answers: Message[] = [];
  let beatAnswer: Message | undefined;
  while (answers.length < ids.size || beatAnswer === undefined) {
    const message = await node.next();
    if (message.id === beat) beatAnswer = message;
    else if (ids.has(message.id)) answers.push(message);
  }
  assert.equal(beatAnswer.type, "heartbeat_ack");
  const refused = answers.filter(({ type }) => type === "error");
  assert.ok(refused.length > 0 && refused.every(({ data }) => data["error_code"] === "RATE_LIMITED"));
  assert.equal((await stored(core)).length, (answers.length - refused.length) * 500);
});

test("what the core sees of a node is in its log: that it came, went, and what it could not do", async (t) => {
  const core = await startCore(t);
  const node = await PlainNode.join(t, core);
  const console = await core.console();
  const { commands } = await console.request("command-run", { nodeIds: ["node-1"], command: "false" });
  await node.nextOf("execute_command");
  const { key } = core.core.nodes.require("node-1");
  const lines = (count: number): Promise<string[]> =>
    eventually(async () => {
      const entries = await core.core.logs.latest(key, 100);
      return entries.length >= count && entries.map(({ source, level, message }) => `${source} ${level} ${message}`);
    });
  await node.result(commands[0]?.commandId ?? "", { exit_code: 3 });
  await lines(3);
  await node.close();
  const seen = await lines(4);
  assert.deepEqual(seen.toReversed(), [
    "picket-core notice the node was enrolled into the group default",
    "picket-core info the node is online",
    "picket-core warning a command of admin failed with exit code 3: false",
    "picket-core warning the node is offline",
  ]);
});
