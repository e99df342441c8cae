/** What somebody may want to do with a folder or a document. `write` includes deleting, renaming and new revisions. */
export type AccessType = "read" | "write" | "move" | "manage";

export const accessTypes: readonly AccessType[] = ["read", "write", "move", "manage"];

/** Whose rules must all hold for one kind of access. A move asks the move rules only. */
export const ruleTypesOf: Readonly<Record<AccessType, readonly AccessType[]>> = {
  read: ["read"],
  write: ["read", "write"],
  move: ["move"],
  manage: ["read", "manage"],
};

export function isAccessType(value: unknown): value is AccessType {
  return accessTypes.some((type) => type === value);
}
