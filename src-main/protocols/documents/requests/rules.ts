import type { ruleActions } from "../messages/rules.ts";
import type { Handlers, UserContext } from "./handler.ts";
import { documentOf, folderOf, requireAccess } from "./objects.ts";
import { explainUser, objectsIn } from "./ruleViews.ts";
import { readable } from "./search.ts";
import { settingRules } from "./settingRules.ts";

export const ruleHandlers: Handlers<keyof typeof ruleActions> = {
  get_directory_access_rules: {
    access: "user",
    permission: "view_access_rules",
    target: ({ directory_id }) => directory_id,
    first: folderIsThere,
    async handle({ directory_id }, context) {
      return {
        message: "Directory access rules retrieved successfully",
        data: await rulesOf(context, directory_id),
      };
    },
  },
  get_document_access_rules: {
    access: "user",
    permission: "view_access_rules",
    target: ({ document_id }) => document_id,
    first: documentIsThere,
    async handle({ document_id }, context) {
      return {
        message: "Document access rules retrieved successfully",
        data: await rulesOf(context, document_id),
      };
    },
  },
  set_directory_rules: {
    access: "user",
    permission: "set_access_rules",
    denied: "Access denied to set access rules",
    target: ({ directory_id }) => directory_id,
    first: folderIsThere,
    async handle({ directory_id, access_rules }, context) {
      await requireAccess(context, { type: "manage", id: directory_id, denied: "Access denied to the directory" });
      await settingRules(() => context.core.documents.rules.set(context.user, directory_id, access_rules));
      return { message: "Set access rules successfully", data: {} };
    },
  },
  set_document_rules: {
    access: "user",
    permission: "set_access_rules",
    denied: "Access denied to set access rules",
    target: ({ document_id }) => document_id,
    first: documentIsThere,
    async handle({ document_id, access_rules }, context) {
      await requireAccess(context, { type: "manage", id: document_id, denied: "Access denied to the document" });
      await settingRules(() => context.core.documents.rules.set(context.user, document_id, access_rules));
      return { message: "Set access rules successfully", data: {} };
    },
  },
  explain_access: {
    access: "user",
    permission: "view_access_rules",
    target: ({ object_identifier }) => object_identifier,
    first: ({ object_type, object_identifier }, context) =>
      object_type === "directory"
        ? folderIsThere({ directory_id: object_identifier }, context)
        : documentIsThere({ document_id: object_identifier }, context),
    async handle({ object_identifier, access_type }, context) {
      await requireAccess(context, { type: "read", id: object_identifier, denied: "Permission denied" });
      const users = await context.core.documents.access.whoCan(access_type, object_identifier);
      const known = await readable(context, [...objectsIn(users)]);
      return { message: "Success", data: { users: users.map((user) => explainUser(user, known)) } };
    },
  },
};

async function folderIsThere({ directory_id }: { readonly directory_id: string }, context: UserContext): Promise<void> {
  await folderOf(context, directory_id);
}

async function documentIsThere({ document_id }: { readonly document_id: string }, context: UserContext): Promise<void> {
  await documentOf(context, document_id);
}

/** For whoever may read the object. @throws {Refusal} 403 */
async function rulesOf(context: UserContext, id: string): Promise<Record<string, Record<string, unknown>[]>> {
  await requireAccess(context, { type: "read", id, denied: "Permission denied" });
  const rules = await context.core.documents.rules.of(id);
  return Object.fromEntries(Object.entries(rules).map(([type, list]) => [type, list.map((rule) => ({ ...rule }))]));
}
