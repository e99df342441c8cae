import { maySeeGroup } from "../../../core/identity/principal.ts";
import type { connectionRequests } from "../messages/connection.ts";
import { type Handlers, noTarget, type Target } from "./handler.ts";

const subscriptionTarget = (params: { readonly nodeId?: string | undefined }): Target =>
  params.nodeId === undefined ? { kind: "none" } : { kind: "nodes", ids: [params.nodeId] };

export const connectionHandlers: Handlers<keyof typeof connectionRequests> = {
  auth: {
    role: "viewer",
    target: noTarget,
    async handle({ token }, { session }) {
      await session.authenticate(token);
      return {};
    },
  },
  hello: {
    role: "viewer",
    target: noTarget,
    async handle({ capabilities }, { session, core, principal, about }) {
      const { username, role, groups } = principal;
      const localNodeId = about.localNodeId();
      const local = localNodeId === undefined ? undefined : core.nodes.get(localNodeId);
      const failure = core.metrics.failure;
      return {
        version: 1,
        capabilities: [...session.hello(capabilities)],
        coreVersion: about.version,
        localNodeId: local !== undefined && maySeeGroup(principal, local.group) ? local.nodeId : null,
        user: { username, role, groups: groups === undefined ? null : [...groups] },
        storageFailure: failure === undefined ? null : (failure.details ?? failure.message),
      };
    },
  },
  ping: { role: "viewer", target: noTarget, handle: async () => ({}) },
  subscribe: {
    role: "viewer",
    target: subscriptionTarget,
    async handle(params, { session }) {
      session.subscribe(params);
      return {};
    },
  },
  unsubscribe: {
    role: "viewer",
    target: noTarget,
    async handle(params, { session }) {
      session.unsubscribe(params);
      return {};
    },
  },
};
