import { randomUUID } from "node:crypto";
import { type CheckedToken, defaultToken, type EnrolmentTokens } from "../../core/identity/enrolmentTokens.ts";
import type { NodeRegistry } from "../../core/nodes/nodeRegistry.ts";
import type { PeerInfo } from "../../wire/connection.ts";

export interface NodeCredentials {
  /** The query's `token`. */
  readonly token: string | undefined;
  /** The query's `node_id`. */
  readonly nodeId: string | undefined;
  readonly peer: PeerInfo;
}

/** How a connection may go on: with a token as it is, or after it proved the key that is pinned to the node. */
export type NodeAdmission =
  | { readonly kind: "token"; readonly nodeId: string; readonly token: CheckedToken }
  | { readonly kind: "key"; readonly nodeId: string; readonly publicKey: string };

const keyPrefix = "node:";
const nodeIdPattern = /^[\w.:@-]{1,128}$/;

export interface NodeAuthorities {
  readonly tokens: EnrolmentTokens;
  readonly nodes: NodeRegistry;
}

/** Who a connection may be; undefined when it may not be anybody: `INVALID_TOKEN`. */
export async function authenticateNode(
  credentials: NodeCredentials,
  authorities: NodeAuthorities,
): Promise<NodeAdmission | undefined> {
  const { tokens, nodes } = authorities;
  const { token, nodeId, peer } = credentials;
  if (token === undefined || (nodeId !== undefined && !nodeIdPattern.test(nodeId))) return undefined;
  if (token.startsWith(keyPrefix)) {
    const claimed = token.slice(keyPrefix.length);
    const publicKey = nodes.publicKeyOf(claimed);
    if (publicKey === undefined || (nodeId !== undefined && nodeId !== claimed)) return undefined;
    return { kind: "key", nodeId: claimed, publicKey };
  }
  if (token === defaultToken.text && !peer.isLoopback) return undefined;
  const checked = await tokens.check(token, nodeId);
  if (checked === undefined) return undefined;
  const admission: NodeAdmission = { kind: "token", nodeId: nodeId ?? randomUUID(), token: checked };
  return (await mayBeNode(admission, authorities)) ? admission : undefined;
}

/**
 * Whether an admission makes its connection the node's now. Asked again before it does: since `welcome` another may have
 * taken the place, or the node may have been removed.
 */
export async function mayBeNode(admission: NodeAdmission, { tokens, nodes }: NodeAuthorities): Promise<boolean> {
  const { nodeId } = admission;
  const publicKey = nodes.publicKeyOf(nodeId);
  if (admission.kind === "key") return publicKey === admission.publicKey;
  // A token lets new nodes in, and back in those that it enrolled. It takes over nobody else's place, and nobody's who
  // has a key.
  if (nodes.get(nodeId) === undefined) return true;
  return publicKey === undefined && (await tokens.hasEnrolled(admission.token.id, nodeId));
}
