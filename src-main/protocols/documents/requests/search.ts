import { type DocumentEntry, type FolderEntry, isDocument } from "../../../core/documents/tree/treeEntry.ts";
import type { ResultOf } from "../messages.ts";
import type { UserContext } from "./handler.ts";
import { seconds } from "./objects.ts";

/** How many are looked at: some of what is found is not for this user's eyes. */
const mostHits = 500;

/** What has `query` in its name and may be read by whoever asks. */
export async function search(context: UserContext, query: string, limit: number): Promise<ResultOf<"search">> {
  const { tree } = context.core.documents;
  const hits = await tree.search(query, mostHits);
  const mayRead = await readable(
    context,
    hits.map(({ id }) => id),
  );
  const found = hits.filter(({ id }) => mayRead.has(id));
  const shown = found.slice(0, limit);
  const pathTo = await paths(context, shown);
  return {
    documents: shown.filter(isDocument).map((document) => ({
      id: document.id,
      title: document.title,
      parent_id: document.parentId ?? null,
      path: pathTo(document),
      created_time: seconds(document.createdAt),
      last_modified: seconds(document.modifiedAt),
      size: document.size,
      sha256: document.sha256 ?? null,
    })),
    folders: shown
      .filter((entry): entry is FolderEntry => !isDocument(entry))
      .map((folder) => ({
        id: folder.id,
        name: folder.name,
        parent_id: folder.parentId ?? null,
        path: pathTo(folder),
        created_time: seconds(folder.createdAt),
      })),
    more: found.length > limit || hits.length === mostHits,
  };
}

/** Those of these objects that the user may read. */
export async function readable({ core, user }: UserContext, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const decisions = await core.documents.access.checkMany(user, "read", ids);
  return new Set([...decisions].flatMap(([id, { allowed }]) => (allowed ? [id] : [])));
}

interface PathStep {
  readonly id: string;
  readonly name: string;
}

/** The ways to these entries; entries of one folder share theirs. A folder that the user may not read is left out. */
async function paths(context: UserContext, entries: readonly (FolderEntry | DocumentEntry)[]) {
  const parents = new Map<string, readonly FolderEntry[]>();
  for (const { id, parentId } of entries) {
    if (parentId === undefined || parents.has(parentId)) continue;
    parents.set(parentId, await context.core.documents.tree.pathOf(id));
  }
  const ids = new Set([...parents.values()].flat().map(({ id }) => id));
  const mayRead = await readable(context, [...ids]);
  return ({ parentId }: FolderEntry | DocumentEntry): PathStep[] =>
    (parentId === undefined ? [] : (parents.get(parentId) ?? []))
      .filter(({ id }) => mayRead.has(id))
      .map(({ id, name }) => ({ id, name }));
}
