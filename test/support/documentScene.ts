import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Role } from "../../src-main/core/identity/principal.ts";
import { requireDocumented } from "../documentation/requireDocumented.ts";
import { type DocumentsAnswer, PlainDocuments } from "./plainDocuments.ts";
import { adminPassword, startCore, type TestCore, type TestCoreOptions } from "./startCore.ts";

// An answer that the document does not have is a fault of one of the two.
PlainDocuments.heard = requireDocumented;

type Context = Pick<TestContext, "after">;

export interface SceneUser {
  readonly username?: string;
  readonly role?: Role;
  readonly permissions?: readonly string[];
  readonly groups?: readonly string[];
}

/** A core with documents, and the people who use them over sockets of their own. */
export class DocumentScene {
  readonly core: TestCore;
  /** Signed in as the administrator, who is in the groups `sysop` and `user`. */
  readonly sysop: PlainDocuments;
  readonly #context: Context;
  #users = 0;

  private constructor(context: Context, core: TestCore, sysop: PlainDocuments) {
    this.#context = context;
    this.core = core;
    this.sysop = sysop;
  }

  static async open(context: Context, options: TestCoreOptions = {}): Promise<DocumentScene> {
    const core = await startCore(context, options);
    const sysop = await PlainDocuments.signedIn(context, core.wsUrl, { password: adminPassword });
    return new DocumentScene(context, core, sysop);
  }

  get documents() {
    return this.core.core.documents;
  }

  /** Nobody: a connection without credentials. */
  anonymous(): Promise<PlainDocuments> {
    return PlainDocuments.connect(this.#context, this.core.wsUrl);
  }

  /** A new user, signed in, in the group `user` unless other groups are named. */
  async user({ username, role = "viewer", permissions = [], groups }: SceneUser = {}): Promise<PlainDocuments> {
    this.#users += 1;
    const name = username ?? `person-${this.#users}`;
    await this.core.core.users.create({
      username: name,
      password: adminPassword,
      role,
      groups: [],
      permissions: permissions.map(fromNowOn),
      userGroups: groups?.map(fromNowOn),
    });
    return this.signIn(name);
  }

  /** A connection of its own for a user that there is. */
  signIn(username: string): Promise<PlainDocuments> {
    return PlainDocuments.signedIn(this.#context, this.core.wsUrl, { username, password: adminPassword });
  }

  /** A folder made by the administrator; its id. */
  async folder(name: string, parent_id: string | null = null, access_rules: object = {}): Promise<string> {
    const { id } = await this.sysop.done("create_directory", { name, parent_id, access_rules });
    return String(id);
  }

  /** A document with content, made by the administrator; its id. */
  async document(
    title: string,
    { folder_id = null, content = title, access_rules = {} }: NewDocument = {},
  ): Promise<string> {
    const data = await this.sysop.done("create_document", { title, folder_id, access_rules });
    await this.fill(taskOf(data), content);
    return String(data["document_id"]);
  }

  /** A document whose upload never came. */
  async hiddenDocument(title: string, folder_id: string | null = null): Promise<string> {
    const { document_id } = await this.sysop.done("create_document", { title, folder_id });
    return String(document_id);
  }

  /** Another revision of a document. */
  async revise(document_id: string, content: string): Promise<void> {
    await this.fill(taskOf(await this.sysop.done("upload_document", { document_id })), content);
  }

  /** Gives an upload task its bytes, past the socket. */
  async fill(taskId: string, content: string): Promise<void> {
    const bytes = Buffer.from(content);
    const upload = await this.documents.uploads.open(taskId, { size: bytes.length });
    await upload.write(bytes);
    await upload.finish();
  }
}

interface NewDocument {
  readonly folder_id?: string | null;
  readonly content?: string;
  readonly access_rules?: object;
}

/** The id of the task in an answer. */
export function taskOf(data: Readonly<Record<string, unknown>>): string {
  return (data["task_data"] as { readonly task_id: string }).task_id;
}

/** A rule that only the members of a group meet. */
export function onlyGroup(...groups: string[]): object {
  return { match: "all", match_groups: [{ groups: { match: "any", require: groups } }] };
}

/** That an answer is this one: its code, its message, and its data when they are given. */
export function assertAnswer(
  answer: DocumentsAnswer,
  ...[code, message, data]: readonly [code: number, message: string, data?: object]
): void {
  assert.deepEqual([answer.code, answer.message], [code, message], JSON.stringify(answer.data));
  assert.equal(answer.protocol_version, 3);
  assert.equal(typeof answer.timestamp, "number");
  if (data !== undefined) assert.deepEqual(answer.data, data);
}

function fromNowOn(name: string): { readonly name: string; readonly startAt: number; readonly endAt: undefined } {
  return { name, startAt: 0, endAt: undefined };
}
