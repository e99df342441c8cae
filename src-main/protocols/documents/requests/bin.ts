import type { BinEntry } from "../../../core/documents/tree/bin.ts";
import type { binActions, DeletedEntry } from "../messages/bin.ts";
import { Refusal } from "../refusal.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { makeRoomFor } from "./names.ts";
import {
  downloadRunning,
  mayManageSystem,
  requireAccess,
  requireFolder,
  seconds,
  unlessTransferred,
} from "./objects.ts";

export const binHandlers: Handlers<keyof typeof binActions> = {
  list_deleted: {
    access: "user",
    async handle(_, context) {
      const entries = await context.core.documents.bin.list();
      return {
        message: "Success",
        data: { entries: entries.filter((entry) => isFor(entry, context)).map(viewDeleted) },
      };
    },
  },
  restore_deleted: {
    access: "user",
    target: ({ trash_id }) => trash_id,
    async handle({ trash_id, parent_id, new_name }, context) {
      const entry = await entryOf(trash_id, context);
      const original = entry.parentId ?? null;
      const isElsewhere = parent_id !== undefined && parent_id !== original;
      // To another place is a move, and under another name a renaming: neither can be had by way of the bin.
      if (isElsewhere) requirePermission(context, "move");
      if (new_name !== undefined && new_name !== entry.name) {
        requirePermission(context, entry.kind === "folder" ? "rename_directory" : "rename_document");
      }
      if (parent_id !== undefined) await requireFolder(context, parent_id, "Target directory not found");
      const target = parent_id === undefined ? await placeFor(original, context) : parent_id;
      if (isElsewhere) await requireAccess(context, { type: "move", id: trash_id, denied: "Access denied" });
      await requireAccess(context, { type: "write", id: trash_id, denied: "Access denied" });
      await requireAccess(context, { type: "write", id: target, denied: "Access denied to write directory" });
      await makeRoomFor(context, { parentId: target ?? undefined, name: new_name ?? entry.name });
      const { parentId } = await context.core.documents.bin.restore(trash_id, {
        into: parent_id === undefined ? undefined : { parentId: parent_id ?? undefined },
        name: new_name,
      });
      return { message: "Success", data: { parent_id: parentId ?? null } };
    },
  },
  purge_deleted: {
    access: "user",
    // One's own entries need no permission: the handler knows whose they are.
    permission: ({ trash_id }) => (trash_id === null ? "manage_system" : undefined),
    target: ({ trash_id }) => trash_id,
    async handle({ trash_id }, context) {
      const { bin } = context.core.documents;
      if (trash_id !== null) await entryOf(trash_id, context);
      await unlessTransferred(downloadRunning, () => (trash_id === null ? bin.empty() : bin.purge(trash_id)));
      return { message: "Success", data: {} };
    },
  },
};

/** Whoever deleted it, and whoever looks after everything. */
function isFor({ deletedBy }: BinEntry, context: UserContext): boolean {
  return deletedBy === context.user.username || mayManageSystem(context);
}

/**
 * What others deleted is as if it were not there.
 *
 * @throws {Refusal} 404
 */
async function entryOf(trashId: string, context: UserContext): Promise<BinEntry> {
  const entries = await context.core.documents.bin.list();
  const entry = entries.find((each) => each.trashId === trashId);
  if (entry === undefined || !isFor(entry, context)) throw new Refusal(404, "Deleted entry not found");
  return entry;
}

/** Where something goes back to: its folder, or the root when that is gone. */
async function placeFor(original: string | null, { core }: UserContext): Promise<string | null> {
  if (original === null || (await core.documents.tree.folder(original)) !== undefined) return original;
  return null;
}

function requirePermission({ user }: UserContext, permission: string): void {
  if (!user.rights.permissions.has(permission)) throw new Refusal(403, "Permission denied");
}

function viewDeleted(entry: BinEntry): DeletedEntry {
  return {
    trash_id: entry.trashId,
    object_type: entry.kind === "folder" ? "directory" : "document",
    name: entry.name,
    parent_id: entry.parentId ?? null,
    deleted_time: seconds(entry.deletedAt),
    deleted_by: entry.deletedBy,
    end_time: seconds(entry.expiresAt),
    documents: entry.documents,
    size: entry.bytes,
  };
}
