import type { AccessGrant as CoreGrant } from "../../../core/documents/access/accessGrants.ts";
import type { AccessGrant, grantActions } from "../messages/grants.ts";
import type { DataOf } from "../messages.ts";
import { Refusal } from "../refusal.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { documentOf, folderOf, requireAccess, seconds, secondsOrNull } from "./objects.ts";

const deniedToManage = "You do not have permission to manage object access";

export const grantHandlers: Handlers<keyof typeof grantActions> = {
  grant_access: {
    access: "user",
    permission: "manage_access",
    denied: deniedToManage,
    target: ({ target_identifier }) => target_identifier,
    async handle(data, context) {
      const entity = await entityOf(data, context);
      const { target_identifier: entryId, access_types, start_time, end_time } = data;
      if (data.target_type === "directory") await folderOf(context, entryId, "target not found");
      else await documentOf(context, entryId, "target not found");
      const types = [...new Set(access_types)];
      // Nobody hands out what they could not do themselves.
      for (const type of types) await requireAccess(context, { type, id: entryId, denied: "access denied" });
      await context.core.documents.grants.create({
        ...entity,
        entryId,
        types,
        startAt: milliseconds(start_time),
        endAt: end_time === null ? undefined : milliseconds(end_time),
      });
      return { message: "Success", data: {} };
    },
  },
  view_access_entries: {
    access: "user",
    permission: "view_access_entries",
    denied: "You do not have permission to view access entries",
    target: ({ object_identifier }) => object_identifier,
    async handle({ object_type, object_identifier }, context) {
      const grants = await grantsOf(object_type, object_identifier, context);
      return { message: "Success", data: { result: grants.map(viewGrant) } };
    },
  },
  revoke_access: {
    access: "user",
    permission: "manage_access",
    denied: deniedToManage,
    target: ({ entry_id }) => String(entry_id),
    async handle({ entry_id }, context) {
      if (!(await context.core.documents.grants.revoke(entry_id))) throw new Refusal(404, "Access entry not found");
      return { message: "Success", data: {} };
    },
  },
};

/** @throws {Refusal} 404 */
async function entityOf(
  { entity_type, entity_identifier }: DataOf<"grant_access">,
  { core }: UserContext,
): Promise<{ readonly userId?: string; readonly group?: string }> {
  if (entity_type === "user") {
    const user = await core.users.find(entity_identifier);
    if (user !== undefined) return { userId: user.id };
  } else if ((await core.userGroups.get(entity_identifier)) !== undefined) return { group: entity_identifier };
  throw new Refusal(404, "entity not found");
}

/** Of something that is not there: none. */
async function grantsOf(
  type: DataOf<"view_access_entries">["object_type"],
  identifier: string,
  { core }: UserContext,
): Promise<readonly CoreGrant[]> {
  const { grants } = core.documents;
  switch (type) {
    case "user": {
      const user = await core.users.find(identifier);
      return user === undefined ? [] : grants.list({ by: "user", identifier: user.id });
    }
    case "group":
      return grants.list({ by: "group", identifier });
    case "directory":
      return grants.list({ by: "folder", identifier });
    case "document":
      return grants.list({ by: "document", identifier });
  }
}

function viewGrant(grant: CoreGrant): AccessGrant {
  return {
    id: grant.id,
    entity_type: grant.group === undefined ? "user" : "group",
    entity_identifier: grant.group ?? grant.username ?? "",
    target_type: grant.entryKind === "folder" ? "directory" : "document",
    target_identifier: grant.entryId,
    access_type: grant.accessType,
    start_time: seconds(grant.startAt),
    end_time: secondsOrNull(grant.endAt),
  };
}

/** The wire's seconds, with fractions, as the core keeps times. */
function milliseconds(time: number): number {
  return Math.round(time * 1_000);
}
