import type { Node, NodeSample } from "../../src-main/protocols/machines/messages/nodes.ts";

export const nodeSortKeys = ["name", "status", "cpu", "memory", "disk", "system", "group", "address"] as const;
export type NodeSortKey = (typeof nodeSortKeys)[number];

export interface NodeSort {
  readonly key: NodeSortKey;
  readonly descending: boolean;
}

/** What is compared of a node: the same for an entry and for a test. */
export interface SortableNode {
  readonly record: Node;
  readonly sample: NodeSample | null;
}

const metricOf = { cpu: "cpu_usage", memory: "memory_usage", disk: "disk_usage" } as const;
type Value = number | string | undefined;

/** The nodes in order. What has no value of that kind comes last, whichever way; equals are ordered by name. */
export function sortNodes<T extends SortableNode>(nodes: readonly T[], { key, descending }: NodeSort): T[] {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const direction = descending ? -1 : 1;
  const compare = (a: Value, b: Value): number => {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    if (typeof a === "number" && typeof b === "number") return direction * (a - b);
    return direction * collator.compare(String(a), String(b));
  };
  return nodes
    .map((node) => ({ node, value: sortValue(node, key), name: nameOf(node.record) }))
    .sort((a, b) => compare(a.value, b.value) || collator.compare(a.name, b.name))
    .map(({ node }) => node);
}

/** Whether the order depends on numbers that change all the time. */
export function isMetricSort(key: NodeSortKey): boolean {
  return key in metricOf;
}

function sortValue({ record, sample }: SortableNode, key: NodeSortKey): Value {
  switch (key) {
    case "name":
      return nameOf(record);
    case "status":
      // Longest gone first, then those that are there.
      return record.status === "online" ? Number.MAX_SAFE_INTEGER : (record.lastSeenAt ?? 0);
    case "system":
      return record.osInfo ?? undefined;
    case "group":
      return record.group;
    case "address":
      return record.ipAddress;
    default:
      // The last number of a node that is gone says nothing about now.
      return record.status === "online" ? sample?.values[metricOf[key]] : undefined;
  }
}

function nameOf(node: Node): string {
  return node.name ?? node.hostname;
}
