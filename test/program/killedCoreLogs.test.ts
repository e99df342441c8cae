import assert from "node:assert/strict";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { type KillableCore, startKillableAgent, startKillableCore } from "../support/killableProgram.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const nodeId = "agent-1";
const within = 30_000;

/** The numbers of the lines that the core has, each as often as it has it. */
async function stored(core: KillableCore): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  let before: number | undefined;
  do {
    const page = await core.ask((client) =>
      client.request("log-search", { text: '"number"', limit: 1_000, ...(before === undefined ? {} : { before }) }),
    );
    for (const { message } of page.lines) {
      const number = Number(message.split(" ")[1]);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    before = page.next ?? undefined;
  } while (before !== undefined);
  return counts;
}

test("no line is lost when the core is killed again and again while they come, and the file is rotated", async (t) => {
  const dataFolder = temporaryFolder(t);
  const agentFolder = temporaryFolder(t);
  const file = join(temporaryFolder(t), "app.log");
  writeFileSync(
    join(agentFolder, "policy.yaml"),
    `version: 1\ncapabilities: [logs]\nlogs: {journald: false, files: ["${file}"], max_lines_per_second: 100000}\n`,
  );
  let core = await startKillableCore(t, { dataFolder });
  const { port } = core;
  const token = await core.ask(async (client) => (await client.request("token-create", { uses: 1 })).token);
  await startKillableAgent(t, { dataFolder: agentFolder, port, nodeId, token });
  let written = 0;
  const write = (count: number): void => {
    const lines = Array.from({ length: count }, (_, index) => `number ${written + index}\n`);
    written += count;
    appendFileSync(file, lines.join(""));
  };
  // From the first line that arrives on, the agent follows the file: whatever comes into it then is new.
  await eventually(
    async () => {
      appendFileSync(file, "is anybody there\n");
      const { lines } = await core.ask((client) => client.request("log-search", { text: "anybody", limit: 1 }));
      return lines.length > 0;
    },
    { within, what: "the agent follows the file" },
  );
  for (let kill = 0; kill < 3; kill += 1) {
    const { size } = await stored(core);
    write(2_000);
    await eventually(async () => (await stored(core)).size > size, { within, what: "the first lines" });
    write(3_000);
    await new Promise((resolve) => setTimeout(resolve, 300 * (kill + 1)));
    await core.kill();
    write(2_000);
    if (kill === 1) renameSync(file, `${file}.1`);
    write(1_000);
    core = await startKillableCore(t, { dataFolder, port });
  }
  const last = await eventually(
    async () => {
      const counts = await stored(core);
      return counts.size >= written && counts;
    },
    { within: 60_000, what: "every line" },
  );
  const missing = Array.from({ length: written }, (_, number) => number).filter((number) => !last.has(number));
  assert.deepEqual(missing, []);
});
