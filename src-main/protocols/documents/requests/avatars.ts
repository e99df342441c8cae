import { toBase64 } from "../../../base/base64.ts";
import type { Core } from "../../../core/core.ts";
import type { DocumentUser } from "../../../core/identity/documentTokens.ts";
import type { User } from "../../../core/identity/users.ts";
import { imageType, imageTypeBytes } from "../imageType.ts";
import type { ResultOf } from "../messages.ts";
import { Refusal } from "../refusal.ts";

/** A picture over this is named and not sent along. */
const maxPicture = 512 * 1024;

/**
 * That a document can be a user's picture: the user may read it and it is one.
 *
 * @throws {Refusal} 404, 403, 400
 */
export async function requireImage(core: Core, user: User, documentId: string): Promise<void> {
  const document = await core.documents.tree.document(documentId);
  if (document === undefined) throw new Refusal(404, "Document does not exist");
  if (!(await mayRead(core, user, documentId))) {
    throw new Refusal(403, "User does not have access to the specified document");
  }
  const revisionId = document.currentRevisionId;
  const picture = revisionId === undefined ? undefined : await readPicture(core, revisionId, 0);
  if (picture === undefined) throw new Refusal(400, "The specified document is not an image file");
}

/** A user's picture. One that is gone, or that the user may not read any more, is none. */
export async function readAvatar(core: Core, user: User): Promise<ResultOf<"get_user_avatar">> {
  const none = { avatar_id: null, avatar_data: null, mime_type: null };
  const { avatarDocumentId } = user;
  if (avatarDocumentId === undefined) return none;
  const document = await core.documents.tree.document(avatarDocumentId);
  if (document?.currentRevisionId === undefined || !(await mayRead(core, user, avatarDocumentId))) return none;
  const picture = await readPicture(core, document.currentRevisionId, maxPicture);
  if (picture === undefined) return none;
  return {
    avatar_id: avatarDocumentId,
    avatar_data: picture.bytes === undefined ? null : toBase64(picture.bytes),
    mime_type: picture.type,
  };
}

/** @param longest bytes up to which the picture itself is wanted */
async function readPicture(core: Core, revisionId: string, longest: number) {
  const download = await core.documents.downloads.open({ revisionId });
  try {
    const type = imageType(await download.read(0, Math.min(imageTypeBytes, download.size)));
    if (type === undefined) return undefined;
    const bytes = download.size <= longest ? await download.read(0, download.size) : undefined;
    return { type, bytes };
  } finally {
    await download.close();
  }
}

async function mayRead(core: Core, user: User, documentId: string): Promise<boolean> {
  const asUser: DocumentUser = {
    userId: user.id,
    username: user.username,
    isAdministrator: user.role === "administrator",
    rights: await core.permissions.of(user.id),
    sessionId: "",
  };
  return (await core.documents.access.check(asUser, "read", documentId)).allowed;
}
