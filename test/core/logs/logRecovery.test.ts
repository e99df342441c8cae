import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../src-main/base/clock.ts";
import { silentLogger } from "../../../src-main/base/logger.ts";
import { defaultLogLimits } from "../../../src-main/core/logs/logRetention.ts";
import { LogStore } from "../../../src-main/core/logs/logStore.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { startChild } from "../../support/killableChild.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

failOnLeaks();

test("every line that was acked is there and is found after kill -9, once, six times in a row", async (t) => {
  const file = join(temporaryFolder(t), "logs.db");
  const random = new SeededRandom(5);
  const acked = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    const child = startChild(t, join(import.meta.dirname, "ackedLines.ts"), [file, `${round * 1_000_000}`]);
    const enough = 1 + random.below(80);
    await eventually(() => child.lines.length >= enough);
    await child.kill();
    for (const line of child.lines) acked.add(line);

    const store = await LogStore.open({ file, clock: systemClock, logger: silentLogger, limits: defaultLogLimits });
    const found = new Map<string, number>();
    let before: number | undefined;
    do {
      const { entries, next } = await store.search({ limit: 1_000, before });
      for (const { message } of entries) found.set(message, (found.get(message) ?? 0) + 1);
      before = next;
    } while (before !== undefined);
    const last = [...acked].at(-1) ?? "";
    const { entries } = await store.search({ text: `"batch ${last} line"`, limit: 100 });
    await store.close();
    assert.equal(entries.length, 20, "the index has what the lines have");
    const whole = (batch: string): boolean =>
      Array.from({ length: 20 }, (_, index) => found.get(`batch ${batch} line ${index}`)).every((count) => count === 1);
    assert.deepEqual(
      [...acked].filter((batch) => !whole(batch)),
      [],
      `acked and lost, or there twice, in round ${round}`,
    );
  }
});
