import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { isRunning } from "../support/processes.ts";
import { runNode } from "../support/runNode.ts";

failOnLeaks();

const scripts = join(import.meta.dirname, "../../scripts");
const names = readdirSync(scripts, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mjs"));

/** Runs a few lines that use `scripts/lib/run.mjs`, as the scripts do. */
function start(t: TestContext, lines: string) {
  const source = `import { must, run, script, SetupError } from ${JSON.stringify(join(scripts, "lib", "run.mjs"))};\n${lines}`;
  const args = ["--input-type=module", "-e", source];
  return runNode(t, args);
}

/** A call of `run` of this very Node with some source. */
const node = (source: string, options = "{}"): string =>
  `await run(process.execPath, ["-e", ${JSON.stringify(source)}], ${options})`;

test("a script ends with the exit code of the program that it runs", async (t) => {
  const { code, stdout } = await start(t, `await script(async () => ${node("console.log('data'); process.exit(7)")});`)
    .exit;
  assert.deepEqual([code, stdout], [7, "data\n"]);
});

test("a program whose output is not the script's goes to standard error", async (t) => {
  const { stdout, stderr } = await start(t, node("console.log('progress')", "{ quiet: true }")).exit;
  assert.deepEqual([stdout, stderr], ["", "progress\n"]);
});

test("what fails at the set-up is told in one sentence", async (t) => {
  const failing = `await script(() => must("the build", [process.execPath, "-e", "process.exit(3)"]));`;
  const { code, stderr } = await start(t, failing).exit;
  assert.deepEqual([code, stderr], [1, "picket: the build failed (exit code 3): see the lines above\n"]);
  const missing = await start(t, `await script(() => run("/no/such/program", []));`).exit;
  assert.notEqual(missing.code, 0);
});

test("a supervisor's SIGTERM reaches the program, which ends in its own time and with its own code", async (t) => {
  const program = "process.on('SIGTERM', () => setTimeout(() => process.exit(5), 50)); setInterval(() => {}, 1e3);";
  const source = `${program} console.log(process.pid)`;
  const running = start(t, `process.exitCode = ${node(source)};`);
  const pid = await eventually(() => Number(/^(\d+)\n/.exec(running.stdout)?.[1]) || undefined);
  t.after(() => {
    if (isRunning(pid)) process.kill(pid, "SIGKILL");
  });
  running.signal("SIGTERM");
  assert.equal((await running.exit).code, 5);
  await eventually(() => !isRunning(pid));
});

test("a program that a signal ended has the code that a shell would report", async (t) => {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGKILL", 1],
  ] as const) {
    const ended = await start(t, `process.exitCode = ${node(`process.kill(process.pid, "${signal}")`)};`).exit;
    assert.equal(ended.code, code, signal);
  }
});

test("the scripts need nothing that is not there before anything is installed", () => {
  assert.ok(names.includes("start.mjs") && names.length > 10);
  for (const name of names) {
    const source = readFileSync(join(scripts, name), "utf8");
    for (const [, from = ""] of source.matchAll(/(?:\bfrom |\bimport \(?|\bimport\()"([^"\n]+)"/g)) {
      assert.match(from, /^(node:|\.\.?\/)/, `${name} imports ${from}`);
    }
  }
});

const machineNode = spawnSync("node", ["--version"], { encoding: "utf8" });

test("this machine's own Node understands the scripts", { skip: machineNode.status !== 0 }, () => {
  for (const name of names) {
    const { status, stderr } = spawnSync("node", ["--check", join(scripts, name)], { encoding: "utf8" });
    assert.equal(status, 0, `${machineNode.stdout.trim()} on ${name}: ${stderr}`);
  }
});
