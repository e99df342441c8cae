import type { ExplainedAccess } from "../../src-main/protocols/documents/messages/rules.ts";
import type { BlockableType } from "./blockableTypes.ts";

/** A block that keeps a user from an object. */
export interface BlockHere {
  readonly blockId: number;
  readonly username: string;
  readonly types: readonly BlockableType[];
  /** It holds for every object, not only for this one. */
  readonly everywhere: boolean;
  /** Seconds since 1970; null: for ever. */
  readonly end: number | null;
}

/** The blocks that the explanations name, each once, by user name. */
export function blocksHere(
  explained: readonly { readonly type: BlockableType; readonly users: readonly ExplainedAccess[] }[],
): readonly BlockHere[] {
  const blocks = new Map<number, BlockHere>();
  for (const { type, users } of explained) {
    for (const { username, because } of users) {
      for (const reason of because) {
        if (reason.reason !== "blocked") continue;
        const types = [...(blocks.get(reason.block_id)?.types ?? []), type];
        const everywhere = reason.object_type === null;
        blocks.set(reason.block_id, { blockId: reason.block_id, username, types, everywhere, end: reason.end_time });
      }
    }
  }
  return [...blocks.values()].sort((one, other) => one.username.localeCompare(other.username));
}
