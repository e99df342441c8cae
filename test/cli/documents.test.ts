import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../src-main/cli/usageError.ts";
import { failOnLeaks } from "../support/failOnLeaks.ts";
import { sha256, someBytes } from "../support/openStorage.ts";
import { runCli } from "../support/runCli.ts";
import { startCore } from "../support/startCore.ts";
import { uploadDocument } from "../support/uploadDocument.ts";

failOnLeaks();

test("documents check reads every stored file, and names the documents whose file is damaged", async (t) => {
  const core = await startCore(t);
  const content = someBytes(100_000);
  const { documentId } = await uploadDocument(core, "plans.txt", content);
  await uploadDocument(core, "other.txt", someBytes(50));
  const fine = await runCli(core.dataFolder, "documents", "check");
  assert.deepEqual([fine.code, fine.out], [0, ""]);
  assert.equal(fine.said, "2 file(s) of 100050 bytes were read, 0 damaged");

  const hash = sha256(content);
  const folder = join(core.dataFolder, "core", "blobs", hash.slice(0, 2));
  assert.deepEqual(readdirSync(folder), [hash]);
  writeFileSync(join(folder, hash), someBytes(100_000, 2));
  const { code, out } = await runCli(core.dataFolder, "documents", "check", "--json");
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(out), {
    files: 2,
    bytes: 100_050,
    damaged: [{ sha256: hash, size: 100_000, fault: "changed", documents: [{ id: documentId, title: "plans.txt" }] }],
  });
  const table = await runCli(core.dataFolder, "documents", "check");
  assert.match(table.out, new RegExp(`^${hash.slice(0, 16)} +changed +"plans.txt"$`, "m"));
  await assert.rejects(runCli(core.dataFolder, "documents", "burn"), UsageError);
});
