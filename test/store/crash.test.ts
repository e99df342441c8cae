import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Database } from "../../src-main/store/database.ts";
import { eventually } from "../support/eventually.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { startChild } from "../support/killableChild.ts";
import { SeededRandom } from "../support/seededRandom.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

failOnLeaks();

test("every row that was acked is there after kill -9, ten times in a row", async (t) => {
  const file = join(temporaryFolder(t), "picket.db");
  const random = new SeededRandom(11);
  const acked = new Set<string>();
  for (let round = 0; round < 10; round += 1) {
    const child = startChild(t, join(import.meta.dirname, "ackedRows.ts"), [file, `${round * 1_000_000}`]);
    const enough = 1 + random.below(120);
    await eventually(() => child.lines.length >= enough);
    await child.kill();
    for (const line of child.lines) acked.add(line);

    const database = await Database.open({ file });
    const rows = await database.kysely.selectFrom("commands").select(["id", "command_text", "created_at"]).execute();
    await database.close();
    const stored = new Set(rows.map(({ id }) => id));
    assert.deepEqual(
      [...acked].filter((id) => !stored.has(id)),
      [],
      `acked and lost in round ${round}`,
    );
    assert.ok(rows.every(({ id, command_text: text, created_at: at }) => text.length === at % 500 && `${at}` === id));
  }
});
