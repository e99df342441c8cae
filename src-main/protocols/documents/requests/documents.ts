import type { documentActions } from "../messages/documents.ts";
import { Refusal } from "../refusal.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { makeRoomFor, requireOtherName } from "./names.ts";
import {
  documentOf,
  downloadRunning,
  requireAccess,
  requireFolder,
  seconds,
  unlessTransferred,
  viewTask,
} from "./objects.ts";
import { rulesFor } from "./ruleViews.ts";
import { search } from "./search.ts";
import { settingRules } from "./settingRules.ts";

const deniedDocument = "Access denied to the document";

export const documentHandlers: Handlers<keyof typeof documentActions> = {
  create_document: {
    access: "user",
    permission: "create_document",
    target: ({ folder_id }) => folder_id,
    async handle({ title, folder_id, access_rules }, context) {
      context.note.data = { title };
      const { core, user } = context;
      await requireFolder(context, folder_id, "Folder not found");
      if (!user.rights.permissions.has("super_create_document")) {
        await requireAccess(context, { type: "write", id: folder_id, denied: "Access denied to the folder" });
      }
      const parentId = folder_id ?? undefined;
      await makeRoomFor(context, { parentId, name: title });
      const { document, revisionId } = await settingRules(() =>
        core.documents.tree.createDocument({ parentId, title, by: user, rules: access_rules }),
      );
      const task = await core.documents.tasks.createUpload({ revisionId, by: user.username });
      return {
        message: "Task successfully created",
        data: { document_id: document.id, task_data: viewTask(task) },
      };
    },
  },
  get_document: {
    access: "user",
    target: ({ document_id }) => document_id,
    async handle({ document_id }, context) {
      const { title, currentRevisionId } = await documentOf(context, document_id);
      await requireAccess(context, { type: "read", id: document_id, denied: deniedDocument });
      if (currentRevisionId === undefined) throw noRevision();
      const task = await context.core.documents.tasks.createDownload({
        revisionId: currentRevisionId,
        form: "reference",
        by: context.user.username,
      });
      return { message: "Document successfully fetched", data: { document_id, title, task_data: viewTask(task) } };
    },
  },
  get_document_info: {
    access: "user",
    target: ({ document_id }) => document_id,
    async handle({ document_id }, context) {
      const document = await documentOf(context, document_id);
      if (document.currentRevisionId === undefined) throw noRevision();
      await requireAccess(context, { type: "read", id: document_id, denied: "Permission denied" });
      return {
        message: "Document info retrieved successfully",
        data: {
          document_id,
          parent_id: document.parentId ?? null,
          title: document.title,
          size: document.size,
          created_time: seconds(document.createdAt),
          last_modified: seconds(document.modifiedAt),
          sha256: document.sha256 ?? null,
          ...(await rulesFor(context, document_id)),
        },
      };
    },
  },
  upload_document: {
    access: "user",
    target: ({ document_id }) => document_id,
    async handle({ document_id }, context) {
      const { core, user } = context;
      await documentOf(context, document_id);
      await requireAccess(context, { type: "write", id: document_id, denied: deniedDocument });
      const { id: revisionId } = await core.documents.revisions.create(document_id, user.username);
      const task = await core.documents.tasks.createUpload({ revisionId, by: user.username });
      return { message: "Task successfully created", data: { task_data: viewTask(task) } };
    },
  },
  delete_document: {
    access: "user",
    permission: "delete_document",
    denied: deniedDocument,
    target: ({ document_id }) => document_id,
    first: documentIsThere,
    async handle({ document_id }, context) {
      await requireAccess(context, { type: "write", id: document_id, denied: deniedDocument });
      await unlessTransferred(downloadRunning, () =>
        context.core.documents.tree.remove(document_id, context.user.username),
      );
      return { message: "Document successfully deleted", data: {} };
    },
  },
  rename_document: {
    access: "user",
    permission: "rename_document",
    denied: "Access denied",
    target: ({ document_id }) => document_id,
    first: documentIsThere,
    async handle({ document_id, new_title }, context) {
      context.note.data = { new_title };
      const { title, parentId } = await documentOf(context, document_id);
      await requireAccess(context, { type: "write", id: document_id, denied: "Access denied" });
      requireOtherName(title, new_title);
      await makeRoomFor(context, { parentId, name: new_title });
      await context.core.documents.tree.rename(document_id, new_title);
      return { message: "Document renamed successfully", data: {} };
    },
  },
  move_document: {
    access: "user",
    permission: "move",
    denied: "Access denied to move document",
    target: ({ document_id }) => document_id,
    async handle({ document_id, target_folder_id }, context) {
      context.note.data = { target_folder_id };
      const { title, parentId } = await documentOf(context, document_id, "Target document not found");
      await requireAccess(context, { type: "move", id: document_id, denied: "Access denied to move document" });
      await requireFolder(context, target_folder_id, "Target directory not found");
      await requireAccess(context, { type: "write", id: target_folder_id, denied: "Access denied to write directory" });
      const target = target_folder_id ?? undefined;
      if (target === parentId) throw new Refusal(400, "Cannot move to the same folder");
      await makeRoomFor(context, { parentId: target, name: title });
      await context.core.documents.tree.move(document_id, target);
      return { message: "Success", data: {} };
    },
  },
  search: {
    access: "user",
    async handle({ query, limit }, context) {
      return { message: "Search successful", data: await search(context, query, limit) };
    },
  },
};

async function documentIsThere({ document_id }: { readonly document_id: string }, context: UserContext): Promise<void> {
  await documentOf(context, document_id);
}

function noRevision(): Refusal {
  return new Refusal(404, "No active revisions found for this document");
}
