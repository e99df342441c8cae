import type { DocumentDesk } from "./documentDesk.svelte.ts";
import type { Entry } from "./entry.ts";

type Desk = Pick<DocumentDesk, "request">;

/** @throws {PicketError} as every request of a desk */
export async function renameEntry(desk: Desk, { kind, id }: Entry, name: string): Promise<void> {
  if (kind === "directory") await desk.request("rename_directory", { folder_id: id, new_name: name });
  else await desk.request("rename_document", { document_id: id, new_title: name });
}

/** @param folderId null: the root */
export async function moveEntry(desk: Desk, { kind, id }: Entry, folderId: string | null): Promise<void> {
  if (kind === "directory") await desk.request("move_directory", { folder_id: id, target_folder_id: folderId });
  else await desk.request("move_document", { document_id: id, target_folder_id: folderId });
}

/** Into the bin where the server has one; a folder with everything in it. */
export async function removeEntry(desk: Desk, { kind, id }: Entry): Promise<void> {
  if (kind === "directory") await desk.request("delete_directory", { folder_id: id });
  else await desk.request("delete_document", { document_id: id });
}
