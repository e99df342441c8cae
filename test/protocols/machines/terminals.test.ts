import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { MachinesClient } from "../../../src-main/protocols/machines/client.ts";
import type { Channel } from "../../../src-main/wire/channels/channel.ts";
import { resetCode } from "../../../src-main/wire/channels/frame.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { startAgent, type TestAgent } from "../../support/startAgent.ts";
import { startCore, type TestCore } from "../../support/startCore.ts";

failOnLeaks();
// The shell of a terminal that asks for none. Whoever runs the tests may have one that takes a minute to start.
process.env["SHELL"] = "/bin/sh";

async function start(t: TestContext): Promise<{ readonly core: TestCore; readonly agent: TestAgent }> {
  const core = await startCore(t);
  const agent = await startAgent(t, { wsUrl: core.wsUrl, token: await core.enrolmentToken() });
  await agent.connected();
  return { core, agent };
}

interface TextTerminal {
  readonly output: string;
  readonly closes: readonly (number | null)[];
}

function watchText(console: MachinesClient): TextTerminal {
  let output = "";
  const closes: (number | null)[] = [];
  console.onPush("terminal-output", (data) => {
    output += data.output;
  });
  console.onPush("terminal-closed", ({ exitCode }) => closes.push(exitCode));
  return {
    get output() {
      return output;
    },
    closes,
  };
}

test("a terminal in text: connect, type, resize, and how the shell ended", async (t) => {
  const { core, agent } = await start(t);
  const vmId = agent.nodeId;
  const console = await core.console();
  const shown = watchText(console);
  await console.request("terminal-connect", { vmId, type: "node", cols: 100, rows: 30 });
  const typed = (input: string): Promise<unknown> => console.request("terminal-input", { vmId, input });
  await typed("printf 'gr\\303\\274\\303\\237e \\346\\234\\272\\345\\231\\250'; stty size\n");
  await eventually(() => shown.output.includes("grüße 机器") && shown.output.includes("30 100"));
  await console.request("terminal-resize", { vmId, cols: 77, rows: 11 });
  await typed("stty size\n");
  await eventually(() => shown.output.includes("11 77"));
  await typed("exit 5\n");
  await eventually(() => shown.closes.length > 0);
  assert.deepEqual(shown.closes, [5]);
  await assert.rejects(typed("too late\n"), { code: "TERMINAL_NOT_CONNECTED" });
});

test("a text terminal is its connection's own; a second one takes its place; disconnecting hangs it up", async (t) => {
  const { core, agent } = await start(t);
  const vmId = agent.nodeId;
  const first = await core.console();
  const second = await core.console();
  const [shown, other] = [watchText(first), watchText(second)];
  await first.request("terminal-connect", { vmId, type: "node" });
  await assert.rejects(second.request("terminal-input", { vmId, input: "x" }), { code: "TERMINAL_NOT_CONNECTED" });
  await second.request("terminal-connect", { vmId, type: "node" });
  await second.request("terminal-input", { vmId, input: "echo sec''ond\n" });
  await eventually(() => other.output.includes("second"));
  assert.equal(shown.output.includes("second"), false);
  await first.request("terminal-input", { vmId, input: "x=old; echo fir''st\n" });
  await eventually(() => shown.output.includes("first"));
  await Promise.all([1, 2, 3].map(() => first.request("terminal-connect", { vmId, type: "node" })));
  await first.request("terminal-input", { vmId, input: "echo x-is-$x-\n" });
  await eventually(() => shown.output.includes("x-is--"));
  await first.request("terminal-disconnect", { vmId });
  await assert.rejects(first.request("terminal-input", { vmId, input: "x" }), { code: "TERMINAL_NOT_CONNECTED" });
  assert.equal(other.closes.length, 0);
});

test("who may not see the node, or only look, gets no terminal", async (t) => {
  const { core, agent } = await start(t);
  const connect = async (token: string): Promise<unknown> =>
    (await core.console(token)).request("terminal-connect", { vmId: agent.nodeId, type: "node" });
  await assert.rejects(connect(await core.userToken("viewer")), { code: "FORBIDDEN" });
  await assert.rejects(connect(await core.userToken("operator", ["other"])), { code: "VM_NOT_FOUND" });
  await assert.rejects(connect(await core.userToken("operator", [])), { code: "VM_NOT_FOUND" });
});

interface Stream {
  readonly text: string;
  readonly length: number;
  readonly results: readonly Readonly<Record<string, unknown>>[];
  readonly closes: readonly unknown[];
  readonly opened: Readonly<Record<string, unknown>>;
  type(text: string): void;
  /** From here on what comes is taken, also what came before. */
  read(): void;
  reset(): void;
}

async function open(
  console: MachinesClient,
  nodeId: string,
  {
    kind = "exec",
    params,
    reading = true,
  }: { readonly kind?: string; readonly params: object; readonly reading?: boolean },
): Promise<Stream> {
  const chunks: Buffer[] = [];
  const results: Readonly<Record<string, unknown>>[] = [];
  const closes: unknown[] = [];
  let held = 0;
  let isReading = reading;
  let hasEnded = false;
  let near: Channel | undefined;
  // The first bytes, and all of a short stream, may come before the answer to the open is taken up here.
  const goOn = (): void => {
    if (near === undefined) return;
    if (isReading) {
      near.consumed(held);
      held = 0;
    }
    if (hasEnded) near.end();
  };
  const { channel, result } = await console.openChannel({
    kind,
    nodeId,
    params: { ...params },
    onResult: (data) => results.push(data),
    handler: {
      data(bytes) {
        chunks.push(Buffer.from(bytes));
        held += bytes.length;
        goOn();
      },
      ended() {
        hasEnded = true;
        goOn();
      },
      writable() {},
      closed: (reset) => closes.push(reset),
    },
  });
  near = channel;
  goOn();
  return {
    get text() {
      return Buffer.concat(chunks).toString();
    },
    get length() {
      return chunks.reduce((sum, { length }) => sum + length, 0);
    },
    results,
    closes,
    opened: result,
    type: (text) => channel.write(new TextEncoder().encode(text)),
    read() {
      isReading = true;
      goOn();
    },
    reset: () => channel.reset(resetCode.cancelled, "closed"),
  };
}

test("exec over a channel: output as it comes, input, exit code, and a command like any other", async (t) => {
  const { core, agent } = await start(t);
  const console = await core.console();
  await console.hello();
  const stream = await open(console, agent.nodeId, {
    params: { command: "echo out; echo err >&2; read x; echo got $x; exit 4" },
  });
  await eventually(() => stream.text.includes("out\n") && stream.text.includes("err\n"));
  stream.type("this\n");
  await eventually(() => stream.closes.length > 0);
  assert.match(stream.text, /got this\n$/);
  const commandId = String(stream.opened["command_id"]);
  assert.deepEqual(stream.results, [{ exit_code: 4, command_id: commandId }]);
  const command = await eventually(async () => {
    const found = (await console.request("command-get", { commandId })).command;
    return found.status === "failed" && found;
  });
  assert.deepEqual([command.exitCode, command.createdBy], [4, "admin"]);
  const { text } = await console.request("command-output", { commandId, stream: "stderr" });
  assert.equal(text, "err\n");
});

test("a console that does not read slows its own stream, loses nothing of it, and slows nobody else", async (t) => {
  const { core, agent } = await start(t);
  const slowConsole = await core.console();
  const fastConsole = await core.console();
  await Promise.all([slowConsole.hello(), fastConsole.hello()]);
  const bytes = 30_000_000;
  const flood = `head -c ${bytes} /dev/zero`;
  const slow = await open(slowConsole, agent.nodeId, { params: { command: flood }, reading: false });
  await eventually(() => slow.length >= 1024 * 1024);
  const fast = await open(fastConsole, agent.nodeId, { params: { command: flood } });
  await eventually(() => fast.closes.length > 0, { within: 20_000 });
  assert.equal(fast.length, bytes);
  await slowConsole.request("ping", {});
  const second = await open(slowConsole, agent.nodeId, { params: { command: "echo hello" } });
  await eventually(() => second.closes.length > 0);
  assert.equal(second.text, "hello\n", "not even another stream of the same console waits");
  assert.equal(slow.length, 1024 * 1024, "no more than its window");
  assert.equal(core.core.nodes.require(agent.nodeId).status, "online");
  slow.read();
  await eventually(() => slow.closes.length > 0, { within: 20_000 });
  assert.deepEqual([slow.length, slow.results[0]?.["exit_code"]], [bytes, 0]);
});

test("a terminal outlives its console's connection, for its own user and nobody else", async (t) => {
  const { core, agent } = await start(t);
  const token = await core.userToken("operator");
  const cut = await core.console(token);
  await cut.hello();
  const params = { shell: "/bin/sh", cols: 80, rows: 24 };
  const first = await open(cut, agent.nodeId, { kind: "terminal", params });
  first.type("x=kept; echo rea''dy\n");
  await eventually(() => first.text.includes("ready"));
  const seen = first.length;
  const session = String(first.opened["session"]);
  cut.close();
  const stranger = await core.console(await core.userToken("operator"));
  await stranger.hello();
  const stolen = open(stranger, agent.nodeId, { kind: "terminal", params: { ...params, session } });
  await assert.rejects(stolen, { code: "SESSION_NOT_FOUND" });
  const forged = open(stranger, agent.nodeId, { kind: "terminal", params: { ...params, session, owner: "admin" } });
  await assert.rejects(forged, { code: "SESSION_NOT_FOUND" });
  const size = { vmId: agent.nodeId, session, cols: 10, rows: 10 };
  await assert.rejects(stranger.request("terminal-resize", size), { code: "TERMINAL_NOT_CONNECTED" });
  const back = await core.console(token);
  await back.hello();
  const second = await open(back, agent.nodeId, { kind: "terminal", params: { ...params, session, offset: seen } });
  assert.equal(second.opened["offset"], seen);
  second.type("echo x-is-$x\n");
  await eventually(() => second.text.includes("x-is-kept"));
  second.reset();
});
