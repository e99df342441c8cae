import { PicketError } from "../../../base/errors.ts";
import { checkName } from "../../../core/documents/names.ts";
import { Refusal } from "../refusal.ts";
import type { UserContext } from "./handler.ts";

export interface Place {
  readonly parentId: string | undefined;
  readonly name: string;
}

/**
 * Makes sure that a name is free in a folder. A document whose upload never came to its end makes room when the caller
 * may write it.
 *
 * @throws {Refusal} 409 when it is taken, 403 when that document may not be written
 * @throws {PicketError} `NAME_INVALID`
 */
export async function makeRoomFor(context: UserContext, { parentId, name }: Place): Promise<void> {
  const { tree, access } = context.core.documents;
  const child = await tree.childNamed(parentId, checkName(name));
  if (child === undefined) return;
  if (child.kind === "folder") throw folderExists();
  if (child.active) throw documentExists();
  const { allowed } = await access.check(context.user, "write", child.id);
  if (!allowed) throw new Refusal(403, "Access denied");
  try {
    await tree.discard(child.id);
  } catch (error) {
    // Its upload came to its end in this very moment, or somebody else was as quick.
    if (error instanceof PicketError && error.code === "CONFLICT") throw documentExists();
    if (!(error instanceof PicketError && error.code === "DOCUMENT_NOT_FOUND")) throw error;
  }
}

/** A name that is the same to everybody who reads it: what is compared and stored. @throws {PicketError} `NAME_INVALID` */
export function requireOtherName(current: string, wanted: string): void {
  if (checkName(wanted) === current) throw new Refusal(400, "New name is the same as the current name");
}

export function folderExists(): Refusal {
  return new Refusal(409, "A folder with the same name already exists in the target directory");
}

export function documentExists(data: Readonly<Record<string, unknown>> = {}): Refusal {
  return new Refusal(409, "A document with the same name already exists in the target directory", data);
}
