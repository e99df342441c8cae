import { PicketError } from "../../../base/errors.ts";
import type { ApiKeyInfo, ServerOfKey } from "../../../core/identity/apiKeys.ts";
import { maySeeGroup } from "../../../core/identity/principal.ts";
import type { ApiKey, apiKeyRequests } from "../messages/apiKeys.ts";
import type { ParamsOf } from "../messages.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";

export const apiKeyHandlers: Handlers<keyof typeof apiKeyRequests> = {
  "api-key-create": {
    role: "administrator",
    target: noTarget,
    audit: ({ server, group }) => ({ target: server, details: { group } }),
    async handle(params, context) {
      const { core, principal } = context;
      const { info, apiKey } = await core.apiKeys.create(serverOf(params, context), principal.username);
      return { apiKey, info: viewApiKey(info) };
    },
  },
  "api-key-list": {
    role: "administrator",
    target: noTarget,
    async handle(_, { core, principal }) {
      const keys = await core.apiKeys.list();
      return { keys: keys.filter(({ node }) => maySeeGroup(principal, node.group)).map(viewApiKey) };
    },
  },
  "api-key-revoke": {
    role: "administrator",
    target: noTarget,
    audit: ({ keyId }) => ({ target: keyId }),
    async handle({ keyId }, { core, principal }) {
      const key = (await core.apiKeys.list()).find(({ id }) => id === keyId);
      if (key === undefined || !maySeeGroup(principal, key.node.group)) throw new PicketError("TOKEN_NOT_FOUND");
      await core.apiKeys.revoke(keyId);
      return {};
    },
  },
};

/** @throws {PicketError} `CONFLICT` when several servers have that name, `FORBIDDEN` for somebody else's group */
function serverOf(
  { server, group }: ParamsOf<"api-key-create">,
  { core, principal }: Pick<RequestContext, "core" | "principal">,
): ServerOfKey {
  const visible = core.nodes.list().filter((node) => maySeeGroup(principal, node.group));
  const byId = visible.find(({ nodeId }) => nodeId === server);
  const named = visible.filter(({ name }) => name === server);
  if (byId === undefined && named.length > 1) {
    throw new PicketError("CONFLICT", { details: `${named.length} servers have this name: give the id` });
  }
  const node = byId ?? named[0];
  if (node !== undefined) return { node };
  if (!maySeeGroup(principal, group)) throw new PicketError("FORBIDDEN");
  return { name: server, group };
}

function viewApiKey({ id, node, createdBy, createdAt, lastUsedAt, revokedAt }: ApiKeyInfo): ApiKey {
  return {
    keyId: id,
    serverId: node.nodeId,
    serverName: node.name ?? node.hostname,
    group: node.group,
    createdBy,
    createdAt,
    lastUsedAt: lastUsedAt ?? null,
    revokedAt: revokedAt ?? null,
  };
}
