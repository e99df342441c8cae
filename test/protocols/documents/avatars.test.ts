import assert from "node:assert/strict";
import { test } from "node:test";
import { imageType } from "../../../src-main/protocols/documents/imageType.ts";
import { assertAnswer, DocumentScene, onlyGroup, taskOf } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

const png = Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(100, 7)]);

/** A document with these bytes, made by the administrator. */
async function picture(scene: DocumentScene, bytes: Buffer, access_rules: object = {}): Promise<string> {
  const data = await scene.sysop.done("create_document", { title: `picture ${Math.random()}`, access_rules });
  const upload = await scene.documents.uploads.open(taskOf(data), { size: bytes.length });
  await upload.write(bytes);
  await upload.finish();
  return String(data["document_id"]);
}

test("pictures are told by their bytes", () => {
  const types: readonly (readonly [string, string | undefined])[] = [
    ["89504e470d0a1a0a", "image/png"],
    ["ffd8ffe000104a46", "image/jpeg"],
    [Buffer.from("GIF87a..").toString("hex"), "image/gif"],
    [Buffer.from("GIF89a..").toString("hex"), "image/gif"],
    [Buffer.from("RIFF\x10\x00\x00\x00WEBPVP8 ").toString("hex"), "image/webp"],
    [Buffer.from("RIFF\x10\x00\x00\x00WAVEfmt ").toString("hex"), undefined],
    ["424d46000000000000003600", "image/bmp"],
    [Buffer.from("BM is how this text begins").toString("hex"), undefined],
    [Buffer.from("<svg onload=alert(1)>").toString("hex"), undefined],
    ["ffd8", undefined],
    ["", undefined],
  ];
  for (const [hex, type] of types) assert.equal(imageType(Buffer.from(hex, "hex")), type, hex);
});

test("a user's picture: a document that is one; who asks for it gets its bytes and what they are", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  const username = user.credentials.username;
  const none = { avatar_id: null, avatar_data: null, mime_type: null };
  assertAnswer(await user.request("get_user_avatar", { username }), 200, "Avatar retrieved successfully", none);
  const document_id = await picture(scene, png);
  const set = await user.request("set_user_avatar", { username, document_id });
  assertAnswer(set, 200, "User avatar updated successfully", { avatar_id: document_id });
  assert.deepEqual(await user.done("get_user_avatar", { username }), {
    avatar_id: document_id,
    avatar_data: png.toString("base64"),
    mime_type: "image/png",
  });
  const { data } = await user.login(String(username), "correct horse battery");
  assert.equal(data["avatar_id"], document_id);
  await user.done("set_user_avatar", { username, document_id: null });
  assert.deepEqual(await user.done("get_user_avatar", { username }), none);
});

test("a large picture is named, and not sent along", async (t) => {
  const scene = await DocumentScene.open(t);
  const document_id = await picture(scene, Buffer.concat([png, Buffer.alloc(512 * 1024)]));
  await scene.sysop.done("set_user_avatar", { username: "admin", document_id });
  const { avatar_id, avatar_data, mime_type } = await scene.sysop.done("get_user_avatar", { username: "admin" });
  assert.deepEqual([avatar_id, avatar_data, mime_type], [document_id, null, "image/png"]);
});

test("what cannot be a picture, and whose picture one may not set or see", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  const username = user.credentials.username;
  const set = (document_id: string) => user.request("set_user_avatar", { username, document_id });
  assertAnswer(await set("0".repeat(64)), 404, "Document does not exist", {});
  const text = await picture(scene, Buffer.from("BM just a text"));
  assertAnswer(await set(text), 400, "The specified document is not an image file", {});
  const empty = await scene.hiddenDocument("not uploaded");
  assertAnswer(await set(empty), 400, "The specified document is not an image file", {});
  const closed = await picture(scene, png, { read: [onlyGroup("sysop")] });
  assertAnswer(await set(closed), 403, "User does not have access to the specified document", {});
  const other = { username: "admin", document_id: closed };
  const denied = "You do not have permission to set other user's avatar";
  assertAnswer(await user.request("set_user_avatar", other), 403, denied, {});
  const unseen = "You do not have permission to get user information";
  assertAnswer(await user.request("get_user_avatar", { username: "admin" }), 403, unseen, {});
  for (const permission of ["super_set_user_avatar", "set_user_avatar"]) {
    const operator = await scene.user({ permissions: [permission] });
    assert.equal(await operator.codeOf("set_user_avatar", other), 200, permission);
    const unknown = await operator.request("set_user_avatar", { username: "nobody", document_id: closed });
    assertAnswer(unknown, 404, "User does not exist", {});
  }
});

test("a picture that its user may not read any more, or that is gone, is none", async (t) => {
  const scene = await DocumentScene.open(t);
  const user = await scene.user();
  const username = user.credentials.username;
  const avatarOf = async () => (await scene.sysop.done("get_user_avatar", { username }))["avatar_id"];
  const document_id = await picture(scene, png);
  await user.done("set_user_avatar", { username, document_id });
  assert.equal(await avatarOf(), document_id);
  await scene.sysop.done("set_document_rules", { document_id, access_rules: { read: [onlyGroup("sysop")] } });
  assert.equal(await avatarOf(), null);
  await scene.sysop.done("set_document_rules", { document_id, access_rules: {} });
  assert.equal(await avatarOf(), document_id);
  await scene.sysop.done("delete_document", { document_id });
  assert.equal(await avatarOf(), null);
});
