export const systems = ["unix", "windows"] as const;
export type System = (typeof systems)[number];

export interface JoinLine {
  /** The core's address as the new machine reaches it. */
  readonly server: string;
  readonly token: string;
  readonly system: System;
}

/** The one line that makes a machine a node. */
export function joinLine({ server, token, system }: JoinLine): string {
  // PowerShell takes the `--` away from npm's own script; from the `.cmd` it does not.
  const npm = system === "windows" ? "npm.cmd" : "npm";
  return `${npm} run -s picket -- --agent-only --server ${server} --token ${token}`;
}

export interface ServerNotes {
  /** Only this machine reaches the address. */
  readonly loopback: boolean;
  /** What goes over the wire can be read on the way. */
  readonly insecure: boolean;
}

/** What to know about an address before another machine is given it. */
export function notesOn(server: string): ServerNotes {
  const { protocol, hostname } = new URL(server);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
  return { loopback, insecure: protocol === "http:" && !loopback };
}
