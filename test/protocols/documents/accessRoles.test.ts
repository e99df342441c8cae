import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { DocumentUser } from "../../../src-main/core/identity/documentTokens.ts";
import { DocumentScene, onlyGroup } from "../../support/documentScene.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";

failOnLeaks();

type Kind = "document" | "directory";
type Access = "read" | "write" | "move" | "manage";

/** One action on one object, and what its row asks for. */
interface Row {
  readonly action: string;
  readonly kind: Kind;
  readonly access: Access;
  readonly permission?: string;
  /** The answer to whoever lacks the permission. */
  readonly lacking?: string;
  /** The answer to whoever lacks the access. */
  readonly barred: string;
  /** The data for one object; `other` is a folder that everybody may write. */
  readonly data: (id: string, other: string) => object;
}

const document = (access: Access, rest: Omit<Row, "kind" | "access">): Row => ({ kind: "document", access, ...rest });
const directory = (access: Access, rest: Omit<Row, "kind" | "access">): Row => ({ kind: "directory", access, ...rest });
const documentId = (document_id: string): object => ({ document_id });
const toDocument = "Access denied to the document";
const noAccess = "Access denied";
const noPermission = "Permission denied";
const noRules = "Access denied to set access rules";
const newName = (): string => randomUUID();

const rows: readonly Row[] = [
  document("read", { action: "get_document", barred: toDocument, data: documentId }),
  document("read", { action: "get_document_info", barred: noPermission, data: documentId }),
  document("read", { action: "download_file", barred: toDocument, data: documentId }),
  document("read", { action: "list_revisions", barred: toDocument, data: documentId }),
  document("write", { action: "upload_document", barred: toDocument, data: documentId }),
  document("write", {
    action: "rename_document",
    permission: "rename_document",
    lacking: noAccess,
    barred: noAccess,
    data: (document_id) => ({ document_id, new_title: newName() }),
  }),
  document("write", {
    action: "delete_document",
    permission: "delete_document",
    lacking: toDocument,
    barred: toDocument,
    data: documentId,
  }),
  document("move", {
    action: "move_document",
    permission: "move",
    lacking: "Access denied to move document",
    barred: "Access denied to move document",
    data: (document_id, target_folder_id) => ({ document_id, target_folder_id }),
  }),
  document("read", {
    action: "get_document_access_rules",
    permission: "view_access_rules",
    lacking: noPermission,
    barred: noPermission,
    data: documentId,
  }),
  document("manage", {
    action: "set_document_rules",
    permission: "set_access_rules",
    lacking: noRules,
    barred: toDocument,
    data: (document_id) => ({ document_id, access_rules: {} }),
  }),
  document("read", {
    action: "explain_access",
    permission: "view_access_rules",
    lacking: noPermission,
    barred: noPermission,
    data: (object_identifier) => ({ object_type: "document", object_identifier, access_type: "read" }),
  }),
  document("read", {
    action: "grant_access",
    permission: "manage_access",
    lacking: "You do not have permission to manage object access",
    barred: "access denied",
    data: (target_identifier) => ({
      entity_type: "user",
      entity_identifier: "admin",
      target_type: "document",
      target_identifier,
      access_types: ["read"],
      start_time: 0,
    }),
  }),
  directory("read", { action: "list_directory", barred: noAccess, data: (folder_id) => ({ folder_id }) }),
  directory("read", {
    action: "get_directory_info",
    barred: noPermission,
    data: (directory_id) => ({ directory_id }),
  }),
  directory("write", {
    action: "create_directory",
    permission: "create_directory",
    lacking: "You do have no permissions to create new folders",
    barred: noAccess,
    data: (parent_id) => ({ name: newName(), parent_id }),
  }),
  directory("write", {
    action: "create_document",
    permission: "create_document",
    lacking: noPermission,
    barred: "Access denied to the folder",
    data: (folder_id) => ({ title: newName(), folder_id }),
  }),
  directory("write", {
    action: "rename_directory",
    permission: "rename_directory",
    lacking: noAccess,
    barred: noAccess,
    data: (folder_id) => ({ folder_id, new_name: newName() }),
  }),
  directory("write", {
    action: "delete_directory",
    permission: "delete_directory",
    lacking: noAccess,
    barred: noAccess,
    data: (folder_id) => ({ folder_id }),
  }),
  directory("move", {
    action: "move_directory",
    permission: "move",
    lacking: "Access denied to move directory",
    barred: "Access denied to move directory",
    data: (folder_id, target_folder_id) => ({ folder_id, target_folder_id }),
  }),
  directory("read", {
    action: "get_directory_access_rules",
    permission: "view_access_rules",
    lacking: noPermission,
    barred: noPermission,
    data: (directory_id) => ({ directory_id }),
  }),
  directory("manage", {
    action: "set_directory_rules",
    permission: "set_access_rules",
    lacking: noRules,
    barred: "Access denied to the directory",
    data: (directory_id) => ({ directory_id, access_rules: {} }),
  }),
];

for (const row of rows) {
  test(`${row.action}: nobody, everybody, who may, who is barred, blocked or granted`, async (t) => {
    const { scene, make, other } = await open(t, row);
    const ask = async (client: PlainDocuments, id: string) => {
      const { code, message } = await client.request(row.action, row.data(id, other));
      return code === 200 ? 200 : `${code} ${message}`;
    };
    const permissions = row.permission === undefined ? [] : [row.permission];
    const holder = await scene.user({ permissions });
    const refusal = `403 ${row.barred}`;

    assert.equal(await ask(await scene.anonymous(), await make()), "401 Authentication required", "nobody");
    const plain = await ask(await scene.user(), await make());
    assert.equal(plain, row.permission === undefined ? 200 : `403 ${row.lacking}`, "everybody");
    assert.equal(await ask(holder, await make()), 200, "who may");
    assert.equal(await ask(scene.sysop, await make()), 200, "sysop");

    const closed = { [row.access]: [onlyGroup("nobody but one")] };
    await scene.sysop.done("create_group", { group_name: "nobody but one" });
    const barred = await make();
    await scene.documents.rules.set(oneOfThem, barred, closed);
    assert.equal(await ask(holder, barred), refusal, "who is barred by a rule");
    const forSysop = row.action === "list_directory" || row.action === "create_document" ? 200 : refusal;
    assert.equal(await ask(scene.sysop, barred), forSysop, "no administrator is exempt, but for two permissions");

    const entryId = barred;
    const [user, now] = [await userOf(scene, holder), Date.now()];
    const types = row.access === "manage" ? ["manage"] : [row.access];
    await scene.documents.grants.create({ userId: user, entryId, types, startAt: now - 1_000, endAt: undefined });
    assert.equal(await ask(holder, barred), 200, "who was granted it");

    const blocked = await make();
    if (row.access !== "manage") {
      const block = { userId: user, types: [row.access], endAt: undefined, by: "admin" };
      await scene.documents.grants.create({ userId: user, entryId: blocked, types, startAt: now, endAt: undefined });
      await scene.documents.blocks.create({ ...block, entryId: blocked });
      assert.equal(await ask(holder, blocked), refusal, "who is blocked, grant or not");
      assert.equal(await ask(holder, await make()), 200, "and only there");
      await scene.documents.blocks.create({ ...block, entryId: undefined });
      assert.equal(await ask(holder, await make()), refusal, "who is blocked everywhere");
    }
  });
}

test("what is not there is not found by anybody who is signed in", async (t) => {
  const scene = await DocumentScene.open(t);
  const other = await scene.folder("other");
  const unknown = "f".repeat(64);
  // These ask for the permission first.
  const permissionFirst = ["create_document", "move_document", "grant_access"];
  const plain = await scene.user();
  const wrong: string[] = [];
  for (const { action, data } of rows) {
    if ((await scene.sysop.codeOf(action, data(unknown, other))) !== 404) wrong.push(`${action} as sysop`);
    const expected = permissionFirst.includes(action) ? 403 : 404;
    if ((await plain.codeOf(action, data(unknown, other))) !== expected) wrong.push(`${action} without permission`);
  }
  assert.deepEqual(wrong, []);
});

async function open(t: Parameters<typeof DocumentScene.open>[0], { kind }: Row) {
  const scene = await DocumentScene.open(t);
  let made = 0;
  const make = (): Promise<string> => {
    made += 1;
    return kind === "document" ? scene.document(`document ${made}`) : scene.folder(`folder ${made}`);
  };
  return { scene, make, other: await scene.folder("other") };
}

/** Somebody who meets the rule that nobody else meets. */
const oneOfThem: DocumentUser = {
  userId: "",
  username: "one of them",
  isAdministrator: false,
  rights: { permissions: new Set(), groups: new Set(["nobody but one"]) },
  sessionId: "",
};

async function userOf({ core }: DocumentScene, client: PlainDocuments): Promise<string> {
  const user = await core.core.users.find(client.credentials.username ?? "");
  assert.ok(user !== undefined);
  return user.id;
}
