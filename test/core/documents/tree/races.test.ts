import assert from "node:assert/strict";
import { test } from "node:test";
import { PicketError } from "../../../../src-main/base/errors.ts";
import { failOnLeaks } from "../../../support/failOnLeaks.ts";
import { openDocuments, type TestDocuments } from "../../../support/openDocuments.ts";
import { SeededRandom } from "../../../support/seededRandom.ts";

failOnLeaks();

/** How the tasks ended, in order: `done` or the error's code. */
async function outcomes(tasks: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(tasks)).map((result) => {
    if (result.status === "fulfilled") return "done";
    if (result.reason instanceof PicketError) return result.reason.code;
    throw result.reason;
  });
}

test("of many who make the same name at once, one does", async (context) => {
  const { tree, kim, folder } = await openDocuments(context);
  const parentId = await folder("parent");
  const results = await outcomes(
    Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? tree.createFolder({ parentId, name: "name", by: kim })
        : tree.createDocument({ parentId, title: "name", by: kim }),
    ),
  );
  assert.deepEqual(results.toSorted(), [...Array(19).fill("NAME_TAKEN"), "done"].toSorted());
});

test("names that look alike are one, whoever is first", async (context) => {
  const { folder } = await openDocuments(context);
  assert.deepEqual(await outcomes([folder("\u00e9"), folder("e\u0301")]), ["done", "NAME_TAKEN"]);
});

test("of two folders that are moved into each other at once, one is", async (context) => {
  const { tree, folder } = await openDocuments(context);
  const [one, two] = [await folder("one"), await folder("two")];
  const deep = await folder("deep", one);
  assert.deepEqual(await outcomes([tree.move(one, two), tree.move(two, deep)]), ["done", "CONFLICT"]);
  assert.deepEqual(
    (await tree.pathOf(deep)).map(({ id }) => id),
    [two, one],
  );
});

test("what is made in a folder while it is deleted is deleted with it or not made", async (context) => {
  const { tree, bin, folder } = await openDocuments(context);
  const parentId = await folder("parent");
  const results = await outcomes([folder("before", parentId), tree.remove(parentId, "kim"), folder("after", parentId)]);
  assert.deepEqual(results, ["done", "done", "FOLDER_NOT_FOUND"]);
  await bin.restore(parentId);
  assert.deepEqual(
    (await tree.list(parentId)).folders.map(({ name }) => name),
    ["before"],
  );
});

test("what is moved into a folder while it is deleted is deleted with it or stays", async (context) => {
  const { tree, folder } = await openDocuments(context);
  const [target, one, two] = [await folder("target"), await folder("one"), await folder("two")];
  assert.deepEqual(await outcomes([tree.move(one, target), tree.remove(target, "kim"), tree.move(two, target)]), [
    "done",
    "done",
    "FOLDER_NOT_FOUND",
  ]);
  assert.equal(await tree.folder(one), undefined);
  assert.equal((await tree.folder(two))?.parentId, undefined);
});

test("a folder is deleted once, and restored once", async (context) => {
  const { tree, bin, folder } = await openDocuments(context);
  const id = await folder("folder");
  assert.deepEqual(await outcomes([tree.remove(id, "kim"), tree.remove(id, "kim")]), ["done", "DOCUMENT_NOT_FOUND"]);
  assert.deepEqual(await outcomes([bin.restore(id), bin.purge(id), bin.restore(id)]), [
    "done",
    "DOCUMENT_NOT_FOUND",
    "DOCUMENT_NOT_FOUND",
  ]);
  assert.equal((await tree.folder(id))?.name, "folder");
});

test("of a restore and a new folder of that name at once, one succeeds", async (context) => {
  const { tree, bin, folder } = await openDocuments(context);
  const id = await folder("name");
  await tree.remove(id, "kim");
  assert.deepEqual(await outcomes([bin.restore(id), folder("name")]), ["done", "NAME_TAKEN"]);
});

/** Everything that is not in the bin, with its path; fails where an entry is in a circle or in a folder that is not there. */
async function wholeTree({ tree, database }: TestDocuments): Promise<string[]> {
  const rows = await database.kysely
    .selectFrom("tree_entries")
    .select(["id", "name", "parent_id"])
    .where("trashed_at", "is", null)
    .execute();
  const reached: string[] = [];
  const visit = async (parentId: string | undefined, path: string): Promise<void> => {
    const { folders } = await tree.list(parentId);
    assert.equal(new Set(folders.map(({ name }) => name)).size, folders.length, `names in ${path} are unique`);
    for (const { id, name } of folders) {
      reached.push(`${path}/${name}`);
      await visit(id, `${path}/${name}`);
    }
  };
  await visit(undefined, "");
  assert.equal(reached.length, rows.length, "every entry is reached from the root");
  return reached;
}

for (const seed of [1, 2, 3]) {
  test(`the tree stays a tree while many change it at once (seed ${seed})`, async (context) => {
    const random = new SeededRandom(seed);
    const documents = await openDocuments(context);
    const { tree, bin, folder } = documents;
    const ids: string[] = [];
    const trashed = new Set<string>();
    for (let count = 0; count < 12; count += 1) ids.push(await folder(`${count}`, ids[random.below(count + 1)]));
    const change = (): Promise<unknown> => {
      const id = random.pick(ids);
      const chance = random.below(10);
      if (chance < 5) return tree.move(id, random.chance(0.1) ? undefined : random.pick(ids));
      if (chance < 7) return tree.rename(id, `${random.below(6)}`);
      if (chance < 8) {
        trashed.add(id);
        return tree.remove(id, "kim");
      }
      if (chance < 9 && trashed.size > 0) return bin.restore(random.pick([...trashed]));
      return folder(`${random.below(6)}`, id).then((made) => ids.push(made));
    };
    const seen = new Map<string, number>();
    for (let round = 0; round < 12; round += 1) {
      for (const outcome of await outcomes(Array.from({ length: 12 }, change))) {
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      }
      await wholeTree(documents);
    }
    for (const outcome of ["done", "CONFLICT", "NAME_TAKEN", "DOCUMENT_NOT_FOUND", "FOLDER_NOT_FOUND"]) {
      assert.ok((seen.get(outcome) ?? 0) > 0, `${outcome} happened: ${JSON.stringify([...seen])}`);
    }
    assert.equal(seen.size, 5, `nothing else happened: ${JSON.stringify([...seen])}`);
  });
}
