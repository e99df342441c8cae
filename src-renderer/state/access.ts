import type { Hello } from "./link.svelte.ts";

/** What the user may do, so that the console offers nothing else. The core decides anew at every request. */
export interface Access {
  /** Run commands, open terminals, change tags. */
  readonly operate: boolean;
  /** Enrol, rename, move and remove nodes. */
  readonly administer: boolean;
  /** What reaches over all node groups: users, the audit log, alert rules and whom they tell. */
  readonly oversee: boolean;
}

export function accessOf(user: Hello["user"] | undefined): Access {
  const administer = user?.role === "administrator";
  return {
    operate: administer || user?.role === "operator",
    administer,
    oversee: administer && user?.groups === null,
  };
}
