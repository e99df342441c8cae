import type { AccessType } from "../../../core/documents/accessType.ts";
import type { Revision } from "../../../core/documents/tree/revision.ts";
import type { DocumentEntry } from "../../../core/documents/tree/treeEntry.ts";
import type { revisionActions } from "../messages/revisions.ts";
import { Refusal } from "../refusal.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { documentOf, downloadRunning, requireAccess, seconds, unlessTransferred, viewTask } from "./objects.ts";

const denied = "Access denied to the document";

export const revisionHandlers: Handlers<keyof typeof revisionActions> = {
  list_revisions: {
    access: "user",
    target: ({ document_id }) => document_id,
    async handle({ document_id }, context) {
      const { currentRevisionId } = await documentOf(context, document_id);
      await requireAccess(context, { type: "read", id: document_id, denied });
      const revisions = await context.core.documents.revisions.list(document_id);
      return {
        message: "Success",
        data: {
          document_id,
          revisions: revisions
            .filter(({ activatedAt }) => activatedAt !== undefined)
            .map((revision) => ({
              id: revision.id,
              created_time: seconds(revision.createdAt),
              created_by: revision.createdBy,
              size: revision.size,
              sha256: revision.sha256 ?? null,
              current: revision.id === currentRevisionId,
            })),
        },
      };
    },
  },
  get_revision: {
    access: "user",
    target: ({ revision_id }) => revision_id,
    async handle({ revision_id }, context) {
      const { document } = await revisionFor(context, revision_id, "read");
      const task = await context.core.documents.tasks.createDownload({
        revisionId: revision_id,
        form: "reference",
        by: context.user.username,
      });
      return {
        message: "Success",
        data: { document_id: document.id, revision_id, title: document.title, task_data: viewTask(task) },
      };
    },
  },
  set_revision: {
    access: "user",
    target: ({ document_id }) => document_id,
    async handle({ document_id, revision_id }, context) {
      await documentOf(context, document_id);
      const { revision } = await revisionFor(context, revision_id, "write");
      if (revision.documentId !== document_id) throw noRevision();
      await context.core.documents.revisions.setCurrent(document_id, revision_id);
      return { message: "Success", data: {} };
    },
  },
  delete_revision: {
    access: "user",
    permission: "delete_document",
    denied,
    target: ({ revision_id }) => revision_id,
    async handle({ revision_id }, context) {
      const { document } = await revisionFor(context, revision_id, "write");
      context.note.data = { document_id: document.id };
      await unlessTransferred(downloadRunning, () => context.core.documents.revisions.remove(revision_id));
      return { message: "Success", data: {} };
    },
  },
};

/**
 * A complete revision of a document that is not in the bin, for somebody who may do this with the document.
 *
 * @throws {Refusal} 404, 403
 */
async function revisionFor(
  context: UserContext,
  id: string,
  type: AccessType,
): Promise<{ readonly revision: Revision; readonly document: DocumentEntry }> {
  const revision = await context.core.documents.revisions.get(id);
  if (revision?.activatedAt === undefined) throw noRevision();
  const document = await documentOf(context, revision.documentId, "Revision not found");
  await requireAccess(context, { type, id: document.id, denied });
  return { revision, document };
}

function noRevision(): Refusal {
  return new Refusal(404, "Revision not found");
}
