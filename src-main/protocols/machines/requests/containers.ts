import { PicketError } from "../../../base/errors.ts";
import type { ContainerPlace } from "../../../core/containers/containers.ts";
import type { NodeRecord } from "../../../core/nodes/nodeRecord.ts";
import type { containerRequests } from "../messages/containers.ts";
import type { Handlers, RequestContext, Target } from "./handler.ts";
import { viewContainers } from "./views.ts";

const oneNode = ({ nodeId }: { readonly nodeId: string }): Target => ({ kind: "nodes", ids: [nodeId] });

export const containerHandlers: Handlers<keyof typeof containerRequests> = {
  "container-list": {
    role: "viewer",
    target: oneNode,
    async handle(_, context) {
      return viewContainers(await context.core.containers.list(single(context)));
    },
  },
  "container-inspect": {
    role: "viewer",
    target: oneNode,
    async handle(params, context) {
      return { details: { ...(await context.core.containers.inspect(placeOf(params, context))) } };
    },
  },
  "container-stats": {
    role: "viewer",
    target: oneNode,
    async handle(params, context) {
      const { time, cpu, memory, network, disk, processes } = await context.core.containers.stats(
        placeOf(params, context),
      );
      return { time, cpu, memory: { ...memory }, network: { ...network }, disk: { ...disk }, processes };
    },
  },
  "container-act": {
    role: "operator",
    target: oneNode,
    audit: ({ nodeId, container, action }) => ({ target: nodeId, details: { container, action } }),
    async handle(params, context) {
      return { message: await context.core.containers.act(placeOf(params, context), params.action) };
    },
  },
};

function placeOf({ container }: { readonly container: string }, context: RequestContext): ContainerPlace {
  return { node: single(context), container };
}

function single({ nodes }: RequestContext): NodeRecord {
  const [node] = nodes;
  if (node === undefined) throw new PicketError("NODE_NOT_FOUND");
  return node;
}
