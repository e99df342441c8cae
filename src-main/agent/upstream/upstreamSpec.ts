/** What the servers of every protocol have in common. */
interface ServerSpec {
  /** For logs and the ready line. */
  readonly name: string;
  /** The folder for what is kept about this server, inside the agent's. */
  readonly folder: string;
  /** The address of the protocol's endpoint, `ws:` or `wss:`, without a query. */
  readonly url: string;
  /** What the owner of this machine allows this server. @default the agent's policy file */
  readonly policyFile?: string | undefined;
}

/** A core of the nodes protocol. */
export interface NodesSpec extends ServerSpec {
  readonly protocol: "nodes";
  /** Instead of the URL's host: a core in this very process. */
  readonly socketPath?: string | undefined;
  readonly nodeId?: string | undefined;
  /** The enrolment token to use, if any; asked once at the start. */
  readonly token: (identity: { readonly nodeId: string; readonly enrolled: boolean }) => Promise<string | undefined>;
}

/** A server of the monitoring protocol. */
export interface MonitoringSpec extends ServerSpec {
  readonly protocol: "monitoring";
  readonly apiKey: string;
}

/** A relay of the rooms protocol. */
export interface RoomSpec extends ServerSpec {
  readonly protocol: "rooms";
  /** The token that names the room. */
  readonly token: string;
}

/** A server that this agent serves. */
export type UpstreamSpec = NodesSpec | MonitoringSpec | RoomSpec;
