import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, onlyGroup, taskOf } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const denied = "Access denied to the document";

interface ListedRevision {
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
  readonly created_by: string;
  readonly current: boolean;
}

test("revisions are listed, fetched, put back and deleted", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document_id = await scene.document("paper", { content: "1" });
  await scene.revise(document_id, "22");
  await sysop.done("upload_document", { document_id });
  const [newest, oldest] = await listOf(sysop, document_id);
  assert.ok(newest !== undefined && oldest !== undefined);
  assert.deepEqual([newest.size, newest.current, newest.created_by], [2, true, "admin"]);
  assert.deepEqual([oldest.size, oldest.current], [1, false]);
  assert.equal((await listOf(sysop, document_id)).length, 2, "one whose upload is not complete is not listed");

  const fetched = await sysop.request("get_revision", { revision_id: oldest.id });
  assertAnswer(fetched, 200, "Success");
  const { task_data: _, ...rest } = fetched.data;
  assert.deepEqual(rest, { document_id, revision_id: oldest.id, title: "paper" });
  const download = await scene.documents.downloads.open(taskOf(fetched.data));
  assert.equal(Buffer.from(await download.read(0, 1)).toString(), "1");

  assertAnswer(
    await sysop.request("delete_revision", { revision_id: oldest.id }),
    500,
    "Failed to delete revisions. Perhaps a download task is still in progress?",
    {},
  );
  await download.close();
  assertAnswer(await sysop.request("set_revision", { document_id, revision_id: oldest.id }), 200, "Success", {});
  assert.equal((await sysop.done("get_document_info", { document_id }))["size"], 1);
  assertAnswer(await sysop.request("delete_revision", { id: oldest.id }), 200, "Success", {});
  assert.equal((await sysop.done("get_document_info", { document_id }))["size"], 2, "the newest that is left");
  assert.equal(await sysop.codeOf("delete_revision", { revision_id: newest.id }), 409, "the last one stays");
  assert.equal((await listOf(sysop, document_id)).length, 1);
});

test("a revision that is not there, not complete, of another document or in the bin is not found", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document_id = await scene.document("paper");
  const other = await scene.document("other");
  const [foreign] = await listOf(sysop, other);
  const pending = await scene.documents.revisions.create(document_id, "admin");
  for (const revision_id of [unknown, pending.id]) {
    for (const action of ["get_revision", "delete_revision"]) {
      assertAnswer(await sysop.request(action, { revision_id }), 404, "Revision not found", {});
    }
    assertAnswer(await sysop.request("set_revision", { document_id, revision_id }), 404, "Revision not found", {});
  }
  const mixed = await sysop.request("set_revision", { document_id, revision_id: foreign?.id });
  assertAnswer(mixed, 404, "Revision not found", {});
  assertAnswer(
    await sysop.request("set_revision", { document_id: unknown, revision_id: unknown }),
    404,
    "Document not found",
  );
  assertAnswer(await sysop.request("list_revisions", { document_id: unknown }), 404, "Document not found", {});
  await sysop.done("delete_document", { document_id: other });
  assertAnswer(await sysop.request("get_revision", { revision_id: foreign?.id }), 404, "Revision not found");
});

test("revisions are for whoever may read, and changing them for whoever may write", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const secret = await scene.document("secret", { access_rules: { read: [onlyGroup("sysop")] } });
  const kept = await scene.document("kept", { access_rules: { write: [onlyGroup("sysop")] } });
  await scene.revise(kept, "again");
  const [ofSecret] = await listOf(sysop, secret);
  const [, older] = await listOf(sysop, kept);
  const plain = await scene.user();
  const remover = await scene.user({ permissions: ["delete_document"] });
  const anonymous = await scene.anonymous();
  const revision_id = older?.id;
  assertAnswer(await plain.request("list_revisions", { document_id: secret }), 403, denied, {});
  assertAnswer(await plain.request("get_revision", { revision_id: ofSecret?.id }), 403, denied, {});
  assertAnswer(await plain.request("set_revision", { document_id: kept, revision_id }), 403, denied, {});
  assertAnswer(await plain.request("delete_revision", { revision_id }), 403, denied, {});
  assertAnswer(await remover.request("delete_revision", { revision_id }), 403, denied, {});
  assert.equal((await listOf(plain, kept)).length, 2);
  assert.equal(await plain.codeOf("get_revision", { revision_id }), 200);
  for (const [action, data] of [
    ["list_revisions", { document_id: kept }],
    ["get_revision", { revision_id }],
    ["set_revision", { document_id: kept, revision_id }],
    ["delete_revision", { revision_id }],
  ] as const) {
    assert.equal(await anonymous.codeOf(action, data), 401, action);
  }
  const open = await scene.document("open");
  await scene.revise(open, "again");
  const [, first] = await listOf(plain, open);
  assert.equal(await plain.codeOf("set_revision", { document_id: open, revision_id: first?.id }), 200);
  assertAnswer(await plain.request("delete_revision", { revision_id: first?.id }), 403, denied);
});

async function listOf(client: PlainDocuments, document_id: string): Promise<readonly ListedRevision[]> {
  const data = await client.done("list_revisions", { document_id });
  assert.equal(data["document_id"], document_id);
  return data["revisions"] as readonly ListedRevision[];
}
