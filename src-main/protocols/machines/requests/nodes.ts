import { PicketError } from "../../../base/errors.ts";
import { maySeeGroup } from "../../../core/identity/principal.ts";
import type { NodeRecord } from "../../../core/nodes/nodeRecord.ts";
import { closeCode } from "../../../wire/connection.ts";
import type { nodeRequests } from "../messages/nodes.ts";
import { type Handlers, noTarget, type RequestContext, type Target } from "./handler.ts";
import { viewNode } from "./views.ts";

const oneNode = ({ nodeId }: { readonly nodeId: string }): Target => ({ kind: "nodes", ids: [nodeId] });

export const nodeHandlers: Handlers<keyof typeof nodeRequests> = {
  "node-list": {
    role: "viewer",
    target: noTarget,
    async handle({ after, limit }, { core, principal }) {
      const visible = core.nodes
        .list()
        .filter((node) => maySeeGroup(principal, node.group) && (after === undefined || node.nodeId > after))
        .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
      const page = visible.slice(0, limit);
      const next = visible.length > limit ? (page.at(-1)?.nodeId ?? null) : null;
      return { nodes: page.map((node) => viewNode(node, core)), next };
    },
  },
  "node-get": {
    role: "viewer",
    target: oneNode,
    async handle(_, context) {
      const node = single(context);
      const facts = await context.core.nodes.facts(node.nodeId);
      return { node: viewNode(node, context.core), facts: facts === undefined ? null : { ...facts } };
    },
  },
  "node-rename": {
    role: "administrator",
    target: oneNode,
    audit: ({ nodeId, name }) => ({ target: nodeId, details: { name } }),
    async handle({ name }, context) {
      const { core } = context;
      return { node: viewNode(await core.nodes.change(single(context).nodeId, { name }), core) };
    },
  },
  "node-tag": {
    role: "operator",
    target: oneNode,
    audit: ({ nodeId, tags }) => ({ target: nodeId, details: { tags } }),
    async handle({ tags }, context) {
      const { core } = context;
      const unique = [...new Set(tags)];
      return { node: viewNode(await core.nodes.change(single(context).nodeId, { tags: unique }), core) };
    },
  },
  "node-move": {
    role: "administrator",
    target: oneNode,
    audit: ({ nodeId, group }) => ({ target: nodeId, details: { group } }),
    async handle({ group }, context) {
      const { core, principal } = context;
      if (!maySeeGroup(principal, group)) throw new PicketError("FORBIDDEN");
      return { node: viewNode(await core.nodes.change(single(context).nodeId, { group }), core) };
    },
  },
  "node-remove": {
    role: "administrator",
    target: oneNode,
    audit: ({ nodeId }) => ({ target: nodeId }),
    async handle(_, context) {
      const { core } = context;
      const node = single(context);
      const link = await core.nodes.remove(node.nodeId);
      link?.close(closeCode.policyViolation, "the node was removed");
      await core.commands.removeOfNode(node);
      await core.metrics.remove(node.key);
      await core.alerts.removeOfNode(node.key);
      await core.logs.remove(node.key);
      return {};
    },
  },
  history: {
    role: "viewer",
    target: oneNode,
    async handle(params, context) {
      if (params.from >= params.to)
        throw new PicketError("INVALID_PARAMS", { details: "data.from: not before data.to" });
      const { times, series, resolution, step } = await context.core.metrics.history(single(context).key, params);
      return { times: [...times], series: copySeries(series), resolution, step };
    },
  },
};

function single({ nodes }: RequestContext): NodeRecord {
  const [node] = nodes;
  if (node === undefined) throw new PicketError("NODE_NOT_FOUND");
  return node;
}

type HistoryResult = Awaited<ReturnType<(typeof nodeHandlers)["history"]["handle"]>>;
type CoreSeries = Awaited<ReturnType<RequestContext["core"]["metrics"]["history"]>>["series"];

function copySeries(series: CoreSeries): HistoryResult["series"] {
  return Object.fromEntries(
    Object.entries(series).map(([name, { min, avg, max }]) => [name, { min: [...min], avg: [...avg], max: [...max] }]),
  );
}
