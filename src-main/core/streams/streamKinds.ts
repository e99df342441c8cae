import type { Role } from "../identity/principal.ts";

export interface StreamKind {
  /** Who may open one. */
  readonly role: Role;
  /** What the node must have announced. */
  readonly capability: string;
}

/** Every kind of stream there is. A kind that has no row cannot be opened by anybody. */
export const streamKinds: Readonly<Record<string, StreamKind>> = {
  terminal: { role: "operator", capability: "terminal" },
  exec: { role: "operator", capability: "exec-stream" },
  "docker-logs": { role: "operator", capability: "docker" },
  "docker-exec": { role: "operator", capability: "docker" },
};
