import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startAgent, type TestAgent } from "../support/startAgent.ts";
import { startCore, type TestCore } from "../support/startCore.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcpProxy.ts";

failOnLeaks();

interface Scene {
  readonly core: TestCore;
  readonly proxy: TcpProxy;
  readonly agent: TestAgent;
}

async function start(t: TestContext): Promise<Scene> {
  const core = await startCore(t);
  const proxy = await startTcpProxy(t, Number(new URL(core.httpUrl).port));
  const wsUrl = `ws://127.0.0.1:${proxy.port}`;
  const agent = await startAgent(t, { wsUrl, token: await core.enrolmentToken() });
  await agent.connected();
  return { core, proxy, agent };
}

/** Cuts the agent's link and lets it come back. */
async function breakLink(
  { core, proxy, agent }: Scene,
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<void> {
  const before = agent.connections;
  proxy.cut();
  await eventually(() => core.core.nodes.require(agent.nodeId).status === "offline");
  await meanwhile();
  proxy.heal();
  await eventually(() => agent.connections > before, { within: 20_000, what: "the agent's return" });
}

test("a command that runs while the link breaks, again and again, runs once and has one result", async (t) => {
  const scene = await start(t);
  const { core, agent } = scene;
  const file = join(agent.folder, "runs");
  const console = await core.console();
  const command = `echo run >> ${file}; sleep 1; echo done`;
  const { commands } = await console.request("command-run", { nodeIds: [agent.nodeId], command });
  const commandId = commands[0]?.commandId ?? "";
  const status = async (): Promise<string> => (await console.request("command-get", { commandId })).command.status;
  await eventually(async () => (await status()) === "started");
  await breakLink(scene);
  await breakLink(scene);
  await eventually(async () => (await status()) === "succeeded");
  const { text } = await console.request("command-output", { commandId, stream: "stdout" });
  assert.deepEqual([text, readFileSync(file, "utf8")], ["done\n", "run\n"]);
});

test("commands that are given while the link is broken run when it is back, in their order", async (t) => {
  const scene = await start(t);
  const { core, agent } = scene;
  const file = join(agent.folder, "runs");
  const console = await core.console();
  await breakLink(scene, async () => {
    for (let index = 0; index < 5; index += 1) {
      const command = `echo ${index} >> ${file}`;
      await console.request("command-run", { nodeIds: [agent.nodeId], command });
    }
  });
  await eventually(async () => {
    const { commands } = await console.request("command-list", { nodeId: agent.nodeId });
    return commands.every(({ status }) => status === "succeeded");
  });
  assert.deepEqual(readFileSync(file, "utf8").trim().split("\n").sort(), ["0", "1", "2", "3", "4"]);
});

test("a terminal whose node lost its link is told so, and goes on where it was when the node is back", async (t) => {
  const scene = await start(t);
  const { core, agent } = scene;
  const console = await core.console();
  await console.hello();
  let text = "";
  let length = 0;
  let reset: { readonly code: number } | undefined;
  const view = (params: object) =>
    console.openChannel({
      kind: "terminal",
      nodeId: agent.nodeId,
      params: { shell: "/bin/sh", cols: 80, rows: 24, ...params },
      window: 128 * 1024,
      handler: {
        data(bytes) {
          text += Buffer.from(bytes).toString();
          length += bytes.length;
        },
        ended() {},
        writable() {},
        closed: (why) => {
          reset = why;
        },
      },
    });
  const first = await view({});
  const type = (one: typeof first, input: string): unknown => one.channel.write(new TextEncoder().encode(input));
  type(first, "for i in 1 2 3 4 5 6 7 8; do echo line-$i; sleep 0.1; done; echo al''l\n");
  await eventually(() => text.includes("line-1"));
  const { session } = first.result;
  await breakLink(scene);
  await eventually(() => reset !== undefined);
  assert.equal(reset?.code, 2);
  const seen = length;
  const second = await view({ session, offset: seen });
  assert.equal(second.result["offset"], seen, "it goes on at the byte where it was");
  await eventually(() => text.includes("all\r\n"));
  const lines = text.match(/line-\d(?=\r)/g);
  assert.deepEqual(
    lines,
    [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `line-${number}`),
    "nothing is missing, nothing twice",
  );
  second.channel.reset(1, "done");
});

test("samples that are measured while the link is broken are in the chart, once each", async (t) => {
  const scene = await start(t);
  const { core } = scene;
  const stored: number[] = [];
  core.core.metrics.onSample(({ time }) => stored.push(time));
  await eventually(() => stored.length >= 1);
  const brokenAt = Date.now();
  let healedAt = 0;
  await breakLink(scene, async () => {
    await eventually(() => Date.now() - brokenAt > 5_500);
    healedAt = Date.now();
  });
  await eventually(() => stored.some((time) => time > brokenAt && time < healedAt), {
    what: "a sample from the break",
  });
  assert.equal(new Set(stored).size, stored.length);
  assert.equal(core.core.metrics.storedCount, stored.length);
});
