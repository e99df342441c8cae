import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startRunner } from "../support/startRunner.ts";

failOnLeaks();

const asRoot = process.getuid?.() === 0;

test("a command's result has its exit code, both streams apart, and how long it took", async (t) => {
  const { execute, result, started } = await startRunner(t);
  execute("c", "printf out; printf err >&2; sleep 0.05; exit 3");
  const { execution_time_ms: took, ...rest } = await result("c");
  assert.deepEqual(rest, { command_id: "c", exit_code: 3, stdout: "out", stderr: "err" });
  assert.ok(took >= 50 && took < 5_000, `${took}`);
  assert.deepEqual(started, ["c"]);
});

test("exit codes are as a shell reports them", async (t) => {
  const { execute, result } = await startRunner(t);
  for (const [command, code] of [
    ["true", 0],
    ["exit 255", 255],
    ["kill -9 $$", 137],
    ["kill -TERM $$", 143],
    ["/no/such/program", 127],
    ["'", 2],
    ["", 0],
  ] as const) {
    execute(command, command);
    assert.equal((await result(command)).exit_code, code, command);
  }
});

test("a command that reads its input finds it empty instead of waiting", async (t) => {
  const { execute, result } = await startRunner(t);
  execute("c", "cat; read line; echo done");
  assert.equal((await result("c")).stdout, "done\n");
});

test("a command runs in the home folder and sees nothing of the agent's own environment", async (t) => {
  const ours = ["PICKET_ADMIN_PASSWORD", "PICKET_TOKEN", "npm_config_cache", "NODE_OPTIONS_TEST", "INIT_CWD"];
  for (const name of ours) process.env[name] = "secret";
  process.env["TEST_OF_PICKET"] = "stays";
  t.after(() => {
    for (const name of [...ours, "TEST_OF_PICKET"]) delete process.env[name];
  });
  const { execute, result } = await startRunner(t);
  execute("c", "pwd; env");
  const { stdout } = await result("c");
  const [folder, ...env] = stdout.split("\n");
  assert.equal(folder, homedir());
  const names = env.map((line) => line.split("=")[0] ?? "");
  assert.deepEqual(
    names.filter((name) => /^(PICKET_|npm_|NODE_|INIT_CWD)/.test(name)),
    [],
  );
  assert.ok(names.includes("TEST_OF_PICKET") && names.includes("PATH"));
});

test("an output over 1 MiB is cut from the middle, and the cut says how much is missing", async (t) => {
  const { execute, result } = await startRunner(t);
  execute("c", "seq 1 400000; seq 400001 500000 >&2");
  const whole = `${Array.from({ length: 400_000 }, (_, index) => index + 1).join("\n")}\n`;
  const { stdout, stderr } = await result("c");
  const [, head = "", missing, tail = ""] = /^(.*)\n\[… (\d+) bytes left out …\]\n(.*)$/s.exec(stdout) ?? [];
  assert.ok(whole.startsWith(head) && whole.endsWith(tail));
  assert.equal(head.length + Number(missing) + tail.length, whole.length);
  assert.ok(Math.abs(head.length - tail.length) < 16, "half from the beginning, half from the end");
  assert.ok(stderr.startsWith("400001\n") && stderr.endsWith("500000\n"));
});

test("a result always fits one message of 1 MiB, whatever was printed", async (t) => {
  const { execute, result } = await startRunner(t);
  const outputs = [
    "head -c 3000000 /dev/urandom",
    "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2",
    "yes '机器' | head -c 2500000",
    "yes '\\\"' | head -c 1500000; yes '\\\\' | head -c 1500000 >&2",
  ];
  for (const command of outputs) {
    execute(command, command);
    const message = { type: "command_result", id: "x".repeat(36), data: await result(command) };
    const size = Buffer.byteLength(JSON.stringify(message));
    assert.ok(size < 1024 * 1024 && size > 300_000, `${command}: ${size}`);
    assert.equal(message.data.exit_code, 0);
  }
});

test("a cut never goes through a character", async (t) => {
  const { execute, result } = await startRunner(t);
  execute("c", "printf x; yes '😀' | tr -d '\\n' | head -c 4000000");
  const { stdout } = await result("c");
  assert.equal(/\uFFFD/.test(stdout.slice(0, -8)), false);
  assert.match(stdout, /bytes left out/);
});

test("what the policy forbids is refused by the message's id, and leaves no trace of having run", async (t) => {
  const runner = await startRunner(t, { policy: "version: 1\ncommands: {deny: [forbidden]}\n" });
  runner.execute("c", "echo forbidden");
  const { messageId, error } = await eventually(() => runner.refused[0]);
  assert.deepEqual([messageId, error.code], ["c", "FORBIDDEN_BY_POLICY"]);
  assert.deepEqual([runner.started, runner.finished], [[], []]);
  assert.equal(readFileSync(join(runner.folder, "commands.journal"), "utf8"), "");
});

test("commands run as the user that the policy names", { skip: !asRoot && "needs root" }, async (t) => {
  const { execute, result } = await startRunner(t, { policy: "version: 1\nrun_as: nobody\n" });
  execute("c", "id -un; id -u; id -g; echo $USER $LOGNAME; touch /root/picket-test 2>/dev/null || echo kept out");
  const lines = (await result("c")).stdout.trim().split("\n");
  const [name, uid, gid, variables, last] = lines;
  assert.deepEqual([name, variables, last], ["nobody", "nobody nobody", "kept out"]);
  assert.ok(Number(uid) > 0 && Number(gid) > 0);
});

test("with a user that does not exist nothing runs", async (t) => {
  const runner = await startRunner(t, { policy: "version: 1\nrun_as: nobody-of-that-name\n" });
  runner.execute("c", "id");
  assert.equal((await eventually(() => runner.refused[0])).error.code, "FORBIDDEN_BY_POLICY");
});
