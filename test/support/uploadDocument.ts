import type { Core } from "../../src-main/core/core.ts";
import type { DocumentUser } from "../../src-main/core/identity/documentTokens.ts";

export interface UploadedDocument {
  readonly documentId: string;
  readonly revisionId: string;
}

/** A document of the administrator in the root folder, with these bytes. */
export async function uploadDocument(
  { core }: { readonly core: Pick<Core, "documents" | "users" | "permissions"> },
  title: string,
  content: Uint8Array,
): Promise<UploadedDocument> {
  const { tree, tasks, uploads } = core.documents;
  const admin = (await core.users.list()).find(({ username }) => username === "admin");
  if (admin === undefined) throw new Error("there is no administrator");
  const rights = await core.permissions.of(admin.id);
  const by: DocumentUser = {
    userId: admin.id,
    username: admin.username,
    isAdministrator: true,
    rights,
    sessionId: "test",
  };
  const { document, revisionId } = await tree.createDocument({ parentId: undefined, title, by });
  const task = await tasks.createUpload({ revisionId, by: admin.username });
  const upload = await uploads.open(task.id, { size: content.length });
  await upload.write(content);
  await upload.finish();
  return { documentId: document.id, revisionId };
}
