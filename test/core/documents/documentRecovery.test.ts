import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Database } from "../../../src-main/store/database.ts";
import { AckedValues } from "../../support/ackedValues.ts";
import { eventually } from "../../support/eventually.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { startChild } from "../../support/killableChild.ts";
import { ManualClock } from "../../support/manualClock.ts";
import { openDocuments, type TestDocuments } from "../../support/openDocuments.ts";
import { sha256, someBytes } from "../../support/openStorage.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import type { AckedStep } from "./ackedStep.ts";

failOnLeaks();

/** `npm run soak -- k` kills a whole core, more often. */
const kills = 25;

/** The value that a key has in truth. */
async function look({ tree, rules, downloads }: TestDocuments, key: string): Promise<string | undefined> {
  const [kind, id = ""] = key.split(":");
  if (kind === "rules") {
    const { read, move } = (await rules.of(id)) as Record<string, readonly { readonly note: string }[] | undefined>;
    assert.equal(read?.[0]?.note, move?.[0]?.note, "rules change as a whole");
    return read?.[0]?.note;
  }
  const document = await tree.document(id);
  if (kind === "parent") return document?.parentId;
  if (document?.currentRevisionId === undefined) return undefined;
  const download = await downloads.open({ revisionId: document.currentRevisionId });
  const content = await download.read(0, download.size);
  await download.close();
  assert.equal(sha256(content), document.sha256, "what is visible is whole");
  return document.sha256;
}

test(`every upload, move and rule that was acked is there after kill -9, ${kills} times in a row`, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "picket.db");
  const random = new SeededRandom(7);
  const acked = new AckedValues();
  let steps = 0;
  const open = async (): Promise<{ readonly documents: TestDocuments; close(): Promise<void> }> => {
    const database = await Database.open({ file });
    const documents = await openDocuments(
      { after: () => {} },
      { folder, database, clock: new ManualClock(Date.now()) },
    );
    return {
      documents,
      async close() {
        await documents.close();
        await database.close();
      },
    };
  };
  const first = await open();
  const { userId } = first.documents.kim;
  await first.close();
  const program = join(import.meta.dirname, "ackedDocuments.ts");
  for (let round = 0; round < kills; round += 1) {
    const child = startChild(t, program, [folder, file, userId, `${round}`]);
    const enough = 1 + random.below(120);
    await eventually(() => child.lines.length >= enough, { within: 30_000, what: `${enough} steps` });
    await child.kill();
    const before = acked.keys.length;
    const said = child.lines.map((line) => JSON.parse(line) as AckedStep);
    for (const step of said) if (step.phase !== "kept") acked[step.phase](step.key, step.value);
    steps += child.lines.length;

    const { documents, close } = await open();
    try {
      const keys = round === kills - 1 ? acked.keys : acked.keys.slice(before);
      const faults: (string | undefined)[] = [];
      for (const key of keys) faults.push(acked.fault(key, await look(documents, key)));
      assert.deepEqual(faults.filter(Boolean), [], `lost or half done, in round ${round}`);
      for (const step of said) {
        if (step.phase !== "kept") continue;
        const { documentId, taskId, held, size, seed } = step;
        const upload = await documents.uploads.open(taskId, { size, offset: "held" });
        assert.equal(upload.held, held, "what was kept of an upload is there");
        await upload.write(someBytes(size, seed).subarray(held));
        assert.equal((await upload.finish()).sha256, sha256(someBytes(size, seed)));
        const key = `content:${documentId}`;
        acked.done(key, (await look(documents, key)) ?? "");
      }
      await documents.scrubber.check();
      assert.deepEqual(await documents.scrubber.damaged(), []);
      await assertTidy(documents, join(folder, "blobs"));
    } finally {
      await close();
    }
  }
  assert.ok(steps > kills * 20, `${steps} steps`);
});

/** On the disk are the files of the rows, and what uploads go on with; nothing else. */
async function assertTidy({ blobs, database, tasks }: TestDocuments, folder: string): Promise<void> {
  await blobs.sweep(() => false);
  const rows = await database.kysely.selectFrom("blobs").select("hash").orderBy("hash").execute();
  const shards = readdirSync(folder).filter((name) => name.length === 2);
  const files = shards.flatMap((name) => readdirSync(join(folder, name))).sort();
  assert.deepEqual(
    files,
    rows.map(({ hash }) => hash),
  );
  for (const name of readdirSync(join(folder, "incoming"))) {
    assert.equal((await tasks.get(name.replace(".held", "")))?.status, "waiting", name);
  }
}
