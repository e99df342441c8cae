import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAnswer, DocumentScene, onlyGroup } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";

failOnLeaks();

const unknown = "0".repeat(64);
const onlySysop = onlyGroup("sysop");

/** The two kinds of objects, and what the actions on their rules are called. */
const kinds = [
  {
    kind: "document",
    get: "get_document_access_rules",
    set: "set_document_rules",
    got: "Document access rules retrieved successfully",
    missing: "Document not found",
    denied: "Access denied to the document",
    id: "document_id",
    make: (scene: DocumentScene, title: string, access_rules: object = {}) => scene.document(title, { access_rules }),
  },
  {
    kind: "directory",
    get: "get_directory_access_rules",
    set: "set_directory_rules",
    got: "Directory access rules retrieved successfully",
    missing: "Directory not found",
    denied: "Access denied to the directory",
    id: "directory_id",
    make: (scene: DocumentScene, name: string, access_rules: object = {}) => scene.folder(name, null, access_rules),
  },
] as const;

for (const { kind, get, set, got, missing, denied, id, make } of kinds) {
  test(`the rules of a ${kind} are set by type, cleared by type and cleared at once`, async (t) => {
    const scene = await DocumentScene.open(t);
    const { sysop } = scene;
    const object = await make(scene, "object");
    const rules = async () => {
      const answer = await sysop.request(get, { [id]: object });
      assertAnswer(answer, 200, got);
      return answer.data;
    };
    const change = async (access_rules: object) => {
      assertAnswer(await sysop.request(set, { [id]: object, access_rules }), 200, "Set access rules successfully", {});
      return rules();
    };
    assert.deepEqual(await rules(), {});
    const read = { ...onlySysop, note: "members that nobody knows are kept" };
    assert.deepEqual(await change({ read: [read], move: [onlySysop] }), { read: [read], move: [onlySysop] });
    assert.deepEqual(await change({ write: [onlySysop] }), { read: [read], move: [onlySysop], write: [onlySysop] });
    assert.deepEqual(await change({ read: [] }), { move: [onlySysop], write: [onlySysop] });
    assert.deepEqual(await change({}), {});
  });

  test(`what is wrong with the rules of a ${kind} is said, and nothing is changed`, async (t) => {
    const scene = await DocumentScene.open(t);
    const { sysop } = scene;
    const object = await make(scene, "object", { read: [onlySysop] });
    const set400 = async (access_rules: unknown) => {
      const answer = await sysop.request(set, { [id]: object, access_rules });
      assert.equal(answer.code, 400, JSON.stringify(access_rules));
      return answer;
    };
    assertAnswer(await set400({ read: [], fly: [] }), 400, "Set access rules failed: Invalid access type: fly", {});
    assert.deepEqual((await set400({ read: null })).data, { validator: "type", validator_value: "array" });
    assert.match((await set400({ read: [{ match: "some", match_groups: [] }] })).message, /^Set access rules failed: /);
    assert.match((await set400({ read: [{ match: "all" }] })).message, /^Set access rules failed: /);
    assert.equal((await set400(undefined)).message, "Missing required field: access_rules");
    const lockedOut = await sysop.request(set, { [id]: object, access_rules: { manage: [onlyGroup("nobody")] } });
    assertAnswer(lockedOut, 403, "Set access rules failed: permission denied", {});
    assert.deepEqual(await sysop.done(get, { [id]: object }), { read: [onlySysop] });
  });

  test(`the rules of a ${kind} are for whoever may see and set rules, there`, async (t) => {
    const scene = await DocumentScene.open(t);
    const open = await make(scene, "open");
    const closed = await make(scene, "closed", { read: [onlySysop] });
    const managed = await make(scene, "managed", { manage: [onlySysop] });
    const plain = await scene.user();
    const viewer = await scene.user({ permissions: ["view_access_rules"] });
    const setter = await scene.user({ permissions: ["set_access_rules"] });
    const anonymous = await scene.anonymous();
    const deniedToSet = "Access denied to set access rules";
    assertAnswer(await plain.request(get, { [id]: unknown }), 404, missing, {});
    assertAnswer(await plain.request(get, { [id]: open }), 403, "Permission denied", {});
    assertAnswer(await viewer.request(get, { [id]: closed }), 403, "Permission denied", {});
    assert.equal(await viewer.codeOf(get, { [id]: open }), 200);
    assert.equal(await anonymous.codeOf(get, { [id]: open }), 401);
    assertAnswer(await plain.request(set, { [id]: unknown, access_rules: {} }), 404, missing, {});
    assertAnswer(await viewer.request(set, { [id]: open, access_rules: {} }), 403, deniedToSet, {});
    assertAnswer(await setter.request(set, { [id]: managed, access_rules: {} }), 403, denied, {});
    assertAnswer(await setter.request(set, { [id]: closed, access_rules: {} }), 403, denied, {});
    assert.equal(await setter.codeOf(set, { [id]: open, access_rules: {} }), 200);
    assert.equal(await anonymous.codeOf(set, { [id]: open, access_rules: {} }), 401);
  });
}

interface Explained {
  readonly username: string;
  readonly allowed: boolean;
  readonly because: readonly Readonly<Record<string, unknown>>[];
}

test("what everybody may do is explained: by rules, by inheritance, by grants and by blocks", async (t) => {
  const scene = await DocumentScene.open(t);
  const { sysop } = scene;
  const folder = await scene.folder("closed", null, { read: [onlySysop] });
  const document = await scene.document("paper", { folder_id: folder });
  await scene.user({ username: "granted" });
  await scene.user({ username: "plain" });
  await scene.user({ username: "blocked" });
  const grant = { target_type: "document", target_identifier: document, access_types: ["read"], start_time: 0 };
  await sysop.done("grant_access", { ...grant, entity_type: "user", entity_identifier: "granted" });
  await sysop.done("block_user", {
    username: "blocked",
    target: { type: "document", id: document },
    block_types: ["read"],
    duration: null,
  });
  const explain = async (access_type: string) => {
    const data = { object_type: "document", object_identifier: document, access_type };
    const answer = await sysop.request("explain_access", data);
    assertAnswer(answer, 200, "Success");
    const users = answer.data["users"] as readonly Explained[];
    return new Map(users.map((user) => [user.username, user]));
  };
  const readers = await explain("read");
  assert.deepEqual([...readers.keys()], ["admin", "blocked", "granted", "plain"]);
  const place = { object_type: "directory", object_id: folder, object_name: "closed" };
  const [met] = readers.get("admin")?.because ?? [];
  const rule = { ...place, inherited: true, access_type: "read", rule_data: onlySysop, rule_id: met?.["rule_id"] };
  assert.equal(typeof met?.["rule_id"], "number");
  assert.deepEqual(readers.get("admin"), {
    username: "admin",
    allowed: true,
    because: [{ reason: "rule-met", ...rule }],
  });
  assert.deepEqual(readers.get("plain"), {
    username: "plain",
    allowed: false,
    because: [{ reason: "rule-failed", ...rule }],
  });
  const [granted] = readers.get("granted")?.because ?? [];
  assert.equal(readers.get("granted")?.allowed, true);
  assert.deepEqual(granted, { reason: "granted", entry_id: granted?.["entry_id"], group: null, end_time: null });
  const [blocked] = readers.get("blocked")?.because ?? [];
  assert.equal(readers.get("blocked")?.allowed, false);
  assert.deepEqual(blocked, {
    reason: "blocked",
    block_id: blocked?.["block_id"],
    object_type: "document",
    object_id: document,
    object_name: "paper",
    end_time: null,
  });
  const movers = await explain("move");
  assert.deepEqual(movers.get("plain"), { username: "plain", allowed: true, because: [{ reason: "no-rules" }] });
});

test("an explanation is for whoever may see the rules and read the object, and shows nothing above that is closed", async (t) => {
  const scene = await DocumentScene.open(t);
  const folder = await scene.folder("secret name", null, { read: [onlySysop] });
  const document = await scene.document("paper", { folder_id: folder });
  const plain = await scene.user();
  const viewer = await scene.user({ permissions: ["view_access_rules"] });
  const anonymous = await scene.anonymous();
  const ask = { object_type: "document", object_identifier: document, access_type: "read" };
  assertAnswer(
    await plain.request("explain_access", { ...ask, object_identifier: unknown }),
    404,
    "Document not found",
  );
  const directory = { ...ask, object_type: "directory" };
  assertAnswer(await plain.request("explain_access", directory), 404, "Directory not found");
  assertAnswer(await plain.request("explain_access", ask), 403, "Permission denied");
  assertAnswer(await viewer.request("explain_access", ask), 403, "Permission denied");
  assert.equal(await anonymous.codeOf("explain_access", ask), 401);
  assert.equal(await viewer.codeOf("explain_access", { ...ask, access_type: "fly" }), 400);
  await scene.sysop.done("grant_access", {
    entity_type: "user",
    entity_identifier: viewer.credentials.username,
    target_type: "document",
    target_identifier: document,
    access_types: ["read"],
    start_time: 0,
  });
  const { users } = await viewer.done("explain_access", ask);
  assert.ok(!JSON.stringify(users).includes("secret name"));
  assert.ok(!JSON.stringify(users).includes("sysop"));
  const admin = (users as readonly Explained[]).find(({ username }) => username === "admin");
  const [reason] = admin?.because ?? [];
  assert.deepEqual(
    [reason?.["reason"], reason?.["object_id"], reason?.["object_name"], reason?.["rule_data"]],
    ["rule-met", folder, null, null],
  );
});
