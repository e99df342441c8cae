import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, onlyGroup, taskOf } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const remover = ["delete_document", "delete_directory"];

test("what was deleted is listed with where it was, and comes back there with everything in it", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const outer = await scene.folder("outer");
  const folder = await scene.folder("old", outer);
  const document_id = await scene.document("kept", { folder_id: folder, content: "12345" });
  await scene.revise(document_id, "123");
  await sysop.done("delete_directory", { folder_id: folder });
  const [entry, ...more] = await deleted(sysop);
  assert.deepEqual(more, []);
  const { deleted_time, end_time, ...rest } = entry ?? {};
  assert.deepEqual(rest, {
    trash_id: folder,
    object_type: "directory",
    name: "old",
    parent_id: outer,
    deleted_by: "admin",
    documents: 1,
    size: 8,
  });
  assert.equal(Number(end_time) - Number(deleted_time), 30 * 86_400);
  assertAnswer(await sysop.request("restore_deleted", { trash_id: folder }), 200, "Success", { parent_id: outer });
  assert.deepEqual(await deleted(sysop), []);
  assert.equal((await sysop.done("get_document_info", { document_id }))["parent_id"], folder);
  assertAnswer(await sysop.request("restore_deleted", { trash_id: folder }), 404, "Deleted entry not found", {});
});

test("what was deleted comes back elsewhere, under another name, and at the root when its folder is gone", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const outer = await scene.folder("outer");
  const first = await scene.document("first", { folder_id: outer });
  const second = await scene.document("second", { folder_id: outer });
  await sysop.done("delete_document", { document_id: first });
  await sysop.done("delete_document", { document_id: second });
  await sysop.done("delete_directory", { folder_id: outer });
  const other = await scene.folder("other");
  assertAnswer(await sysop.request("restore_deleted", { trash_id: first }), 200, "Success", { parent_id: null });
  const elsewhere = { trash_id: second, parent_id: other, new_name: "renamed" };
  assertAnswer(await sysop.request("restore_deleted", elsewhere), 200, "Success", { parent_id: other });
  const info = await sysop.done("get_document_info", { document_id: second });
  assert.deepEqual([info["title"], info["parent_id"]], ["renamed", other]);
});

test("nothing comes back onto a name that is taken, nor to where there is no folder", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const trash_id = await scene.document("paper");
  const folder = await scene.folder("folder");
  await sysop.done("delete_document", { document_id: trash_id });
  await scene.document("paper");
  await scene.folder("paper", folder);
  const restore = (more: object = {}) => sysop.request("restore_deleted", { trash_id, ...more });
  assertAnswer(await restore(), 409, "A document with the same name already exists in the target directory", {});
  assertAnswer(
    await restore({ parent_id: folder }),
    409,
    "A folder with the same name already exists in the target directory",
    {},
  );
  assertAnswer(await restore({ parent_id: unknown }), 404, "Target directory not found", {});
  assert.equal((await restore({ new_name: "a/b" })).code, 400);
  assertAnswer(await restore({ new_name: "paper 2" }), 200, "Success");
});

test("the bin shows what one deleted oneself; all of it to whoever manages the system", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const [mine, theirs] = [await scene.document("mine"), await scene.document("theirs")];
  const person = await scene.user({ permissions: remover });
  const other = await scene.user({ permissions: remover });
  const anonymous = await scene.anonymous();
  await person.done("delete_document", { document_id: mine });
  await other.done("delete_document", { document_id: theirs });
  assert.deepEqual(
    (await deleted(person)).map(({ trash_id }) => trash_id),
    [mine],
  );
  assert.deepEqual((await deleted(sysop)).map(({ trash_id }) => trash_id).sort(), [mine, theirs].sort());
  assertAnswer(await person.request("restore_deleted", { trash_id: theirs }), 404, "Deleted entry not found", {});
  assertAnswer(await person.request("purge_deleted", { trash_id: theirs }), 404, "Deleted entry not found", {});
  assertAnswer(await person.request("purge_deleted", { trash_id: null }), 403, "Permission denied", {});
  for (const [action, data] of [
    ["list_deleted", {}],
    ["restore_deleted", { trash_id: mine }],
    ["purge_deleted", { trash_id: mine }],
  ] as const) {
    assert.equal(await anonymous.codeOf(action, data), 401, action);
  }
  assertAnswer(await person.request("purge_deleted", { trash_id: mine }), 200, "Success", {});
  assert.equal((await deleted(sysop)).length, 1);
  assertAnswer(await sysop.request("purge_deleted", { trash_id: null }), 200, "Success", {});
  assert.deepEqual(await deleted(sysop), []);
});

test("the bin is no way around moving, renaming and writing", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const guarded = { write: [onlyGroup("sysop")] };
  const folder = await scene.folder("folder");
  const closed = await scene.folder("guarded", null, guarded);
  const person = await scene.user({ permissions: remover });
  const document_id = await scene.document("paper", { folder_id: folder });
  const inner = await scene.folder("inner", folder);
  await person.done("delete_document", { document_id });
  await person.done("delete_directory", { folder_id: inner });
  const restore = (more: object = {}) => person.request("restore_deleted", { trash_id: document_id, ...more });
  assertAnswer(await restore({ parent_id: null }), 403, "Permission denied", {});
  assertAnswer(await restore({ new_name: "x" }), 403, "Permission denied", {});
  assertAnswer(
    await person.request("restore_deleted", { trash_id: inner, new_name: "x" }),
    403,
    "Permission denied",
    {},
  );
  assert.equal((await restore({ new_name: "paper" })).code, 200, "under its own name it is no renaming");
  await sysop.done("set_directory_rules", { directory_id: folder, access_rules: guarded });
  assertAnswer(await person.request("restore_deleted", { trash_id: inner }), 403, "Access denied", {});
  const mover = await scene.user({ permissions: [...remover, "move"] });
  const moved = await scene.document("moved");
  await mover.done("delete_document", { document_id: moved });
  assertAnswer(
    await mover.request("restore_deleted", { trash_id: moved, parent_id: closed }),
    403,
    "Access denied to write directory",
    {},
  );
  const fixed = await scene.document("fixed", { access_rules: { move: [onlyGroup("sysop")] } });
  await mover.done("delete_document", { document_id: fixed });
  const elsewhere = { trash_id: fixed, parent_id: await scene.folder("elsewhere") };
  assertAnswer(await mover.request("restore_deleted", elsewhere), 403, "Access denied", {});
  assertAnswer(await mover.request("restore_deleted", { ...elsewhere, parent_id: "root" }), 200, "Success");
});

test("nothing is purged while a download that began before reads it", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const trash_id = await scene.document("paper");
  const task = taskOf(await sysop.done("get_document", { document_id: trash_id }));
  const { currentRevisionId } = (await scene.documents.tree.document(trash_id)) ?? {};
  await sysop.done("delete_document", { document_id: trash_id });
  await assert.rejects(scene.documents.downloads.open(task), { code: "FILE_TASK_OVER" });
  const download = await scene.documents.downloads.open({ revisionId: currentRevisionId ?? "" });
  assertAnswer(
    await sysop.request("purge_deleted", { trash_id }),
    500,
    "Failed to delete revisions. Perhaps a download task is still in progress?",
    {},
  );
  await download.close();
  assert.equal(await sysop.codeOf("purge_deleted", { trash_id }), 200);
});

test("storage is counted for everybody, and for the whole server where somebody manages it", async (t) => {
  const scene = await DocumentScene.open(t, { configuration: { documentQuota: 1_000, documentMaxSize: 500 } });
  const { sysop } = scene;
  const document_id = await scene.document("paper", { content: "12345" });
  await scene.revise(document_id, "123");
  await scene.document("copy", { content: "123" });
  const plain = await scene.user();
  const own = await plain.request("storage_usage");
  assertAnswer(own, 200, "Success", { used: 0, revisions: 0, limit: 1_000, file_limit: 500 });
  const { server, ...rest } = await sysop.done("storage_usage");
  assert.deepEqual(rest, { used: 11, revisions: 3, limit: 1_000, file_limit: 500 });
  const { free, total, ...counted } = server as Readonly<Record<string, unknown>>;
  assert.deepEqual(counted, {
    stored: 8,
    files: 2,
    damaged: 0,
    users: [{ username: "admin", used: 11, revisions: 3 }],
  });
  assert.ok(Number(free) > 0 && Number(total) >= Number(free));
  assert.equal(await (await scene.anonymous()).codeOf("storage_usage"), 401);
});

async function deleted(client: PlainDocuments): Promise<readonly Record<string, unknown>[]> {
  return (await client.done("list_deleted"))["entries"] as readonly Record<string, unknown>[];
}
