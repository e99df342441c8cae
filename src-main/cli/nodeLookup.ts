import type { MachinesClient } from "../protocols/machines/client.ts";
import type { Node } from "../protocols/machines/messages/nodes.ts";

/** All nodes, page by page. */
export async function listNodes(client: MachinesClient): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page: { nodes: Node[]; next: string | null } = await client.request("node-list", {
      limit: 500,
      ...(after === "" ? {} : { after }),
    });
    nodes.push(...page.nodes);
    after = page.next;
  }
  return nodes;
}

/** The node that a person means: by id, by the operator's name, or by a host name that only one has. */
export async function findNode(client: MachinesClient, wanted: string): Promise<Node> {
  const nodes = await listNodes(client);
  const byId = nodes.find(({ nodeId }) => nodeId === wanted);
  if (byId !== undefined) return byId;
  const named = nodes.filter(({ name, hostname }) => name === wanted || hostname === wanted);
  const [only] = named;
  if (only === undefined) throw new Error(`there is no node ${wanted}; see: picket node list`);
  if (named.length > 1) {
    throw new Error(
      `${named.length} nodes are called ${wanted}; use an id: ${named.map(({ nodeId }) => nodeId).join(", ")}`,
    );
  }
  return only;
}
