import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { CollectedLine } from "../../../src-main/agent/logs/collectedLine.ts";
import { type ProcessLog, ProcessSource } from "../../../src-main/agent/logs/processSource.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

interface Read {
  readonly source: ProcessSource;
  readonly clock: ManualClock;
  readonly messages: readonly string[];
  readonly troubles: string[];
  /** What it was started with, each time. */
  readonly positions: (string | undefined)[];
}

/** Reads what a shell script prints: a message a line, which is its position as well. */
function read(
  t: TestContext,
  script: string,
  options: Partial<ProcessLog> & { readonly position?: string } = {},
): Read {
  const { position, ...more } = options;
  const file = join(temporaryFolder(t), "script.sh");
  writeFileSync(file, script);
  const clock = new ManualClock();
  const lines: CollectedLine[] = [];
  const troubles: string[] = [];
  const positions: (string | undefined)[] = [];
  const log: ProcessLog = {
    name: "script",
    command: (from) => {
      positions.push(from);
      return { file: "/bin/sh", args: [file, from ?? ""] };
    },
    read: (message) => ({ time: 0, level: "info", source: "script", message, position: message }),
    ...more,
  };
  const handler = { line: (line: CollectedLine) => lines.push(line), trouble: (text: string) => troubles.push(text) };
  const source = new ProcessSource({ log, position, handler, clock });
  t.after(() => source.close());
  return {
    source,
    clock,
    get messages() {
      return lines.map(({ message }) => message);
    },
    troubles,
    positions,
  };
}

test("a program that ends is started again where it was, and that is said once", async (t) => {
  const seen = read(t, 'echo "after $1"; echo why >&2; exit 1');
  await eventually(() => seen.troubles.length === 1);
  assert.match(seen.troubles[0] ?? "", /^reading script ended and starts again: why$/);
  seen.clock.advance(5_000);
  await eventually(() => seen.messages.length === 2);
  assert.deepEqual(seen.positions, [undefined, "after "]);
  assert.deepEqual(seen.messages, ["after ", "after after "]);
});

test("a position that the program does not know any more is given up for the next best", async (t) => {
  const script = 'if [ "$1" = unknown ]; then exit 1; fi; echo "from $1"; exec sleep 60';
  const seen = read(t, script, { afterLoss: () => "second", position: "unknown" });
  await eventually(() => seen.troubles.length === 1);
  seen.clock.advance(5_000);
  await eventually(() => seen.messages.length === 1);
  assert.deepEqual(seen.messages, ["from second"]);
});

test("a program that is not there is told, and tried again without end", async (t) => {
  const seen = read(t, "", { command: () => ({ file: "/nonexistent/program", args: [] }) });
  await eventually(() => seen.troubles.length === 1);
  for (let count = 0; count < 5; count += 1) {
    seen.clock.advance(5_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.match(seen.troubles[0] ?? "", /ENOENT/);
  assert.equal(seen.troubles.length, 1);
});

test("while it is paused nothing is read, and the program waits", async (t) => {
  const seen = read(t, 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); echo "$i"; done; exec sleep 60');
  await eventually(() => seen.messages.length > 0);
  seen.source.setPaused(true);
  const { length } = seen.messages;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(seen.messages.length, length);
  assert.ok(length < 60_000, "it would have been done by now");
  seen.source.setPaused(false);
  await eventually(() => seen.messages.length === 60_000);
  assert.ok(seen.messages.every((message, index) => message === String(index + 1)));
});

test("a line that is too long is said to be, and the next one is read", async (t) => {
  const seen = read(t, "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo next; exec sleep 60");
  await eventually(() => seen.messages.length === 1);
  assert.deepEqual(seen.messages, ["next"]);
  assert.match(seen.troubles[0] ?? "", /3000000 bytes/);
});
