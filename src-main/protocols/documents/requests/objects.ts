import { PicketError } from "../../../base/errors.ts";
import type { AccessType } from "../../../core/documents/accessType.ts";
import type { FileTask } from "../../../core/documents/transfers/fileTask.ts";
import type { DocumentEntry, FolderEntry } from "../../../core/documents/tree/treeEntry.ts";
import { Refusal } from "../refusal.ts";
import type { UserContext } from "./handler.ts";

/** @throws {Refusal} 404 */
export async function folderOf(
  { core }: UserContext,
  id: string,
  missing = "Directory not found",
): Promise<FolderEntry> {
  const folder = await core.documents.tree.folder(id);
  if (folder === undefined) throw new Refusal(404, missing);
  return folder;
}

/**
 * Makes sure that a folder is there; the root always is.
 *
 * @throws {Refusal} 404
 */
export async function requireFolder(context: UserContext, id: string | null, missing: string): Promise<void> {
  if (id !== null) await folderOf(context, id, missing);
}

/**
 * The document, also when nothing was uploaded yet.
 *
 * @throws {Refusal} 404
 */
export async function documentOf(
  { core }: UserContext,
  id: string,
  missing = "Document not found",
): Promise<DocumentEntry> {
  const document = await core.documents.tree.document(id);
  if (document === undefined) throw new Refusal(404, missing);
  return document;
}

/**
 * The access rules, grants and blocks of one object, for whoever asks. Null is the root.
 *
 * @throws {Refusal} 403 with `denied`
 */
export async function requireAccess(
  { core, user }: UserContext,
  { type, id, denied }: { readonly type: AccessType; readonly id: string | null; readonly denied: string },
): Promise<void> {
  const { allowed } = await core.documents.access.check(user, type, id ?? undefined);
  if (!allowed) throw new Refusal(403, denied);
}

/** Whether the user is one of those who look after what everybody keeps here. */
export function mayManageSystem({ user }: UserContext): boolean {
  return user.rights.permissions.has("manage_system");
}

/** What is said when a document or a revision cannot go because somebody downloads it. */
export const downloadRunning = "Failed to delete revisions. Perhaps a download task is still in progress?";

/**
 * Says in the protocol's words that something cannot be deleted while it is being downloaded.
 *
 * @throws {Refusal} 500, as the protocol has it
 */
export async function unlessTransferred(message: string, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (error instanceof PicketError && error.code === "TRANSFER_RUNNING") throw new Refusal(500, message);
    throw error;
  }
}

/** How the wire writes a time of the core. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1_000;
}

export function secondsOrNull(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : seconds(milliseconds);
}

export function viewTask({ id, startAt, endAt }: FileTask): {
  readonly task_id: string;
  readonly start_time: number;
  readonly end_time: number;
} {
  return { task_id: id, start_time: seconds(startAt), end_time: seconds(endAt) };
}
