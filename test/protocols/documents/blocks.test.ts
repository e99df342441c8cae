import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";

failOnLeaks();

const deniedToBlock = "You do not have permission to block users";
const deniedToUnblock = "You do not have permission to unblock users";
const everything = { type: "all" };

test("a user is blocked at one place or everywhere, and free again", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const [one, two] = [await scene.document("one"), await scene.document("two")];
  const folder = await scene.folder("folder");
  const person = await scene.user({ username: "kim" });
  const block = async (target: object, duration: number | null = null) => {
    const data = { username: "kim", target, block_types: ["read"], duration };
    const answer = await sysop.request("block_user", data);
    assertAnswer(answer, 200, "User blocked successfully");
    assert.deepEqual(Object.keys(answer.data), ["block_id"]);
    return Number(answer.data["block_id"]);
  };
  const codes = async () => [
    await person.codeOf("get_document", { document_id: one }),
    await person.codeOf("get_document", { document_id: two }),
    await person.codeOf("list_directory", { folder_id: folder }),
  ];
  const first = await block({ type: "document", id: one });
  assert.deepEqual(await codes(), [403, 200, 200]);
  const second = await block({ type: "directory", id: folder }, 60);
  assert.deepEqual(await codes(), [403, 200, 403]);
  const third = await block(everything);
  assert.deepEqual(await codes(), [403, 403, 403]);
  assertAnswer(await sysop.request("unblock_user", { block_id: third }), 200, "Unblocked user", {});
  assertAnswer(await sysop.request("unblock_user", { block_id: String(second) }), 200, "Unblocked user", {});
  assert.deepEqual(await codes(), [403, 200, 200]);
  assertAnswer(await sysop.request("unblock_user", { block_id: second }), 400, "The specified block has ended", {});
  assertAnswer(await sysop.request("unblock_user", { block_id: 9_999 }), 404, "Specified entry not found", {});
  assertAnswer(await sysop.request("unblock_user", { block_id: first }), 200, "Unblocked user", {});
  assert.deepEqual(await codes(), [200, 200, 200]);
});

test("a block ends by itself, and is then over", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const document_id = await scene.document("paper");
  const person = await scene.user({ username: "kim" });
  const { block_id } = await scene.sysop.done("block_user", {
    username: "kim",
    target: everything,
    block_types: ["read"],
    duration: 1.5,
  });
  assert.equal(await person.codeOf("get_document", { document_id }), 403);
  clock.advance(1_600);
  assert.equal(await person.codeOf("get_document", { document_id }), 200);
  assertAnswer(await scene.sysop.request("unblock_user", { block_id }), 400, "The specified block has ended");
  assert.deepEqual(await blocksOf(person, "kim"), []);
});

test("a block is lifted by who, where and what; what else it holds back stays", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document = await scene.document("paper");
  const person = await scene.user({ username: "kim" });
  const target = { type: "document", id: document };
  await sysop.done("block_user", { username: "kim", target, block_types: ["read", "write", "read"], duration: 3_600 });
  await sysop.done("block_user", { username: "kim", target: everything, block_types: ["move"], duration: null });
  const unblock = (change: object) =>
    sysop.request("unblock_user", { username: "kim", target, block_types: ["read"], ...change });
  assertAnswer(await unblock({ target: everything }), 404, "Specified entry not found", {});
  assertAnswer(await unblock({ block_types: ["move"] }), 404, "Specified entry not found", {});
  assertAnswer(await unblock({ block_types: ["fly"] }), 400, "Unsupported block type(s)", {});
  assertAnswer(await unblock({ username: "nobody" }), 404, "User does not exist", {});
  assertAnswer(await unblock({}), 200, "Unblocked user", {});
  assert.equal(await person.codeOf("get_document", { document_id: document }), 200);
  assert.equal(await person.codeOf("upload_document", { document_id: document }), 403);
  const left = await blocksOf(person, "kim");
  assert.deepEqual(left.map(({ target: at, block_types }) => [(at as { type: string }).type, block_types]).sort(), [
    ["all", ["move"]],
    ["document", ["write"]],
  ]);
  const smaller = left.find(({ block_types }) => String(block_types) === "write");
  assert.ok(
    Number(smaller?.["end_time"]) - Number(smaller?.["start_time"]) <= 3_600,
    "it ends when the first would have",
  );
  assertAnswer(await unblock({ block_types: ["write"] }), 200, "Unblocked user");
  assert.equal(await person.codeOf("upload_document", { document_id: document }), 200);
});

test("a block that cannot be is refused", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  await scene.user({ username: "kim" });
  const document = await scene.document("paper");
  const good = { username: "kim", target: everything, block_types: ["read"], duration: 60 };
  const block = (change: object, client = sysop) => client.request("block_user", { ...good, ...change });
  const missing = "The target of the block does not exist";
  assertAnswer(await block({ block_types: ["manage"] }), 400, "Unsupported block type(s)", {});
  assertAnswer(await block({ username: "nobody" }), 404, "User does not exist", {});
  assertAnswer(await block({ target: { type: "document" } }), 400, missing, {});
  assertAnswer(await block({ target: { type: "document", id: "0".repeat(64) } }), 400, missing, {});
  assertAnswer(await block({ target: { type: "directory", id: document } }), 400, missing, {});
  assert.equal((await block({ target: { type: "moon" } })).code, 400);
  assert.equal((await block({ block_types: [] })).code, 400);
  assert.equal((await block({ duration: -1 })).code, 400);
  assert.equal((await block({ duration: undefined })).message, "Missing required field: duration");
  assertAnswer(await sysop.request("unblock_user", { username: "kim" }), 400, "Missing required field: block_id", {
    validator: "required",
    validator_value: ["block_id"],
  });
  assert.equal(await sysop.codeOf("unblock_user", { block_id: "1 or 1" }), 400);
});

test("blocks are made and lifted by whoever may, and never against an administrator of the core by others", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  await scene.user({ username: "kim" });
  const plain = await scene.user();
  const blocker = await scene.user({ permissions: ["block"] });
  const unblocker = await scene.user({ permissions: ["unblock"] });
  const anonymous = await scene.anonymous();
  const block = { username: "kim", target: everything, block_types: ["read"], duration: null };
  assertAnswer(await plain.request("block_user", block), 403, deniedToBlock, {});
  assertAnswer(await unblocker.request("block_user", block), 403, deniedToBlock, {});
  assertAnswer(await blocker.request("block_user", { ...block, username: "admin" }), 403, deniedToBlock, {});
  assert.equal(await anonymous.codeOf("block_user", block), 401);
  const { block_id } = await blocker.done("block_user", block);
  const { block_id: own } = await sysop.done("block_user", { ...block, username: "admin", block_types: ["move"] });
  assertAnswer(await blocker.request("unblock_user", { block_id }), 403, deniedToUnblock, {});
  assertAnswer(await unblocker.request("unblock_user", { block_id: own }), 403, deniedToUnblock, {});
  const triple = { username: "admin", target: everything, block_types: ["move"] };
  assertAnswer(await unblocker.request("unblock_user", triple), 403, deniedToUnblock, {});
  assert.equal(await anonymous.codeOf("unblock_user", { block_id }), 401);
  assertAnswer(await unblocker.request("unblock_user", { block_id }), 200, "Unblocked user");
});

test("one's own blocks are listed, and others' for whoever may block", async (t) => {
  const scene = await DocumentScene.open(t);
  const person = await scene.user({ username: "kim" });
  const folder = await scene.folder("folder");
  const { block_id } = await scene.sysop.done("block_user", {
    username: "KIM",
    target: { type: "directory", id: folder },
    block_types: ["write"],
    duration: null,
  });
  const [block, ...more] = await blocksOf(person, "kim");
  assert.deepEqual(more, []);
  assert.deepEqual(block, {
    block_id,
    username: "kim",
    target: { type: "directory", id: folder },
    block_types: ["write"],
    created_by: "admin",
    start_time: block?.["start_time"],
    end_time: null,
  });
  assert.ok(Math.abs(Number(block?.["start_time"]) - Date.now() / 1_000) < 60);
  assertAnswer(await person.request("list_blocks", { username: "admin" }), 403, deniedToBlock, {});
  assertAnswer(await scene.sysop.request("list_blocks", { username: "nobody" }), 404, "User does not exist", {});
  assert.deepEqual(await blocksOf(scene.sysop, "kim"), [block]);
  assert.equal(await (await scene.anonymous()).codeOf("list_blocks", { username: "kim" }), 401);
});

async function blocksOf(client: PlainDocuments, username: string): Promise<readonly Record<string, unknown>[]> {
  return (await client.done("list_blocks", { username }))["blocks"] as readonly Record<string, unknown>[];
}
