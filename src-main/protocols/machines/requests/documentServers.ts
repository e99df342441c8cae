import { PicketError } from "../../../base/errors.ts";
import type { DocumentServer as CoreDocumentServer } from "../../../core/documents/servers/documentServers.ts";
import type { DocumentServer, documentServerRequests } from "../messages/documentServers.ts";
import { type Handlers, noTarget, type RequestContext } from "./handler.ts";

export const documentServerHandlers: Handlers<keyof typeof documentServerRequests> = {
  "document-server-list": {
    role: "viewer",
    target: noTarget,
    async handle(_, { core }) {
      return { servers: (await core.documentServers.list()).map(viewServer) };
    },
  },
  "document-server-add": {
    role: "administrator",
    target: noTarget,
    audit: ({ name, url, fingerprint }) => ({ target: name, details: { url, fingerprint } }),
    async handle({ name, url, fingerprint }, context) {
      requireEverything(context);
      const { core, principal } = context;
      const server = await core.documentServers.add({
        name,
        url,
        fingerprint: fingerprint ?? undefined,
        by: principal.username,
      });
      return { server: viewServer(server) };
    },
  },
  "document-server-remove": {
    role: "administrator",
    target: noTarget,
    audit: ({ id }) => ({ target: id }),
    async handle({ id }, context) {
      requireEverything(context);
      await context.core.documentServers.remove(id);
      return {};
    },
  },
  "document-server-check": {
    role: "administrator",
    target: noTarget,
    // The core connects to whatever address is given here: the log says who made it do so.
    audit: ({ url }) => ({ target: url }),
    async handle({ url }, context) {
      requireEverything(context);
      return context.about.checkDocumentServer(url);
    },
  },
  "document-server-connect": {
    role: "viewer",
    target: noTarget,
    async handle({ id }, { core, principal }) {
      if ((await core.documentServers.get(id)) === undefined) throw new PicketError("DOCUMENT_SERVER_NOT_FOUND");
      return { path: `/api/v1/document-servers/${core.relayTickets.create({ serverId: id, principal })}` };
    },
  },
};

/** What the core connects to concerns every user: only who sees all groups may change it. */
function requireEverything({ principal }: RequestContext): void {
  if (principal.groups !== undefined) throw new PicketError("FORBIDDEN");
}

function viewServer({ id, name, url, fingerprint }: CoreDocumentServer): DocumentServer {
  return { id, name, url, fingerprint: fingerprint ?? null };
}
