/** From the least to the most powerful: each may do what the ones before may. */
export const roles = ["viewer", "operator", "administrator"] as const;
export type Role = (typeof roles)[number];

/** Who asks. Made from a session or from the local socket, never from what a peer says about itself. */
export interface Principal {
  readonly userId: string;
  readonly username: string;
  readonly role: Role;
  /** The node groups that this one may see. Undefined is every group; an empty list is none. */
  readonly groups: readonly string[] | undefined;
  /** Undefined for the local socket. */
  readonly sessionId: string | undefined;
}

/** Whoever opens the socket in the data folder owns the folder, and with it everything in it. */
export const localPrincipal: Principal = {
  userId: "local",
  username: "local",
  role: "administrator",
  groups: undefined,
  sessionId: undefined,
};

export function hasRole(principal: Principal, role: Role): boolean {
  return roles.indexOf(principal.role) >= roles.indexOf(role);
}

export function maySeeGroup(principal: Principal, group: string): boolean {
  return principal.groups === undefined || principal.groups.includes(group);
}
