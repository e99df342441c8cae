import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { assertAnswer, DocumentScene, onlyGroup } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const anyTime = "a time";
const guardedRules = { write: [onlyGroup("sysop")] };

test("a folder lists what is in it, by whatever name its root goes", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const reports = await scene.folder("reports");
  const year = await scene.folder("2025", reports);
  const plan = await scene.document("plan.txt", { content: "plan" });
  await scene.hiddenDocument("draft.txt");
  const before = Date.now() / 1_000;
  for (const root of [null, "", "root", "/"]) {
    const answer = await sysop.request("list_directory", { folder_id: root });
    assertAnswer(answer, 200, "Directory listing successful");
    const { parent_id, documents, folders } = answer.data as {
      readonly parent_id: unknown;
      readonly documents: readonly Record<string, unknown>[];
      readonly folders: readonly Record<string, unknown>[];
    };
    assert.equal(parent_id, null);
    assert.deepEqual(folders.map(withoutTimes), [{ id: reports, name: "reports", created_time: anyTime }]);
    assert.deepEqual(documents.map(withoutTimes), [
      {
        id: plan,
        title: "plan.txt",
        created_time: anyTime,
        last_modified: anyTime,
        size: 4,
        sha256: createHash("sha256").update("plan").digest("hex"),
      },
    ]);
    assert.ok(Math.abs(Number(documents[0]?.["created_time"]) - before) < 60, "seconds, not milliseconds");
  }
  assert.equal((await sysop.done("list_directory", { folder_id: reports }))["parent_id"], "/");
  assert.equal((await sysop.done("list_directory", { directory_id: year }))["parent_id"], reports);
});

test("listing says what is missing, in its order", async (t) => {
  const scene = await DocumentScene.open(t);
  const anonymous = await scene.anonymous();
  const closed = await scene.folder("closed", null, { read: [onlyGroup("sysop")] });
  const reader = await scene.user();
  assertAnswer(await anonymous.request("list_directory", {}), 400, "Missing required field: folder_id", {
    validator: "required",
    validator_value: ["folder_id"],
  });
  assertAnswer(await anonymous.request("list_directory", { folder_id: null }), 401, "Authentication required", {});
  assertAnswer(await reader.request("list_directory", { folder_id: unknown }), 404, "Directory not found", {});
  assertAnswer(await reader.request("list_directory", { folder_id: closed }), 403, "Access denied", {});
  const overseer = await scene.user({ permissions: ["super_list_directory"] });
  assert.equal(await overseer.codeOf("list_directory", { folder_id: closed }), 200);
  assert.equal(
    await overseer.codeOf("get_directory_info", { directory_id: closed }),
    403,
    "a listing is all it is for",
  );
  assert.equal(await scene.sysop.codeOf("list_directory", { folder_id: null, offset: 1 }), 400);
});

test("what is blocked everywhere is blocked at the root", async (t) => {
  const scene = await DocumentScene.open(t);
  const person = await scene.user({ permissions: ["create_directory"] });
  await scene.sysop.done("block_user", {
    username: person.credentials.username,
    target: { type: "all" },
    block_types: ["read", "write"],
    duration: null,
  });
  assertAnswer(await person.request("list_directory", { folder_id: null }), 403, "Access denied");
  assertAnswer(await person.request("create_directory", { name: "mine" }), 403, "Access denied");
});

test("the information about a folder counts its children, and shows rules to whoever may see rules", async (t) => {
  const scene = await DocumentScene.open(t);
  const rule = onlyGroup("user");
  const folder = await scene.folder("shared", null, { read: [rule] });
  const inner = await scene.folder("inner", folder);
  await scene.folder("deep", inner);
  await scene.document("seen", { folder_id: folder });
  await scene.hiddenDocument("unseen", folder);
  const answer = await scene.sysop.request("get_directory_info", { directory_id: folder });
  assertAnswer(answer, 200, "Directory info retrieved successfully");
  const { access_rules, created_time, ...rest } = answer.data;
  assert.equal(typeof created_time, "number");
  assert.deepEqual(rest, {
    directory_id: folder,
    parent_id: null,
    name: "shared",
    count_of_child: 2,
    info_code: 0,
  });
  const [listed] = access_rules as readonly Record<string, unknown>[];
  assert.deepEqual([listed?.["access_type"], listed?.["rule_data"]], ["read", rule]);
  assert.equal(typeof listed?.["rule_id"], "number");
  assert.equal((await scene.sysop.done("get_directory_info", { folder_id: inner }))["parent_id"], folder);
  const plain = await scene.user();
  const seen = await plain.done("get_directory_info", { directory_id: folder });
  assert.deepEqual([seen["access_rules"], seen["info_code"]], [[], 1]);
});

test("the information about a folder is for whoever may read it", async (t) => {
  const scene = await DocumentScene.open(t);
  const closed = await scene.folder("closed", null, { read: [onlyGroup("sysop")] });
  const plain = await scene.user();
  assertAnswer(await plain.request("get_directory_info", { directory_id: closed }), 403, "Permission denied");
  assertAnswer(await plain.request("get_directory_info", { directory_id: unknown }), 404, "Directory not found");
  assertAnswer(
    await (await scene.anonymous()).request("get_directory_info", { directory_id: closed }),
    401,
    "Authentication required",
  );
  const document = await scene.document("a document");
  assertAnswer(await plain.request("get_directory_info", { directory_id: document }), 404, "Directory not found");
});

test("a folder is made, found again with exists_ok, and clashes otherwise", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const made = await sysop.request("create_directory", { name: "new" });
  assertAnswer(made, 200, "Directory created successfully");
  assert.deepEqual(Object.keys(made.data).sort(), ["id", "last_modified", "name"]);
  assert.match(String(made.data["id"]), /^[0-9a-f]{64}$/);
  const again = await sysop.request("create_directory", {
    name: "new",
    exists_ok: true,
    folder_id: "chosen by the peer",
  });
  assertAnswer(again, 200, "Directory already exists", made.data);
  assertAnswer(
    await sysop.request("create_directory", { name: "new", parent_id: "/" }),
    409,
    "A folder with the same name already exists in the target directory",
    {},
  );
  const shown = await scene.document("paper");
  const hidden = await scene.hiddenDocument("unfinished");
  for (const [name, id] of [
    ["paper", shown],
    ["unfinished", hidden],
  ]) {
    assertAnswer(
      await sysop.request("create_directory", { name, exists_ok: true }),
      409,
      "A document with the same name already exists in the target directory",
      { type: "document", id },
    );
  }
});

test("of many who make a folder of one name at once, one makes it; with exists_ok all get it", async (t) => {
  const scene = await DocumentScene.open(t);
  const people: PlainDocuments[] = [];
  for (let count = 0; count < 6; count += 1) people.push(await scene.signIn("admin"));
  const make = (name: string, exists_ok: boolean) =>
    Promise.all(people.map((person) => person.request("create_directory", { name, exists_ok })));
  const strict = (await make("strict", false)).map(({ code }) => code).sort();
  assert.deepEqual(strict, [200, 409, 409, 409, 409, 409]);
  const lenient = await make("lenient", true);
  assert.deepEqual(
    lenient.map(({ code }) => code),
    people.map(() => 200),
  );
  assert.equal(new Set(lenient.map(({ data }) => data["id"])).size, 1);
});

test("names that a file system could not take are refused", async (t) => {
  const { sysop } = await DocumentScene.open(t);
  for (const name of [
    "..",
    ".",
    "a/b",
    "a\\b",
    "nul\u0000",
    "CON",
    "aux.txt",
    "dot.",
    "space ",
    "x".repeat(256),
    " ",
  ]) {
    for (const action of ["create_directory", "create_document"]) {
      const data = action === "create_document" ? { title: name } : { name };
      const { code, message } = await sysop.request(action, data);
      assert.equal(code, 400, `${action} ${JSON.stringify(name)}: ${code} ${message}`);
      assert.match(message, /^This name cannot be used\. \(/);
    }
  }
  assert.equal(await sysop.codeOf("create_directory", { name: "" }), 400);
  const { folders } = await sysop.done("list_directory", { folder_id: null });
  assert.deepEqual(folders, []);
});

test("a folder is made by whoever may write where it goes, and may make folders", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.folder("open");
  const guarded = await scene.folder("guarded", null, guardedRules);
  const plain = await scene.user();
  const maker = await scene.user({ permissions: ["create_directory"] });
  const message = "You do have no permissions to create new folders";
  assertAnswer(
    await plain.request("create_directory", { name: "x", parent_id: unknown }),
    404,
    "Parent directory not found",
  );
  assertAnswer(await plain.request("create_directory", { name: "x", parent_id: guarded }), 403, "Access denied");
  assertAnswer(await plain.request("create_directory", { name: "x", parent_id: open }), 403, message);
  assertAnswer(await maker.request("create_directory", { name: "x", parent_id: guarded }), 403, "Access denied");
  assert.equal(await maker.codeOf("create_directory", { name: "x", parent_id: open }), 200);
  assert.equal(await maker.codeOf("create_directory", { name: "x" }), 200, "the root needs nothing more");
  assertAnswer(
    await (await scene.anonymous()).request("create_directory", { name: "y" }),
    401,
    "Authentication required",
  );
});

test("rules that would lock out their maker, or are none, leave no folder behind", async (t) => {
  const scene = await DocumentScene.open(t);
  const maker = await scene.user({ permissions: ["create_directory"] });
  const lockedOut = { name: "x", access_rules: { read: [onlyGroup("sysop")] } };
  assertAnswer(await maker.request("create_directory", lockedOut), 403, "Set access rules failed: permission denied");
  assertAnswer(
    await maker.request("create_directory", { name: "x", access_rules: { fly: [] } }),
    400,
    "Set access rules failed: Invalid access type: fly",
  );
  const { code, message } = await maker.request("create_directory", {
    name: "x",
    access_rules: { read: [{ match: "one" }] },
  });
  assert.equal(code, 400);
  assert.match(message, /^Set access rules failed: read\[0\]/);
  assert.equal(await maker.codeOf("create_directory", { name: "x", access_rules: { read: null } }), 400);
  assert.deepEqual((await scene.sysop.done("list_directory", { folder_id: null }))["folders"], []);
});

test("a folder goes into the bin with everything in it, unless something of it is downloaded", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const folder = await scene.folder("old");
  const inner = await scene.folder("inner", folder);
  const document = await scene.document("kept", { folder_id: inner });
  const fetched = await sysop.done("get_document", { document_id: document });
  const download = await scene.documents.downloads.open(String((fetched["task_data"] as { task_id: string }).task_id));
  assertAnswer(
    await sysop.request("delete_directory", { folder_id: folder }),
    500,
    "An error occurred when attempting to delete documents in the directory. Perhaps a download task is still in progress?",
    {},
  );
  await download.close();
  assertAnswer(
    await sysop.request("delete_directory", { directory_id: folder }),
    200,
    "Directory deleted successfully",
    {},
  );
  assertAnswer(await sysop.request("delete_directory", { folder_id: folder }), 404, "Directory not found");
  assertAnswer(await sysop.request("get_document", { document_id: document }), 404, "Document not found");
});

test("a folder is deleted by whoever may write it and may delete folders", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.folder("open");
  const guarded = await scene.folder("guarded", null, guardedRules);
  const plain = await scene.user();
  const remover = await scene.user({ permissions: ["delete_directory"] });
  assertAnswer(await plain.request("delete_directory", { folder_id: unknown }), 404, "Directory not found");
  assertAnswer(await plain.request("delete_directory", { folder_id: open }), 403, "Access denied");
  assertAnswer(await remover.request("delete_directory", { folder_id: guarded }), 403, "Access denied");
  assertAnswer(
    await (await scene.anonymous()).request("delete_directory", { folder_id: open }),
    401,
    "Authentication required",
  );
  assert.equal(await remover.codeOf("delete_directory", { folder_id: open }), 200);
});

test("a folder is renamed, and not to a name that is taken", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const folder = await scene.folder("before");
  await scene.folder("taken");
  await scene.document("paper");
  const rename = (new_name: string) => sysop.request("rename_directory", { folder_id: folder, new_name });
  assertAnswer(await rename("after"), 200, "Directory renamed successfully", {});
  assertAnswer(await rename("after"), 400, "New name is the same as the current name", {});
  assertAnswer(await rename("taken"), 409, "A folder with the same name already exists in the target directory", {});
  assertAnswer(await rename("paper"), 409, "A document with the same name already exists in the target directory", {});
  assert.equal((await rename("a/b")).code, 400);
  assertAnswer(
    await sysop.request("rename_directory", { folder_id: unknown, new_name: "x" }),
    404,
    "Directory not found",
  );
  assert.equal((await sysop.done("get_directory_info", { directory_id: folder }))["name"], "after");
});

test("a folder is renamed by whoever may write it and may rename folders", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.folder("open");
  const guarded = await scene.folder("guarded", null, guardedRules);
  const plain = await scene.user();
  const renamer = await scene.user({ permissions: ["rename_directory"] });
  assertAnswer(await plain.request("rename_directory", { folder_id: open, new_name: "x" }), 403, "Access denied");
  assertAnswer(await renamer.request("rename_directory", { folder_id: guarded, new_name: "x" }), 403, "Access denied");
  assert.equal(await renamer.codeOf("rename_directory", { folder_id: open, new_name: "x" }), 200);
  const anonymous = await scene.anonymous();
  assert.equal(await anonymous.codeOf("rename_directory", { folder_id: open, new_name: "y" }), 401);
});

test("a folder is moved: the target is what clashes, and never into itself", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const [from, to] = [await scene.folder("from"), await scene.folder("to")];
  const moved = await scene.folder("moved", from);
  const below = await scene.folder("below", moved);
  const move = (target_folder_id: string | null, folder_id = moved) =>
    sysop.request("move_directory", { folder_id, target_folder_id });
  assertAnswer(await move(to), 200, "Success", {});
  assert.equal((await sysop.done("get_directory_info", { directory_id: moved }))["parent_id"], to);
  assertAnswer(await move(to), 400, "Cannot move to the same folder", {});
  assertAnswer(await move(moved), 400, "Cannot move a directory into itself", {});
  assertAnswer(await move(below), 400, "Cannot move a directory into itself", {});
  assertAnswer(await move(from, unknown), 404, "Subject directory not found", {});
  assertAnswer(await move(unknown), 404, "Target directory not found", {});
  await scene.folder("moved", from);
  assertAnswer(await move(from), 409, "A folder with the same name already exists in the target directory", {});
  await scene.document("moved");
  assertAnswer(await move(null), 409, "A document with the same name already exists in the target directory", {});
  assert.equal((await move(null, below)).code, 200, "to the root");
  assertAnswer(
    await sysop.request("move_directory", { folder_id: below }),
    400,
    "Missing required field: target_folder_id",
    {
      validator: "required",
      validator_value: ["folder_id", "target_folder_id"],
    },
  );
  assertAnswer(await sysop.request("move_directory", { folder_id: below, target_parent_id: to }), 200, "Success");
});

test("a folder is moved by whoever may move it, and only to where this one may write", async (t) => {
  const scene = await DocumentScene.open(t);
  const open = await scene.folder("open");
  const fixed = await scene.folder("fixed", null, { move: [onlyGroup("sysop")] });
  const guarded = await scene.folder("guarded", null, guardedRules);
  const plain = await scene.user();
  const mover = await scene.user({ permissions: ["move"] });
  const denied = "Access denied to move directory";
  assertAnswer(
    await plain.request("move_directory", { folder_id: unknown, target_folder_id: open }),
    404,
    "Subject directory not found",
  );
  assertAnswer(await plain.request("move_directory", { folder_id: guarded, target_folder_id: open }), 403, denied);
  assertAnswer(await mover.request("move_directory", { folder_id: fixed, target_folder_id: open }), 403, denied);
  assertAnswer(
    await mover.request("move_directory", { folder_id: open, target_folder_id: guarded }),
    403,
    "Access denied to write directory",
  );
  const elsewhere = await scene.folder("elsewhere");
  await scene.sysop.done("create_document", { title: "open", folder_id: elsewhere, access_rules: guardedRules });
  const ontoHidden = { folder_id: open, target_folder_id: elsewhere };
  assertAnswer(await mover.request("move_directory", ontoHidden), 403, "Access denied");
  assert.equal(await mover.codeOf("move_directory", { folder_id: guarded, target_folder_id: open }), 200);
  const anonymous = await scene.anonymous();
  assert.equal(await anonymous.codeOf("move_directory", { folder_id: open, target_folder_id: fixed }), 401);
});

test("a move that cannot be done discards nothing at its target", async (t) => {
  const scene = await DocumentScene.open(t);
  const outer = await scene.folder("outer");
  const inner = await scene.folder("inner", outer);
  const hidden = await scene.hiddenDocument("outer", inner);
  assert.equal(await scene.sysop.codeOf("move_directory", { folder_id: outer, target_folder_id: inner }), 400);
  assert.notEqual(await scene.documents.tree.document(hidden), undefined);
});

function withoutTimes(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const isTime = (name === "created_time" || name === "last_modified") && typeof value === "number";
      return [name, isTime ? anyTime : value];
    }),
  );
}
