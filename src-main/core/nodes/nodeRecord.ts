export type NodeStatus = "online" | "offline";

/** What the core knows of a node. The facts about the machine are large and read when somebody looks. */
export interface NodeRecord {
  /** The short number that tables use. */
  readonly key: number;
  readonly nodeId: string;
  /** What the operator calls it; its host name when nobody named it. */
  readonly name: string | undefined;
  readonly hostname: string;
  readonly ipAddress: string;
  readonly osInfo: string | undefined;
  readonly group: string;
  readonly tags: readonly string[];
  readonly capabilities: readonly string[];
  readonly hasKey: boolean;
  readonly createdAt: number;
  readonly status: NodeStatus;
}
