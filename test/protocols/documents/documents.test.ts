import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, onlyGroup, taskOf } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const hex = /^[0-9a-f]{64}$/;
const closed = { read: [onlyGroup("sysop")] };
const guarded = { write: [onlyGroup("sysop")] };
const fixed = { move: [onlyGroup("sysop")] };
const deniedDocument = "Access denied to the document";

test("a document is invisible until its upload is complete", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const made = await sysop.request("create_document", { title: "paper.txt", folder_id: "root", access_rules: {} });
  assertAnswer(made, 200, "Task successfully created");
  const document_id = String(made.data["document_id"]);
  const task = made.data["task_data"] as Readonly<Record<string, unknown>>;
  assert.deepEqual(Object.keys(made.data).sort(), ["document_id", "task_data"]);
  assert.deepEqual(Object.keys(task).sort(), ["end_time", "start_time", "task_id"]);
  assert.match(document_id, hex);
  assert.match(String(task["task_id"]), hex);
  assert.equal(Number(task["end_time"]) - Number(task["start_time"]), 3_600);
  const noRevision = "No active revisions found for this document";
  assert.deepEqual((await sysop.done("list_directory", { folder_id: null }))["documents"], []);
  assertAnswer(await sysop.request("get_document", { document_id }), 404, noRevision, {});
  assertAnswer(await sysop.request("get_document_info", { document_id }), 404, noRevision, {});
  await scene.fill(String(task["task_id"]), "content");
  const fetched = await sysop.request("get_document", { document_id });
  assertAnswer(fetched, 200, "Document successfully fetched");
  assert.deepEqual(Object.keys(fetched.data).sort(), ["document_id", "task_data", "title"]);
  assert.deepEqual([fetched.data["document_id"], fetched.data["title"]], [document_id, "paper.txt"]);
  assert.equal((await scene.documents.tasks.get(taskOf(fetched.data)))?.form, "reference");
});

test("the information about a document, with rules for whoever may see rules", async (t) => {
  const scene = await DocumentScene.open(t);
  const folder = await scene.folder("folder");
  const rule = onlyGroup("user");
  const document_id = await scene.document("paper", {
    folder_id: folder,
    content: "12345",
    access_rules: { read: [rule] },
  });
  const answer = await scene.sysop.request("get_document_info", { document_id, anything: "is passed over here" });
  assertAnswer(answer, 200, "Document info retrieved successfully");
  const { access_rules, created_time, last_modified, sha256, ...rest } = answer.data;
  assert.deepEqual(rest, { document_id, parent_id: folder, title: "paper", size: 5, info_code: 0 });
  assert.deepEqual([typeof created_time, typeof last_modified], ["number", "number"]);
  assert.match(String(sha256), hex);
  const [listed] = access_rules as readonly Record<string, unknown>[];
  assert.deepEqual([listed?.["access_type"], listed?.["rule_data"]], ["read", rule]);
  const plain = await scene.user();
  const seen = await plain.done("get_document_info", { document_id });
  assert.deepEqual([seen["access_rules"], seen["info_code"]], [[], 1]);
});

test("reading a document is refused in its order", async (t) => {
  const scene = await DocumentScene.open(t);
  const document_id = await scene.document("secret", { access_rules: closed });
  const hidden = await scene.hiddenDocument("unfinished");
  const plain = await scene.user();
  const anonymous = await scene.anonymous();
  assertAnswer(await anonymous.request("get_document", {}), 400, "Missing required field: document_id", {
    validator: "required",
    validator_value: ["document_id"],
  });
  assertAnswer(await anonymous.request("get_document", { document_id }), 401, "Authentication required");
  assertAnswer(await plain.request("get_document", { document_id: unknown }), 404, "Document not found", {});
  assertAnswer(await plain.request("get_document", { document_id }), 403, deniedDocument, {});
  assertAnswer(
    await plain.request("get_document", { document_id: hidden }),
    404,
    "No active revisions found for this document",
  );
  assertAnswer(await anonymous.request("get_document_info", { document_id }), 401, "Authentication required");
  assertAnswer(await plain.request("get_document_info", { document_id: unknown }), 404, "Document not found", {});
  assertAnswer(await plain.request("get_document_info", { document_id }), 403, "Permission denied", {});
  assert.equal(await plain.codeOf("get_document_info", { document_id: await scene.folder("a folder") }), 404);
});

test("whoever was granted a document reads it past its rules, and no other", async (t) => {
  const scene = await DocumentScene.open(t);
  const document_id = await scene.document("secret", { access_rules: closed });
  const other = await scene.document("other", { access_rules: closed });
  const plain = await scene.user();
  await scene.sysop.done("grant_access", {
    entity_type: "user",
    entity_identifier: plain.credentials.username,
    target_type: "document",
    target_identifier: document_id,
    access_types: ["read"],
    start_time: 0,
  });
  assert.equal(await plain.codeOf("get_document", { document_id }), 200);
  assert.equal(await plain.codeOf("get_document_info", { document_id }), 200);
  assert.equal(await plain.codeOf("get_document", { document_id: other }), 403);
  assertAnswer(await plain.request("upload_document", { document_id }), 403, deniedDocument);
});

test("a document is made by whoever may, where this one may write", async (t) => {
  const scene = await DocumentScene.open(t);
  const folder_id = await scene.folder("guarded", null, guarded);
  const plain = await scene.user();
  const author = await scene.user({ permissions: ["create_document"] });
  const editor = await scene.user({ permissions: ["create_document", "super_create_document"] });
  const half = await scene.user({ permissions: ["super_create_document"] });
  const anonymous = await scene.anonymous();
  assert.equal(await anonymous.codeOf("create_document", { title: "x" }), 401);
  assertAnswer(
    await plain.request("create_document", { title: "x", folder_id: unknown }),
    403,
    "Permission denied",
    {},
  );
  assertAnswer(await half.request("create_document", { title: "x" }), 403, "Permission denied", {});
  assertAnswer(
    await author.request("create_document", { title: "x", folder_id: unknown }),
    404,
    "Folder not found",
    {},
  );
  assertAnswer(
    await author.request("create_document", { title: "x", folder_id }),
    403,
    "Access denied to the folder",
    {},
  );
  assert.equal(await author.codeOf("create_document", { title: "x" }), 200);
  assert.equal(await editor.codeOf("create_document", { title: "x", folder_id }), 200);
});

test("a title that is taken clashes; one whose upload never came makes room for whoever may write it", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  await scene.document("shown");
  await scene.folder("folder");
  const create = (title: string, client = sysop) => client.request("create_document", { title });
  assertAnswer(await create("shown"), 409, "A document with the same name already exists in the target directory", {});
  assertAnswer(await create("folder"), 409, "A folder with the same name already exists in the target directory", {});
  const first = await scene.hiddenDocument("unfinished");
  const second = await create("unfinished");
  assertAnswer(second, 200, "Task successfully created");
  assert.equal(await scene.documents.tree.document(first), undefined);
  await scene.sysop.done("create_document", { title: "held", access_rules: guarded });
  const author = await scene.user({ permissions: ["create_document"] });
  assertAnswer(await create("held", author), 403, "Access denied", {});
  await scene.document("kept", { access_rules: guarded });
  assert.equal((await create("kept", author)).code, 409, "one that shows is in the way, whoever may write it");
  assertAnswer(await create("re\u0301sume\u0301"), 200, "Task successfully created");
  const composed = await create("r\u00e9sum\u00e9", author);
  assertAnswer(composed, 200, "Task successfully created");
  await scene.fill(taskOf(composed.data), "x");
  assert.equal((await create("re\u0301sume\u0301")).code, 409, "the same to everybody who reads it");
});

test("rules that would lock out their maker, or are none, leave no document behind", async (t) => {
  const scene = await DocumentScene.open(t);
  const author = await scene.user({ permissions: ["create_document"] });
  assertAnswer(
    await author.request("create_document", { title: "x", access_rules: closed }),
    403,
    "Set access rules failed: permission denied",
  );
  assertAnswer(
    await author.request("create_document", { title: "x", access_rules: { fly: [] } }),
    400,
    "Set access rules failed: Invalid access type: fly",
  );
  assert.equal(await scene.documents.tree.childNamed(undefined, "x"), undefined);
});

test("a new revision leaves the former one in place until it is complete", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document_id = await scene.document("paper", { content: "one" });
  const answer = await sysop.request("upload_document", { document_id });
  assertAnswer(answer, 200, "Task successfully created");
  assert.deepEqual(Object.keys(answer.data), ["task_data"]);
  assert.equal((await sysop.done("get_document_info", { document_id }))["size"], 3);
  await scene.fill(taskOf(answer.data), "longer");
  assert.equal((await sysop.done("get_document_info", { document_id }))["size"], 6);
});

test("a new revision is for whoever may write", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.document("open");
  const kept = await scene.document("kept", { access_rules: guarded });
  const secret = await scene.document("secret", { access_rules: closed });
  const plain = await scene.user();
  assertAnswer(await plain.request("upload_document", { document_id: unknown }), 404, "Document not found", {});
  assertAnswer(await plain.request("upload_document", { document_id: kept }), 403, deniedDocument, {});
  assertAnswer(await plain.request("upload_document", { document_id: secret }), 403, deniedDocument, {});
  assert.equal(await plain.codeOf("upload_document", { document_id: open }), 200);
  assert.equal(await (await scene.anonymous()).codeOf("upload_document", { document_id: open }), 401);
});

test("a document is deleted, unless it is downloaded at this moment", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document_id = await scene.document("old");
  const download = await scene.documents.downloads.open(taskOf(await sysop.done("get_document", { document_id })));
  assertAnswer(
    await sysop.request("delete_document", { document_id }),
    500,
    "Failed to delete revisions. Perhaps a download task is still in progress?",
    {},
  );
  assert.equal(Buffer.from(await download.read(0, 3)).toString(), "old", "the download goes on");
  await download.close();
  assertAnswer(await sysop.request("delete_document", { document_id }), 200, "Document successfully deleted", {});
  assertAnswer(await sysop.request("delete_document", { document_id }), 404, "Document not found", {});
  const hidden = await scene.hiddenDocument("unfinished");
  assert.equal(await sysop.codeOf("delete_document", { document_id: hidden }), 200);
  const { entries } = await sysop.done("list_deleted");
  assert.equal((entries as readonly unknown[]).length, 1, "nothing was ever in the other one");
});

test("a document is deleted by whoever may write it and may delete documents", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.document("open");
  const kept = await scene.document("kept", { access_rules: guarded });
  const plain = await scene.user();
  const remover = await scene.user({ permissions: ["delete_document"] });
  assertAnswer(await plain.request("delete_document", { document_id: unknown }), 404, "Document not found", {});
  assertAnswer(await plain.request("delete_document", { document_id: open }), 403, deniedDocument, {});
  assertAnswer(await remover.request("delete_document", { document_id: kept }), 403, deniedDocument, {});
  assert.equal(await (await scene.anonymous()).codeOf("delete_document", { document_id: open }), 401);
  assert.equal(await remover.codeOf("delete_document", { document_id: open }), 200);
});

test("a document is renamed, and not to a title that is taken", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document_id = await scene.document("before");
  await scene.document("paper");
  await scene.folder("folder");
  const rename = (new_title: string) => sysop.request("rename_document", { document_id, new_title });
  assertAnswer(await rename("after"), 200, "Document renamed successfully", {});
  assertAnswer(await rename("after"), 400, "New name is the same as the current name", {});
  assertAnswer(await rename("folder"), 409, "A folder with the same name already exists in the target directory", {});
  assertAnswer(await rename("paper"), 409, "A document with the same name already exists in the target directory", {});
  assert.equal((await rename("..")).code, 400);
  await scene.hiddenDocument("unfinished");
  assertAnswer(await rename("unfinished"), 200, "Document renamed successfully");
  assertAnswer(
    await sysop.request("rename_document", { document_id: unknown, new_title: "x" }),
    404,
    "Document not found",
  );
});

test("a document is renamed by whoever may write it and may rename documents", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.document("open");
  const kept = await scene.document("kept", { access_rules: guarded });
  await sysopHides(scene, "held");
  const plain = await scene.user();
  const renamer = await scene.user({ permissions: ["rename_document"] });
  const rename = { document_id: open, new_title: "x" };
  assertAnswer(await plain.request("rename_document", rename), 403, "Access denied", {});
  assertAnswer(await renamer.request("rename_document", { ...rename, document_id: kept }), 403, "Access denied", {});
  assertAnswer(await renamer.request("rename_document", { ...rename, new_title: "held" }), 403, "Access denied", {});
  assert.equal(await (await scene.anonymous()).codeOf("rename_document", rename), 401);
  assert.equal(await renamer.codeOf("rename_document", rename), 200);
});

test("a document is moved: the target is what clashes, and no target is the root", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const folder = await scene.folder("folder");
  const document_id = await scene.document("paper");
  const move = (data: object = {}) => sysop.request("move_document", { document_id, ...data });
  assertAnswer(await move({ target_folder_id: folder }), 200, "Success", {});
  assert.equal((await sysop.done("get_document_info", { document_id }))["parent_id"], folder);
  assertAnswer(await move({ target_parent_id: folder }), 400, "Cannot move to the same folder", {});
  assertAnswer(await move(), 200, "Success", {});
  assert.equal((await sysop.done("get_document_info", { document_id }))["parent_id"], null);
  assertAnswer(await move({ target_folder_id: unknown }), 404, "Target directory not found", {});
  assertAnswer(await sysop.request("move_document", { document_id: unknown }), 404, "Target document not found", {});
  await scene.document("paper", { folder_id: folder });
  assertAnswer(
    await move({ target_folder_id: folder }),
    409,
    "A document with the same name already exists in the target directory",
    {},
  );
  const other = await scene.folder("other");
  await scene.folder("paper", other);
  assertAnswer(
    await move({ target_folder_id: other }),
    409,
    "A folder with the same name already exists in the target directory",
    {},
  );
});

test("a document is moved by whoever may move it, and only to where this one may write", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.document("open");
  const nailed = await scene.document("nailed", { access_rules: fixed });
  const folder = await scene.folder("folder");
  const kept = await scene.folder("kept", null, guarded);
  const plain = await scene.user();
  const mover = await scene.user({ permissions: ["move"] });
  const denied = "Access denied to move document";
  const move = { document_id: open, target_folder_id: folder };
  assertAnswer(await plain.request("move_document", { ...move, document_id: unknown }), 403, denied, {});
  assertAnswer(await plain.request("move_document", move), 403, denied, {});
  assertAnswer(await mover.request("move_document", { ...move, document_id: nailed }), 403, denied, {});
  assertAnswer(
    await mover.request("move_document", { ...move, target_folder_id: kept }),
    403,
    "Access denied to write directory",
    {},
  );
  assert.equal(await (await scene.anonymous()).codeOf("move_document", move), 401);
  assert.equal(await mover.codeOf("move_document", move), 200);
  await sysopHides(scene, "open", await scene.folder("elsewhere"));
  const elsewhere = (await scene.documents.tree.childNamed(undefined, "elsewhere"))?.id;
  assertAnswer(
    await mover.request("move_document", { ...move, target_folder_id: elsewhere }),
    403,
    "Access denied",
    {},
  );
});

test("a blocked user is blocked where the block holds, and the right to write is not the right to read", async (t) => {
  const scene = await DocumentScene.open(t);
  const document_id = await scene.document("paper");
  const other = await scene.document("other");
  const person = await scene.user({ permissions: ["rename_document", "move"] });
  await scene.sysop.done("block_user", {
    username: person.credentials.username,
    target: { type: "document", id: document_id },
    block_types: ["write", "move"],
    duration: 3_600,
  });
  assert.equal(await person.codeOf("get_document", { document_id }), 200);
  assertAnswer(await person.request("upload_document", { document_id }), 403, deniedDocument);
  assertAnswer(await person.request("rename_document", { document_id, new_title: "x" }), 403, "Access denied");
  assertAnswer(await person.request("move_document", { document_id }), 403, "Access denied to move document");
  assert.equal(await person.codeOf("upload_document", { document_id: other }), 200);
});

/** A document without an upload that only administrators may write. */
async function sysopHides({ sysop }: DocumentScene, title: string, folder_id: string | null = null): Promise<void> {
  await sysop.done("create_document", { title, folder_id, access_rules: guarded });
}
