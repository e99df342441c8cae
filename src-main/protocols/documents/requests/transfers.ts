import type { transferActions } from "../messages/transfers.ts";
import { Refusal } from "../refusal.ts";
import { runDownload } from "../transfers/runDownload.ts";
import { runUpload } from "../transfers/runUpload.ts";
import type { Answer, Handlers, UserContext } from "./handler.ts";
import { documentOf, requireAccess, viewTask } from "./objects.ts";

export const transferHandlers: Handlers<keyof typeof transferActions> = {
  download_file: {
    access: "either",
    lockdownOpen: true,
    // The id of a task is the credential; making one takes somebody who may read the document.
    needsUser: ({ document_id: documentId }) => documentId !== undefined,
    target: ({ document_id: documentId }) => documentId,
    async handle(data, context) {
      const { core, session, user, note } = context;
      const { task_id: taskId, document_id: documentId, encoding, offset } = data;
      if (taskId !== undefined && documentId !== undefined) {
        throw new Refusal(400, "Either task_id or document_id is expected, not both");
      }
      if (user !== undefined && documentId !== undefined) return createTask(documentId, { ...context, user });
      if (taskId === undefined) {
        const required = { validator: "required", validator_value: ["task_id"] };
        throw new Refusal(400, "Missing required field: task_id", required);
      }
      // Never the task's id: it would let whoever reads the log in.
      note.data = { encoding, offset };
      return runDownload(session.takeOver(), { taskId, encoding, offset }, { documents: core.documents, note });
    },
  },
  upload_file: {
    access: "open",
    lockdownOpen: true,
    async handle({ task_id: taskId }, { core, session, note }) {
      note.data = {};
      return runUpload(session.takeOver(), taskId, { documents: core.documents, note });
    },
  },
};

async function createTask(documentId: string, context: UserContext): Promise<Answer<"download_file">> {
  const { core, user } = context;
  const { currentRevisionId } = await documentOf(context, documentId);
  await requireAccess(context, { type: "read", id: documentId, denied: "Access denied to the document" });
  if (currentRevisionId === undefined) throw new Refusal(404, "No active revisions found for this document");
  const task = await core.documents.tasks.createDownload({
    revisionId: currentRevisionId,
    form: "seed",
    by: user.username,
  });
  return { message: "Download task created", data: { ...viewTask(task), file_id: task.fileId } };
}
