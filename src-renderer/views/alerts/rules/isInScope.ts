import type { AlertScope } from "../../../../src-main/protocols/machines/messages/alerts.ts";
import type { Node } from "../../../../src-main/protocols/machines/messages/nodes.ts";

/** Whether a rule with this scope watches a node. */
export function isInScope(node: Pick<Node, "nodeId" | "group" | "tags">, scope: AlertScope): boolean {
  switch (scope.kind) {
    case "all":
      return true;
    case "nodes":
      return scope.nodeIds.includes(node.nodeId);
    case "tags":
      return scope.tags.some((tag) => node.tags.includes(tag));
    case "groups":
      return scope.groups.includes(node.group);
  }
}
