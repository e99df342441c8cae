import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CommandJournal } from "../../src-main/agent/spool/commandJournal.ts";
import { ResultSpool, type SpooledResult } from "../../src-main/agent/spool/resultSpool.ts";
import { recordBytes } from "../../src-main/agent/spool/sampleQueue.ts";
import { SampleSpool } from "../../src-main/agent/spool/sampleSpool.ts";
import { silentLogger } from "../../src-main/base/logger.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { SeededRandom } from "../support/seededRandom.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

const noon = Date.parse("2026-03-01T12:00:00Z");
const bound = 24_000;

const sample = (index: number) => ({ time: noon + index * 1_000, metrics: { cpu_usage: index % 100, uptime: index } });
const timesOf = (spool: SampleSpool): readonly number[] => spool.peek(0, bound + 10).map(({ time }) => time);

test("samples that were not acked are there after a restart, in their order and with their numbers", (t) => {
  const file = join(temporaryFolder(t), "samples.spool");
  const first = new SampleSpool(file, silentLogger);
  for (let index = 0; index < 500; index += 1) first.add(sample(index));
  first.acked(noon);
  first.acked(noon + 2_000);
  first.close();
  const second = new SampleSpool(file, silentLogger);
  assert.deepEqual(second.peek(0, 2), [sample(1), sample(2)]);
  assert.equal(second.peek(0, 1_000).at(-1)?.time, noon + 499_000);
  second.close();
});

test("a few samples are read as well as many, and nothing but them", (t) => {
  for (let count = 1; count < 100; count += 1) {
    const file = join(temporaryFolder(t), "samples.spool");
    const first = new SampleSpool(file, silentLogger);
    for (let index = 0; index < count; index += 1) first.add(sample(index));
    first.close();
    const second = new SampleSpool(file, silentLogger);
    assert.deepEqual(
      second.peek(0, bound),
      Array.from({ length: count }, (_, index) => sample(index)),
    );
    second.close();
  }
});

test("the spool keeps a day and no more, in memory and on the disk, however long the core is away", (t) => {
  const file = join(temporaryFolder(t), "samples.spool");
  const spool = new SampleSpool(file, silentLogger);
  for (let index = 0; index < bound * 3; index += 1) {
    spool.add(sample(index));
    if (index % 100 === 0) spool.persist();
  }
  assert.equal(spool.size, bound);
  assert.equal(timesOf(spool)[0], noon + bound * 2 * 1_000, "the newest are kept");
  spool.persist();
  assert.ok(statSync(file).size <= recordBytes * bound * 3, `${statSync(file).size}`);
  spool.add(sample(bound * 3 + 86_400 - 10));
  assert.equal(timesOf(spool)[0], sample(bound * 3 - 10).time, "older than a day is gone");
  spool.close();
  const again = new SampleSpool(file, silentLogger);
  assert.ok(again.size <= bound);
  again.close();
});

test("when everything is acked the file is empty, and acks in any order are enough", (t) => {
  const file = join(temporaryFolder(t), "samples.spool");
  const spool = new SampleSpool(file, silentLogger);
  const random = new SeededRandom(7);
  const waiting = Array.from({ length: 300 }, (_, index) => sample(index));
  for (const one of waiting) spool.add(one);
  spool.persist();
  assert.equal(statSync(file).size, 300 * recordBytes);
  while (waiting.length > 0) {
    const [one] = waiting.splice(random.below(waiting.length), 1);
    if (one !== undefined) spool.acked(one.time);
    const oldest = waiting[0]?.time;
    assert.equal(timesOf(spool)[0], oldest);
  }
  assert.deepEqual([spool.size, statSync(file).size], [0, 0]);
  spool.add(sample(1_000));
  spool.close();
  assert.deepEqual(timesOf(new SampleSpool(file, silentLogger)), [sample(1_000).time]);
});

test("a file that was cut off, or is full of nonsense, costs no more than what is broken in it", (t) => {
  const file = join(temporaryFolder(t), "samples.spool");
  const spool = new SampleSpool(file, silentLogger);
  for (let index = 0; index < 10; index += 1) spool.add(sample(index));
  spool.close();
  truncateSync(file, 10 * recordBytes - 5);
  const second = new SampleSpool(file, silentLogger);
  assert.equal(second.size, 9);
  second.add(sample(10));
  second.close();
  const third = new SampleSpool(file, silentLogger);
  assert.deepEqual(timesOf(third).slice(-2), [sample(8).time, sample(10).time], "nothing is read out of step");
  third.close();
  for (const nonsense of [new SeededRandom(1).bytes(5_000), Buffer.alloc(recordBytes * 3, 0xff), Buffer.alloc(3)]) {
    writeFileSync(file, nonsense);
    const broken = new SampleSpool(file, silentLogger);
    broken.add(sample(20));
    assert.ok(
      timesOf(broken).every((time) => !Number.isNaN(new Date(time).getTime())),
      "every time can be sent",
    );
    assert.equal(timesOf(broken).at(-1), sample(20).time);
    broken.close();
  }
});

test("a disk that takes nothing costs no sample while the agent runs", (t) => {
  const folder = temporaryFolder(t);
  const spool = new SampleSpool(join(folder, "gone", "samples.spool"), silentLogger);
  for (let index = 0; index < 50; index += 1) spool.add(sample(index));
  spool.persist();
  assert.equal(spool.size, 50);
  mkdirSync(join(folder, "gone"));
  spool.persist();
  assert.equal(statSync(join(folder, "gone", "samples.spool")).size, 50 * recordBytes);
  spool.close();
});

const result = (commandId: string, stdout = "out"): SpooledResult => ({
  command_id: commandId,
  exit_code: 0,
  stdout,
  stderr: "",
  execution_time_ms: 5,
});

test("a result is on the disk until it is acked, under whatever id a core gave it", (t) => {
  const folder = join(temporaryFolder(t), "results");
  const ids = [
    "c",
    "../../etc/passwd",
    "a/b",
    "",
    "\u0000",
    "x".repeat(128),
    "机".repeat(128),
    "__proto__",
    "con",
    ".",
  ];
  const first = new ResultSpool(folder, silentLogger);
  for (const id of ids) first.put(result(id, id));
  const second = new ResultSpool(folder, silentLogger);
  assert.deepEqual(
    second
      .list()
      .map(({ stdout }) => stdout)
      .sort(),
    [...ids].sort(),
  );
  for (const id of ids) assert.equal(second.get(id)?.stdout, id);
  assert.deepEqual(readdirSync(join(folder, "..")), ["results"], "nothing was written anywhere else");
  for (const id of ids) second.acked(id);
  second.acked("never there");
  assert.deepEqual([second.list(), readdirSync(folder)], [[], []]);
});

test("a result file that is broken or half written is no result", (t) => {
  const folder = join(temporaryFolder(t), "results");
  const spool = new ResultSpool(folder, silentLogger);
  spool.put(result("whole"));
  const [name = ""] = readdirSync(folder);
  const text = readFileSync(join(folder, name), "utf8");
  writeFileSync(join(folder, "half.json"), text.slice(0, 20));
  writeFileSync(join(folder, "empty.json"), "");
  writeFileSync(join(folder, "other.json"), '{"command_id":7}');
  writeFileSync(join(folder, "new.json.new"), text);
  assert.deepEqual(spool.list(), [result("whole")]);
});

test("a result that the disk does not take is kept in memory", (t) => {
  const folder = join(temporaryFolder(t), "results");
  const spool = new ResultSpool(folder, silentLogger);
  rmSync(folder, { recursive: true });
  spool.put(result("c"));
  assert.deepEqual(spool.get("c"), result("c"));
  mkdirSync(folder);
  assert.deepEqual(spool.list(), [result("c")]);
  spool.acked("c");
  assert.deepEqual(spool.list(), []);
});

test("the journal knows what was taken on, over restarts, and what was interrupted", (t) => {
  const file = join(temporaryFolder(t), "commands.journal");
  const first = new CommandJournal(file);
  for (const id of ["done", "running", "line\nend", "+x", "100 %"]) first.started(id);
  for (const id of ["done", "+x"]) first.ended(id);
  first.close();
  const second = new CommandJournal(file);
  assert.deepEqual(second.interrupted(), ["running", "line\nend", "100 %"]);
  assert.deepEqual(
    ["done", "running", "line\nend", "end", "x", "other"].map((id) => second.has(id)),
    [true, true, true, false, false, false],
  );
  second.close();
});

test("a journal whose last line was cut off, or that is nonsense, does not keep the agent from starting", (t) => {
  const file = join(temporaryFolder(t), "commands.journal");
  const first = new CommandJournal(file);
  first.started("a b");
  first.close();
  for (const tail of ["+c%2", "+", "-", "\u0000\u0000\u0000", "%%%\n+%E6%9C\n", "-unknown\n"]) {
    appendFileSync(file, tail);
    const journal = new CommandJournal(file);
    assert.ok(journal.has("a b"), tail);
    journal.close();
  }
});

test("the journal remembers 2,000 commands, forgets the oldest, and never one that runs", (t) => {
  const file = join(temporaryFolder(t), "commands.journal");
  writeFileSync(
    file,
    Array.from({ length: 10_000 }, (_, index) => `+c${index}\n${index === 5 ? "" : `-c${index}\n`}`).join(""),
  );
  const journal = new CommandJournal(file);
  assert.deepEqual([journal.has("c5"), journal.has("c6"), journal.has("c9999")], [true, false, true]);
  assert.deepEqual(journal.interrupted(), ["c5"]);
  journal.close();
  assert.ok(readFileSync(file, "utf8").split("\n").length <= 2 * 2_000 + 1);
});

test("a file with nothing but the beginning of a record does not garble what comes after it", (t) => {
  const file = join(temporaryFolder(t), "samples.spool");
  writeFileSync(file, "cut");
  const first = new SampleSpool(file, silentLogger);
  first.add(sample(1));
  first.close();
  const second = new SampleSpool(file, silentLogger);
  assert.deepEqual(second.peek(0, 10), [sample(1)]);
  second.close();
});

test("with a disk that takes nothing the agent starts with what was there, and goes on when there is room", (t) => {
  const folder = temporaryFolder(t);
  const samples = join(folder, "samples.spool");
  const before = new SampleSpool(samples, silentLogger);
  before.add(sample(0));
  before.close();
  truncateSync(samples, recordBytes);
  appendFileSync(samples, "cut off");
  const journalFile = join(folder, "commands.journal");
  writeFileSync(journalFile, "+a\n-a\n+b\n-");
  // Where a folder stands no file can be written.
  for (const file of [samples, journalFile]) mkdirSync(`${file}.new`);

  const journal = new CommandJournal(journalFile);
  assert.deepEqual([journal.has("a"), journal.interrupted()], [true, ["b"]]);
  journal.started("c");
  journal.close();
  const spool = new SampleSpool(samples, silentLogger);
  spool.add(sample(1));
  spool.persist();
  rmSync(`${samples}.new`, { recursive: true });
  spool.close();

  const journalAgain = new CommandJournal(journalFile);
  assert.deepEqual(journalAgain.interrupted(), ["b", "c"], "what was cut off did not swallow the next line");
  journalAgain.close();
  const spoolAgain = new SampleSpool(samples, silentLogger);
  assert.deepEqual(spoolAgain.peek(0, 10), [sample(0), sample(1)]);
  spoolAgain.close();
});

test("a command that cannot be written down is not taken on", (t) => {
  const file = join(temporaryFolder(t), "commands.journal");
  mkdirSync(file);
  const journal = new CommandJournal(file);
  assert.throws(() => journal.started("a"), { code: "NODE_STORAGE_FAILED" });
  assert.equal(journal.has("a"), false);
  journal.close();
});
