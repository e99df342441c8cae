import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../../support/eventually.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { day, openDocuments, type TestDocuments } from "../../../support/openDocuments.ts";

failOnLeaks();

const tenMinutes = 600_000;

async function namesInBin({ bin }: TestDocuments): Promise<string[]> {
  return (await bin.list()).map(({ name }) => name);
}

test("what is in the bin for 30 days is purged, what is there for less stays", async (context) => {
  const documents = await openDocuments(context);
  const { tree, clock, document } = documents;
  await tree.remove(await document("old"), "kim");
  clock.advance(day);
  await tree.remove(await document("new"), "kim");
  clock.advance(29 * day - tenMinutes);
  assert.deepEqual(await namesInBin(documents), ["new", "old"]);
  clock.advance(tenMinutes);
  await eventually(async () => `${await namesInBin(documents)}` === "new");
});

test("a clock that jumps ahead and is set right again purges nothing", async (context) => {
  const documents = await openDocuments(context);
  const { tree, clock, document, kim } = documents;
  await tree.remove(await document("deleted"), "kim");
  const { document: hidden } = await tree.createDocument({ parentId: undefined, title: "hidden", by: kim });
  clock.jump(365 * day);
  clock.advance(tenMinutes);
  // Many more trips to the database than a round of housekeeping would make.
  for (let trip = 0; trip < 50; trip += 1) await tree.childCount(undefined);
  clock.jump(-365 * day);
  clock.advance(tenMinutes);
  for (let trip = 0; trip < 50; trip += 1) await tree.childCount(undefined);
  assert.deepEqual(await namesInBin(documents), ["deleted"]);
  assert.equal((await tree.document(hidden.id))?.title, "hidden");
});

test("a clock that jumps ahead and stays there purges in the next round but one", async (context) => {
  const documents = await openDocuments(context);
  const { tree, clock, document } = documents;
  await tree.remove(await document("deleted"), "kim");
  clock.jump(365 * day);
  clock.advance(tenMinutes);
  clock.advance(tenMinutes);
  await eventually(async () => `${await namesInBin(documents)}` === "");
});

test("what was to be uploaded and was not goes after a day, unless its upload may still come", async (context) => {
  const { tree, revisions, tasks, clock, document, kim } = await openDocuments(context);
  const make = (title: string) => tree.createDocument({ parentId: undefined, title, by: kim });
  const shown = await document("shown");
  const [{ document: abandoned }, awaited] = [await make("abandoned"), await make("awaited")];
  const abandonedRevision = await revisions.create(shown, "kim");
  clock.advance(day - tenMinutes);
  const { document: young } = await make("young");
  await tasks.createUpload({ revisionId: awaited.revisionId, by: "kim" });
  clock.advance(tenMinutes);
  await eventually(async () => (await tree.document(abandoned.id)) === undefined);
  assert.equal(await revisions.get(abandonedRevision.id), undefined);
  assert.equal((await revisions.list(shown)).length, 1);
  for (const { id } of [awaited.document, young]) assert.notEqual(await tree.document(id), undefined);
  clock.advance(day);
  await eventually(async () => (await tree.document(awaited.document.id)) === undefined);
  assert.equal((await tree.document(shown))?.title, "shown");
});
