import type { Entry } from "./entry.ts";

export const entrySortKeys = ["name", "modified", "size"] as const;
export type EntrySortKey = (typeof entrySortKeys)[number];

export interface EntrySort {
  readonly key: EntrySortKey;
  readonly descending: boolean;
}

// Numbers inside names by their value: "part 2" before "part 10".
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Folders first, whatever the order; what is equal stands by its name. */
export function sortEntries<E extends Entry>(entries: readonly E[], { key, descending }: EntrySort): E[] {
  const turn = descending ? -1 : 1;
  return entries.toSorted((a, b) => {
    if (a.kind !== b.kind) return a.kind === "directory" ? -1 : 1;
    const named = byName.compare(a.name, b.name);
    if (key === "name") return turn * named;
    return turn * (key === "size" ? sizeOf(a) - sizeOf(b) : timeOf(a) - timeOf(b)) || named;
  });
}

function sizeOf(entry: Entry): number {
  return entry.kind === "document" ? entry.size : 0;
}

function timeOf(entry: Entry): number {
  return entry.kind === "document" ? entry.modifiedAt : entry.createdAt;
}
