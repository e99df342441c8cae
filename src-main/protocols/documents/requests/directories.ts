import { PicketError } from "../../../base/errors.ts";
import { checkName } from "../../../core/documents/names.ts";
import type { DocumentEntry, FolderEntry } from "../../../core/documents/tree/treeEntry.ts";
import type { directoryActions, ListedDocument, ListedFolder } from "../messages/directories.ts";
import { Refusal } from "../refusal.ts";
import type { Answer, Handlers, UserContext } from "./handler.ts";
import { documentExists, folderExists, makeRoomFor, type Place, requireOtherName } from "./names.ts";
import { folderOf, requireAccess, requireFolder, seconds, unlessTransferred } from "./objects.ts";
import { rulesFor } from "./ruleViews.ts";
import { settingRules } from "./settingRules.ts";

export const directoryHandlers: Handlers<keyof typeof directoryActions> = {
  list_directory: {
    access: "user",
    target: ({ folder_id }) => folder_id,
    async handle({ folder_id }, context) {
      const { core, user } = context;
      const folder = folder_id === null ? undefined : await folderOf(context, folder_id);
      if (!user.rights.permissions.has("super_list_directory")) {
        await requireAccess(context, { type: "read", id: folder_id, denied: "Access denied" });
      }
      const { folders, documents } = await core.documents.tree.list(folder?.id);
      return {
        message: "Directory listing successful",
        data: {
          parent_id: folder === undefined ? null : (folder.parentId ?? "/"),
          documents: documents.map(listDocument),
          folders: folders.map(listFolder),
        },
      };
    },
  },
  get_directory_info: {
    access: "user",
    target: ({ directory_id }) => directory_id,
    async handle({ directory_id }, context) {
      const folder = await folderOf(context, directory_id);
      await requireAccess(context, { type: "read", id: directory_id, denied: "Permission denied" });
      const [children, rules] = await Promise.all([
        context.core.documents.tree.childCount(directory_id),
        rulesFor(context, directory_id),
      ]);
      return {
        message: "Directory info retrieved successfully",
        data: {
          directory_id,
          parent_id: folder.parentId ?? null,
          name: folder.name,
          created_time: seconds(folder.createdAt),
          count_of_child: children,
          ...rules,
        },
      };
    },
  },
  create_directory: {
    access: "user",
    permission: "create_directory",
    denied: "You do have no permissions to create new folders",
    target: ({ parent_id }) => parent_id,
    async first({ parent_id }, context) {
      await requireFolder(context, parent_id, "Parent directory not found");
      await requireAccess(context, { type: "write", id: parent_id, denied: "Access denied" });
    },
    async handle({ name, parent_id, access_rules, exists_ok }, context) {
      context.note.data = { title: name };
      const place = { parentId: parent_id ?? undefined, name };
      const before = await folderThere(context, place);
      if (before !== undefined) return alreadyThere(before, exists_ok);
      try {
        const rules = access_rules;
        const folder = await settingRules(() =>
          context.core.documents.tree.createFolder({ ...place, by: context.user, rules }),
        );
        return { message: "Directory created successfully", data: viewFolder(folder) };
      } catch (error) {
        const isTaken = error instanceof PicketError && error.code === "NAME_TAKEN";
        // Somebody made one of that name in the same moment.
        const since = isTaken ? await folderThere(context, place) : undefined;
        if (since === undefined) throw error;
        return alreadyThere(since, exists_ok);
      }
    },
  },
  delete_directory: {
    access: "user",
    permission: "delete_directory",
    denied: "Access denied",
    target: ({ folder_id }) => folder_id,
    first: folderIsThere,
    async handle({ folder_id }, context) {
      await requireAccess(context, { type: "write", id: folder_id, denied: "Access denied" });
      await unlessTransferred(
        "An error occurred when attempting to delete documents in the directory. " +
          "Perhaps a download task is still in progress?",
        () => context.core.documents.tree.remove(folder_id, context.user.username),
      );
      return { message: "Directory deleted successfully", data: {} };
    },
  },
  rename_directory: {
    access: "user",
    permission: "rename_directory",
    denied: "Access denied",
    target: ({ folder_id }) => folder_id,
    first: folderIsThere,
    async handle({ folder_id, new_name }, context) {
      context.note.data = { new_name };
      const { name, parentId } = await folderOf(context, folder_id);
      await requireAccess(context, { type: "write", id: folder_id, denied: "Access denied" });
      requireOtherName(name, new_name);
      await makeRoomFor(context, { parentId, name: new_name });
      await context.core.documents.tree.rename(folder_id, new_name);
      return { message: "Directory renamed successfully", data: {} };
    },
  },
  move_directory: {
    access: "user",
    permission: "move",
    denied: "Access denied to move directory",
    target: ({ folder_id }) => folder_id,
    async first({ folder_id, target_folder_id }, context) {
      await folderOf(context, folder_id, "Subject directory not found");
      await requireFolder(context, target_folder_id, "Target directory not found");
    },
    async handle({ folder_id, target_folder_id }, context) {
      context.note.data = { target_folder_id };
      const { name, parentId } = await folderOf(context, folder_id, "Subject directory not found");
      await requireAccess(context, { type: "move", id: folder_id, denied: "Access denied to move directory" });
      await requireAccess(context, { type: "write", id: target_folder_id, denied: "Access denied to write directory" });
      const target = target_folder_id ?? undefined;
      if (target === parentId) throw new Refusal(400, "Cannot move to the same folder");
      await refuseCycle(context, folder_id, target);
      await makeRoomFor(context, { parentId: target, name });
      await context.core.documents.tree.move(folder_id, target).catch((error: unknown) => {
        // Somebody moved the target into this folder in the same moment.
        throw error instanceof PicketError && error.code === "CONFLICT" ? cycle() : error;
      });
      return { message: "Success", data: {} };
    },
  },
};

/**
 * The folder of this name, if there is one.
 *
 * @throws {Refusal} 409 when a document has the name
 */
async function folderThere(context: UserContext, { parentId, name }: Place): Promise<FolderEntry | undefined> {
  const child = await context.core.documents.tree.childNamed(parentId, checkName(name));
  if (child?.kind === "document") throw documentExists({ type: "document", id: child.id });
  return child === undefined ? undefined : folderOf(context, child.id);
}

/** @throws {Refusal} 409 unless that is fine */
function alreadyThere(folder: FolderEntry, isFine: boolean): Answer<"create_directory"> {
  if (!isFine) throw folderExists();
  return { message: "Directory already exists", data: viewFolder(folder) };
}

async function folderIsThere({ folder_id }: { readonly folder_id: string }, context: UserContext): Promise<void> {
  await folderOf(context, folder_id);
}

/** Before room is made at the target: a move that cannot be done should change nothing there. */
async function refuseCycle({ core }: UserContext, id: string, target: string | undefined): Promise<void> {
  if (target === undefined) return;
  const above = await core.documents.tree.pathOf(target);
  if (target === id || above.some((folder) => folder.id === id)) throw cycle();
}

function cycle(): Refusal {
  return new Refusal(400, "Cannot move a directory into itself");
}

function viewFolder({ id, name, createdAt }: FolderEntry) {
  return { id, name, last_modified: seconds(createdAt) };
}

export function listFolder({ id, name, createdAt }: FolderEntry): ListedFolder {
  return { id, name, created_time: seconds(createdAt) };
}

export function listDocument(document: DocumentEntry): ListedDocument {
  return {
    id: document.id,
    title: document.title,
    created_time: seconds(document.createdAt),
    last_modified: seconds(document.modifiedAt),
    size: document.size,
    sha256: document.sha256 ?? null,
  };
}
