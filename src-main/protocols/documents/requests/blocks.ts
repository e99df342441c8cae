import type { UserBlock } from "../../../core/documents/access/userBlocks.ts";
import type { blockActions, UserBlockEntry } from "../messages/blocks.ts";
import type { DataOf } from "../messages.ts";
import { Refusal } from "../refusal.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { seconds, secondsOrNull } from "./objects.ts";
import { isSelf, requireMayTouch, requireUser } from "./people.ts";

type Target = DataOf<"block_user">["target"];

/** What can be blocked; nobody can be kept from setting the rules that are his to set. */
const blockable: readonly string[] = ["read", "write", "move"];
const deniedToBlock = "You do not have permission to block users";
const deniedToUnblock = "You do not have permission to unblock users";

export const blockHandlers: Handlers<keyof typeof blockActions> = {
  block_user: {
    access: "user",
    permission: "block",
    denied: deniedToBlock,
    target: ({ username }) => username,
    first: async ({ block_types }) => requireBlockable(block_types),
    async handle({ username, target, block_types, duration }, context) {
      const { core, user } = context;
      const person = await requireUser(core, username);
      requireMayTouch(user, person, deniedToBlock);
      const entryId = await entryOf(target, context);
      const blockId = await core.documents.blocks.create({
        userId: person.id,
        entryId,
        types: [...new Set(block_types)],
        endAt: duration === null ? undefined : core.clock.wallTime() + Math.round(duration * 1_000),
        by: user.username,
      });
      return { message: "User blocked successfully", data: { block_id: blockId } };
    },
  },
  unblock_user: {
    access: "user",
    permission: "unblock",
    denied: deniedToUnblock,
    target: ({ username, block_id }) => username ?? (block_id === undefined ? undefined : String(block_id)),
    async handle({ block_id, username, target, block_types }, context) {
      if (block_id !== undefined) await liftOne(Number(block_id), context);
      else if (username === undefined || target === undefined || block_types === undefined) {
        throw new Refusal(400, "Missing required field: block_id", {
          validator: "required",
          validator_value: ["block_id"],
        });
      } else await liftThose({ username, target, types: block_types }, context);
      return { message: "Unblocked user", data: {} };
    },
  },
  list_blocks: {
    access: "user",
    permission: ({ username }, user) => (isSelf(username, user) ? undefined : "block"),
    denied: deniedToBlock,
    target: ({ username }) => username,
    async handle({ username }, context) {
      const person = await requireUser(context.core, username);
      const blocks = await context.core.documents.blocks.listOf(person.id);
      return { message: "Success", data: { blocks: blocks.filter(({ active }) => active).map(viewBlock) } };
    },
  },
};

/** @throws {Refusal} 400 */
function requireBlockable(types: readonly string[]): void {
  if (!types.every((type) => blockable.includes(type))) throw new Refusal(400, "Unsupported block type(s)");
}

/**
 * What a block is about; undefined: everything.
 *
 * @throws {Refusal} 400 when there is no such thing
 */
async function entryOf({ type, id }: Target, { core }: UserContext): Promise<string | undefined> {
  if (type === "all") return undefined;
  const { tree } = core.documents;
  const entry = id == null ? undefined : await (type === "directory" ? tree.folder(id) : tree.document(id));
  if (entry === undefined) throw new Refusal(400, "The target of the block does not exist");
  return entry.id;
}

async function liftOne(blockId: number, context: UserContext): Promise<void> {
  const { blocks } = context.core.documents;
  const block = await blocks.get(blockId);
  if (block === undefined) throw noBlock();
  const person = await context.core.users.get(block.userId);
  if (person !== undefined) requireMayTouch(context.user, person, deniedToUnblock);
  if ((await blocks.lift(blockId)) === "ended") throw new Refusal(400, "The specified block has ended");
}

interface Those {
  readonly username: string;
  readonly target: Target;
  readonly types: readonly string[];
}

/** Frees these types at this target; what else a block holds back there stays. */
async function liftThose({ username, target, types }: Those, context: UserContext): Promise<void> {
  requireBlockable(types);
  const { core, user } = context;
  const { blocks } = core.documents;
  const person = await requireUser(core, username);
  requireMayTouch(user, person, deniedToUnblock);
  const meant = (await blocks.listOf(person.id)).filter(
    (block) => block.active && isAt(block, target) && block.types.some((type) => types.includes(type)),
  );
  if (meant.length === 0) throw noBlock();
  for (const block of meant) {
    const left = block.types.filter((type) => !types.includes(type));
    const { userId, entryId, endAt } = block;
    // First the smaller block, then the end of the larger one: nothing that is to stay blocked is free in between.
    if (left.length > 0) await blocks.create({ userId, entryId, types: left, endAt, by: user.username });
    await blocks.lift(block.id);
  }
}

function isAt({ entryId }: UserBlock, { type, id }: Target): boolean {
  return type === "all" ? entryId === undefined : entryId !== undefined && entryId === id;
}

function noBlock(): Refusal {
  return new Refusal(404, "Specified entry not found");
}

function viewBlock(block: UserBlock): UserBlockEntry {
  return {
    block_id: block.id,
    username: block.username,
    target: { type: typeOf(block), id: block.entryId ?? null },
    block_types: [...block.types],
    created_by: block.createdBy,
    start_time: seconds(block.createdAt),
    end_time: secondsOrNull(block.endAt),
  };
}

function typeOf({ entryKind }: UserBlock): "all" | "directory" | "document" {
  if (entryKind === undefined) return "all";
  return entryKind === "folder" ? "directory" : "document";
}
