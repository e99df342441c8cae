import { randomUUID } from "node:crypto";
import type { ActionName } from "../../../src-main/protocols/documents/messages.ts";
import { type DocumentScene, taskOf } from "../../support/documentScene.ts";
import type { PlainDocuments } from "../../support/plainDocuments.ts";
import { adminPassword } from "../../support/startCore.ts";

/** What an action is tried on. Everything is made new when it is asked for, so that the action may destroy it. */
export class Subject {
  readonly scene: DocumentScene;
  /** Whoever asks. */
  readonly asker: PlainDocuments;

  constructor(scene: DocumentScene, asker: PlainDocuments) {
    this.scene = scene;
    this.asker = asker;
  }

  folder(): Promise<string> {
    return this.scene.folder(randomUUID());
  }

  document(): Promise<string> {
    return this.scene.document(randomUUID());
  }

  async username(): Promise<string> {
    const name = `u${randomUUID()}`;
    await this.scene.core.core.users.create({ username: name, password: adminPassword, role: "viewer", groups: [] });
    return name;
  }

  async group(): Promise<string> {
    const name = randomUUID();
    await this.scene.core.core.userGroups.create({ name });
    return name;
  }

  /** A revision of a document that has two. */
  async revision(): Promise<{ readonly document_id: string; readonly revision_id: string }> {
    const document_id = await this.document();
    const { currentRevisionId } = (await this.scene.documents.tree.document(document_id)) ?? {};
    await this.scene.revise(document_id, "again");
    return { document_id, revision_id: String(currentRevisionId) };
  }

  /** Something that the asker deleted. */
  async trash(): Promise<string> {
    const id = await this.document();
    await this.scene.documents.tree.remove(id, this.asker.credentials.username ?? "");
    return id;
  }

  async block(): Promise<number> {
    const username = await this.username();
    const data = { username, target: { type: "all" }, block_types: ["read"], duration: null };
    return Number((await this.scene.sysop.done("block_user", data))["block_id"]);
  }

  async grant(): Promise<number> {
    const document_id = await this.document();
    const data = { entity_type: "group", entity_identifier: "user", start_time: 0, access_types: ["read"] };
    await this.scene.sysop.done("grant_access", { ...data, target_type: "document", target_identifier: document_id });
    const { result } = await this.scene.sysop.done("view_access_entries", {
      object_type: "document",
      object_identifier: document_id,
    });
    return Number((result as readonly { readonly id: number }[])[0]?.id);
  }

  async uploadTask(): Promise<string> {
    return taskOf(await this.scene.sysop.done("create_document", { title: randomUUID() }));
  }
}

export interface Row {
  readonly data?: (subject: Subject) => object | Promise<object>;
  /** The permission without which the answer is 403. */
  readonly permission?: string;
  /** The code for whoever may. @default 200 */
  readonly allowed?: number;
  /** The code for who is not signed in. @default 401 */
  readonly stranger?: number;
}

const open = (code = 200): Pick<Row, "allowed" | "stranger"> => ({ allowed: code, stranger: code });
const ofDocument = async (subject: Subject) => ({ document_id: await subject.document() });
const ofFolder = async (subject: Subject) => ({ folder_id: await subject.folder() });
const ofDirectory = async (subject: Subject) => ({ directory_id: await subject.folder() });
const ofUser = async (subject: Subject) => ({ username: await subject.username() });
const ofGroup = async (subject: Subject) => ({ group_name: await subject.group() });
const unknown = "0".repeat(64);

/** Who may do what, in an order in which all of it can be done. An action that has no row here does not compile, and fails the test. */
export const authorisationRows: Readonly<Record<ActionName, Row>> = {
  server_info: open(),
  register_listener: open(),
  shutdown: { permission: "shutdown" },
  lockdown: { permission: "apply_lockdown", data: () => ({ status: false }) },
  login: { ...open(), data: async (subject) => ({ username: await subject.username(), password: adminPassword }) },
  refresh_token: {},
  set_passwd: {
    permission: "super_set_passwd",
    data: async (subject) => ({ username: await subject.username(), new_passwd: "another horse battery" }),
    stranger: 400,
  },
  list_sessions: {},
  revoke_session: { data: () => ({ session_id: "somebody else's" }), allowed: 404 },
  setup_2fa: {},
  validate_2fa: { data: () => ({ token: "none" }), allowed: 401 },
  disable_2fa: {
    permission: "manage_2fa",
    data: async (subject) => ({ target: await subject.username() }),
    allowed: 400,
  },
  cancel_2fa_setup: {},
  get_2fa_status: { permission: "manage_2fa", data: async (subject) => ({ target: await subject.username() }) },
  list_directory: { data: ofFolder },
  get_directory_info: { data: ofDirectory },
  create_directory: { permission: "create_directory", data: () => ({ name: randomUUID() }) },
  delete_directory: { permission: "delete_directory", data: ofFolder },
  rename_directory: {
    permission: "rename_directory",
    data: async (subject) => ({ ...(await ofFolder(subject)), new_name: randomUUID() }),
  },
  move_directory: {
    permission: "move",
    data: async (subject) => ({ ...(await ofFolder(subject)), target_folder_id: await subject.folder() }),
  },
  create_document: { permission: "create_document", data: () => ({ title: randomUUID() }) },
  get_document: { data: ofDocument },
  get_document_info: { data: ofDocument },
  upload_document: { data: ofDocument },
  delete_document: { permission: "delete_document", data: ofDocument },
  rename_document: {
    permission: "rename_document",
    data: async (subject) => ({ ...(await ofDocument(subject)), new_title: randomUUID() }),
  },
  move_document: {
    permission: "move",
    data: async (subject) => ({ ...(await ofDocument(subject)), target_folder_id: await subject.folder() }),
  },
  search: { data: () => ({ query: "a" }) },
  list_revisions: { data: ofDocument },
  get_revision: { data: async (subject) => ({ revision_id: (await subject.revision()).revision_id }) },
  set_revision: { data: (subject) => subject.revision() },
  delete_revision: {
    permission: "delete_document",
    data: async (subject) => ({ revision_id: (await subject.revision()).revision_id }),
  },
  list_deleted: {},
  restore_deleted: { data: async (subject) => ({ trash_id: await subject.trash() }) },
  purge_deleted: { permission: "manage_system", data: () => ({ trash_id: null }) },
  storage_usage: {},
  download_file: { data: ofDocument },
  upload_file: { ...open(404), data: () => ({ task_id: unknown }) },
  list_users: { permission: "list_users" },
  create_user: {
    permission: "create_user",
    data: () => ({ username: `u${randomUUID()}`, password: adminPassword }),
  },
  delete_user: { permission: "delete_user", data: ofUser },
  rename_user: { permission: "rename_user", data: ofUser },
  get_user_info: { permission: "get_user_info", data: ofUser },
  change_user_groups: { permission: "change_user_groups", data: ofUser },
  change_user_permissions: { permission: "change_user_groups", data: ofUser },
  get_user_avatar: { permission: "get_user_info", data: ofUser },
  set_user_avatar: {
    permission: "super_set_user_avatar",
    data: async (subject) => ({ ...(await ofUser(subject)), document_id: null }),
  },
  list_groups: { permission: "list_groups" },
  create_group: { permission: "create_group", data: () => ({ group_name: randomUUID() }) },
  delete_group: { permission: "delete_group", data: ofGroup },
  rename_group: {
    permission: "rename_group",
    data: async (subject) => ({ ...(await ofGroup(subject)), display_name: "shown" }),
  },
  get_group_info: { permission: "get_group_info", data: ofGroup },
  change_group_permissions: {
    permission: "set_group_permissions",
    data: async (subject) => ({ ...(await ofGroup(subject)), permissions: ["move"] }),
  },
  get_directory_access_rules: { permission: "view_access_rules", data: ofDirectory },
  get_document_access_rules: { permission: "view_access_rules", data: ofDocument },
  set_directory_rules: {
    permission: "set_access_rules",
    data: async (subject) => ({ ...(await ofDirectory(subject)), access_rules: {} }),
  },
  set_document_rules: {
    permission: "set_access_rules",
    data: async (subject) => ({ ...(await ofDocument(subject)), access_rules: {} }),
  },
  explain_access: {
    permission: "view_access_rules",
    data: async (subject) => ({
      object_type: "document",
      object_identifier: await subject.document(),
      access_type: "read",
    }),
  },
  grant_access: {
    permission: "manage_access",
    data: async (subject) => ({
      entity_type: "group",
      entity_identifier: "user",
      target_type: "document",
      target_identifier: await subject.document(),
      access_types: ["read"],
      start_time: 0,
    }),
  },
  view_access_entries: {
    permission: "view_access_entries",
    data: () => ({ object_type: "group", object_identifier: "user" }),
  },
  revoke_access: { permission: "manage_access", data: async (subject) => ({ entry_id: await subject.grant() }) },
  block_user: {
    permission: "block",
    data: async (subject) => ({
      ...(await ofUser(subject)),
      target: { type: "all" },
      block_types: ["read"],
      duration: 60,
    }),
  },
  unblock_user: { permission: "unblock", data: async (subject) => ({ block_id: await subject.block() }) },
  list_blocks: { permission: "block", data: ofUser },
  view_audit_logs: { permission: "view_audit_logs" },
};
