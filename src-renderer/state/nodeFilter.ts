import type { Node } from "../../src-main/protocols/machines/messages/nodes.ts";

export const statusFilters = ["all", "online", "offline"] as const;
export type StatusFilter = (typeof statusFilters)[number];

export interface NodeFilter {
  readonly text: string;
  readonly status: StatusFilter;
  /** Empty: any. */
  readonly group: string;
  readonly tag: string;
}

export const noFilter: NodeFilter = { text: "", status: "all", group: "", tag: "" };

/** Whether a node fits a filter. Every word of the text must stand somewhere in what is known of the node. */
export function nodeMatcher(filter: NodeFilter): (node: Node) => boolean {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return (node) => {
    if (filter.status !== "all" && node.status !== filter.status) return false;
    if (filter.group !== "" && node.group !== filter.group) return false;
    if (filter.tag !== "" && !node.tags.includes(filter.tag)) return false;
    if (words.length === 0) return true;
    const text = searchText(node);
    return words.every((word) => text.includes(word));
  };
}

function searchText({ name, hostname, ipAddress, osInfo, group, tags, nodeId }: Node): string {
  return [name ?? "", hostname, ipAddress, osInfo ?? "", group, ...tags, nodeId].join("\n").toLowerCase();
}
