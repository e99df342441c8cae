import type { DocumentDesk } from "./documentDesk.svelte.ts";

/** Leave to fetch a document or one of its revisions. @throws {PicketError} */
export async function downloadTask(
  desk: Pick<DocumentDesk, "request">,
  documentId: string,
  revisionId?: string,
): Promise<string> {
  const { task_data } =
    revisionId === undefined
      ? await desk.request("get_document", { document_id: documentId })
      : await desk.request("get_revision", { revision_id: revisionId });
  return task_data.task_id;
}
