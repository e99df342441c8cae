import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, onlyGroup } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const closed = { read: [onlyGroup("sysop")] };
const deniedToManage = "You do not have permission to manage object access";

test("access is granted to a user and to a group, listed from every side, and taken back", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document = await scene.document("secret", { access_rules: closed });
  const folder = await scene.folder("closed", null, closed);
  await sysop.done("create_group", { group_name: "staff" });
  const member = await scene.user({ username: "member", groups: ["user", "staff"] });
  const friend = await scene.user({ username: "friend" });
  const toGroup = await sysop.request("grant_access", {
    entity_type: "group",
    entity_identifier: "staff",
    target_type: "directory",
    target_identifier: folder,
    access_types: ["read"],
    start_time: 0,
    end_time: null,
  });
  assertAnswer(toGroup, 200, "Success", {});
  await sysop.done("grant_access", {
    entity_type: "user",
    entity_identifier: "friend",
    target_type: "document",
    target_identifier: document,
    access_types: ["read", "write", "read"],
    start_time: 1.5,
    end_time: 9_999_999_999.25,
  });
  assert.deepEqual(
    [
      await member.codeOf("list_directory", { folder_id: folder }),
      await friend.codeOf("list_directory", { folder_id: folder }),
    ],
    [200, 403],
  );
  assert.deepEqual(
    [
      await friend.codeOf("get_document", { document_id: document }),
      await member.codeOf("get_document", { document_id: document }),
    ],
    [200, 403],
  );

  const listed = async (object_type: string, object_identifier: string) => {
    const answer = await sysop.request("view_access_entries", { object_type, object_identifier });
    assertAnswer(answer, 200, "Success");
    return answer.data["result"] as readonly Readonly<Record<string, unknown>>[];
  };
  const [entry, second, ...more] = await listed("user", "friend");
  assert.deepEqual(more, [], "one for every type, however often it is named");
  assert.deepEqual(entry, {
    id: entry?.["id"],
    entity_type: "user",
    entity_identifier: "friend",
    target_type: "document",
    target_identifier: document,
    access_type: "read",
    start_time: 1.5,
    end_time: 9_999_999_999.25,
  });
  assert.deepEqual([typeof entry?.["id"], second?.["access_type"]], ["number", "write"]);
  assert.deepEqual(await listed("document", document), [entry, second]);
  const [ofGroup] = await listed("group", "staff");
  assert.deepEqual(
    [ofGroup?.["entity_type"], ofGroup?.["target_type"], ofGroup?.["end_time"]],
    ["group", "directory", null],
  );
  assert.deepEqual(await listed("directory", folder), [ofGroup]);
  assert.deepEqual([await listed("user", "nobody"), await listed("document", unknown)], [[], []]);

  assertAnswer(await sysop.request("revoke_access", { entry_id: entry?.["id"] }), 200, "Success", {});
  assert.equal(await friend.codeOf("get_document", { document_id: document }), 403);
  assertAnswer(await sysop.request("revoke_access", { entry_id: entry?.["id"] }), 404, "Access entry not found", {});
});

test("a grant counts from its start to its end", async (t) => {
  const clock = new ManualClock();
  const scene = await DocumentScene.open(t, { clock });
  const document_id = await scene.document("secret", { access_rules: closed });
  const friend = await scene.user();
  const now = clock.wallTime() / 1_000;
  await scene.sysop.done("grant_access", {
    entity_type: "user",
    entity_identifier: friend.credentials.username,
    target_type: "document",
    target_identifier: document_id,
    access_types: ["read"],
    start_time: now + 10,
    end_time: now + 20,
  });
  const codes: number[] = [];
  for (const seconds of [0, 15, 10]) {
    clock.advance(seconds * 1_000);
    codes.push(await friend.codeOf("get_document", { document_id }));
  }
  assert.deepEqual(codes, [403, 200, 403]);
});

test("a grant that cannot be is refused, its times before anything else", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const document = await scene.document("paper");
  const good = {
    entity_type: "user",
    entity_identifier: "admin",
    target_type: "document",
    target_identifier: document,
    access_types: ["read"],
    start_time: 0,
  };
  const grant = (change: object, client = sysop) => client.request("grant_access", { ...good, ...change });
  const anonymous = await scene.anonymous();
  const message = "The start time should be before the end time";
  assertAnswer(await grant({ start_time: 20, end_time: 10 }, anonymous), 400, message, {});
  assertAnswer(await grant({ start_time: 10, end_time: 10 }), 400, message, {});
  assertAnswer(await grant({}, anonymous), 401, "Authentication required");
  assertAnswer(await grant({}, await scene.user()), 403, deniedToManage, {});
  assertAnswer(await grant({ entity_identifier: "nobody" }), 404, "entity not found", {});
  assertAnswer(await grant({ entity_type: "group", entity_identifier: "nobody" }), 404, "entity not found", {});
  assertAnswer(await grant({ target_identifier: unknown }), 404, "target not found", {});
  assertAnswer(await grant({ target_type: "directory" }), 404, "target not found", {});
  const unknownType = await grant({ access_types: ["fly"] });
  assert.deepEqual([unknownType.code, unknownType.data["validator"]], [400, "enum"]);
  assert.equal((await grant({ access_types: [] })).code, 400);
  assert.equal((await grant({ start_time: -1 })).code, 400);
  const { start_time: _, ...without } = good;
  assert.equal((await sysop.request("grant_access", without)).message, "Missing required field: start_time");
});

test("nobody hands out what they could not do themselves", async (t) => {
  const scene = await DocumentScene.open(t);
  const document = await scene.document("kept", { access_rules: { write: [onlyGroup("sysop")] } });
  const manager = await scene.user({ permissions: ["manage_access"] });
  const grant = (access_types: readonly string[]) =>
    manager.request("grant_access", {
      entity_type: "user",
      entity_identifier: manager.credentials.username,
      target_type: "document",
      target_identifier: document,
      access_types,
      start_time: 0,
    });
  assertAnswer(await grant(["read", "write"]), 403, "access denied", {});
  assert.equal(await manager.codeOf("upload_document", { document_id: document }), 403);
  assertAnswer(await grant(["read"]), 200, "Success");
});

test("grants are seen and taken back by whoever may", async (t) => {
  const scene = await DocumentScene.open(t);
  const plain = await scene.user();
  const viewer = await scene.user({ permissions: ["view_access_entries"] });
  const anonymous = await scene.anonymous();
  const view = { object_type: "user", object_identifier: "admin" };
  assertAnswer(
    await plain.request("view_access_entries", view),
    403,
    "You do not have permission to view access entries",
    {},
  );
  assert.equal(await viewer.codeOf("view_access_entries", view), 200);
  assert.equal(await anonymous.codeOf("view_access_entries", view), 401);
  assertAnswer(await viewer.request("revoke_access", { entry_id: 1 }), 403, deniedToManage, {});
  assert.equal(await anonymous.codeOf("revoke_access", { entry_id: 1 }), 401);
  assert.equal(await scene.sysop.codeOf("revoke_access", { entry_id: 0 }), 400);
});
