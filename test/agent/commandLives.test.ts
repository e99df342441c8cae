import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { ManualClock } from "../support/manualClock.ts";
import { isRunning } from "../support/processes.ts";
import { startRunner } from "../support/startRunner.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

/** The process ids that a command has written into a file, one per line. */
async function pidsIn(file: string, count: number): Promise<readonly number[]> {
  const lines = await eventually(() => {
    try {
      const found = readFileSync(file, "utf8").trim().split("\n").filter(Boolean);
      return found.length === count && found;
    } catch {
      return undefined;
    }
  });
  return lines.map(Number);
}

/** Lets time pass until something has ended: the rest of a command's group is looked for from time to time. */
async function ended(clock: ManualClock, look: () => boolean): Promise<void> {
  await eventually(() => {
    clock.advance(50);
    return look();
  });
}

test("at its time limit a command is ended with everything that it started, and reports 124", async (t) => {
  const clock = new ManualClock();
  const { execute, result, folder, finished } = await startRunner(t, { clock });
  const file = join(folder, "pids");
  execute("c", `sh -c 'echo $$ >> ${file}; sleep 1000 & echo $! >> ${file}; wait' & echo $$ >> ${file}; wait`, 30);
  const pids = await pidsIn(file, 3);
  clock.advance(29_999);
  assert.deepEqual([pids.every(isRunning), finished.length], [true, 0]);
  clock.advance(1);
  await eventually(() => !pids.some(isRunning), { what: "the end of the whole group" });
  await ended(clock, () => finished.length > 0);
  const { exit_code: code, stderr } = await result("c");
  assert.equal(code, 124);
  assert.match(stderr, /time limit of 30 s/);
});

test("what does not end when asked is killed 5 s later", async (t) => {
  const clock = new ManualClock();
  const { execute, result, folder } = await startRunner(t, { clock });
  const file = join(folder, "pids");
  execute("c", `trap '' TERM; echo $$ >> ${file}; while :; do sleep 0.05; done`, 10);
  const pids = await pidsIn(file, 1);
  clock.advance(10_000);
  clock.advance(4_999);
  assert.equal(pids.every(isRunning), true);
  clock.advance(1);
  await eventually(() => !pids.some(isRunning));
  assert.equal((await result("c")).exit_code, 124);
});

test("a grandchild that ignores the request and prints nothing is killed all the same", async (t) => {
  const clock = new ManualClock();
  const { execute, result, folder, runner } = await startRunner(t, { clock });
  const file = join(folder, "pids");
  for (const end of ["limit", "cancel"] as const) {
    const own = `${file}-${end}`;
    const stubborn = `(trap '' TERM; echo $(sh -c 'echo $PPID') >> ${own}; while :; do sleep 0.05; done) >/dev/null 2>&1 &`;
    execute(end, `${stubborn} sleep 1000`, 10);
    const pids = await pidsIn(own, 1);
    if (end === "limit") clock.advance(10_000);
    else runner.cancel(end);
    await ended(clock, () => !pids.some(isRunning));
    assert.equal((await result(end)).exit_code, end === "limit" ? 124 : 143);
  }
});

test("a cancelled command is ended with everything that it started", async (t) => {
  const clock = new ManualClock();
  const { execute, result, folder, runner, finished } = await startRunner(t, { clock });
  const file = join(folder, "pids");
  execute("c", `sleep 1000 & echo $! >> ${file}; echo $$ >> ${file}; wait`);
  const pids = await pidsIn(file, 2);
  runner.cancel("c");
  await eventually(() => !pids.some(isRunning));
  await ended(clock, () => finished.length > 0);
  assert.equal((await result("c")).exit_code, 143);
});

test("a background process that keeps the output open does not keep the command open", async (t) => {
  const clock = new ManualClock();
  const { execute, result, folder, finished } = await startRunner(t, { clock });
  const file = join(folder, "pids");
  execute("c", `sleep 1000 & echo $! >> ${file}; echo before`);
  const pids = await pidsIn(file, 1);
  t.after(() => {
    for (const pid of pids) process.kill(pid);
  });
  await ended(clock, () => finished.length > 0);
  assert.deepEqual([(await result("c")).stdout, (await result("c")).exit_code], ["before\n", 0]);
  assert.equal(pids.every(isRunning), true, "what a command leaves behind on purpose stays");
});

test("a command runs once, however often its id comes, in one breath, while it runs, and after a restart", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "runs");
  const command = `echo run >> ${file}; sleep 0.1`;
  const first = await startRunner(t, { folder });
  for (let time = 0; time < 5; time += 1) first.execute("c", command);
  await first.result("c");
  first.execute("c", command);
  assert.equal(first.finished.length, 2, "a result that is not acked comes again");
  first.results.acked("c");
  first.execute("c", command);
  assert.equal((await eventually(() => first.refused[0])).error.code, "CONFLICT");
  await first.close();
  const second = await startRunner(t, { folder });
  second.execute("c", command);
  assert.equal((await eventually(() => second.refused[0])).error.code, "CONFLICT");
  await second.close();
  assert.equal(readFileSync(file, "utf8"), "run\n");
});

test("a command that was running when the agent was killed is reported, and not run again", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "runs");
  const first = await startRunner(t, { folder });
  await first.close();
  appendFileSync(join(folder, "commands.journal"), "+c\n");
  const second = await startRunner(t, { folder });
  const [report] = second.results.list();
  assert.deepEqual([report?.command_id, report?.exit_code], ["c", -1]);
  assert.match(report?.stderr ?? "", /agent stopped/);
  second.execute("c", `echo run >> ${file}`);
  assert.equal(second.finished[0]?.exit_code, -1);
  assert.throws(() => readFileSync(file));
  await second.close();
});

test("closing ends what runs, and its result waits for the next start", async (t) => {
  const folder = temporaryFolder(t);
  const first = await startRunner(t, { folder });
  const file = join(folder, "pids");
  first.execute("c", `echo $$ >> ${file}; sleep 1000`);
  const pids = await pidsIn(file, 1);
  await first.close();
  assert.equal(pids.some(isRunning), false);
  const second = await startRunner(t, { folder });
  assert.equal(second.results.list()[0]?.exit_code, 143);
  await second.close();
});

test("32 commands run at a time, 1,000 wait, and the next is refused", async (t) => {
  const clock = new ManualClock();
  const { execute, runner, started, refused } = await startRunner(t, { clock });
  for (let index = 0; index < 1_032; index += 1) execute(`c${index}`, "sleep 1000");
  await eventually(() => started.length === 32);
  assert.equal(refused.length, 0);
  execute("one too many", "sleep 1000");
  assert.equal((await eventually(() => refused[0])).error.code, "RATE_LIMITED");
  assert.equal(started.length, 32);
  runner.cancel("c500");
  assert.deepEqual([refused[1]?.messageId, refused[1]?.error.code], ["c500", "CANCELLED"]);
  runner.cancel("c0");
  await ended(clock, () => started.length === 33);
  assert.equal(started[32], "c32", "the one that waited longest is next");
});
