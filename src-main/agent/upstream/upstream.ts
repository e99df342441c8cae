import type { ClientState } from "../../wire/reconnectingClient.ts";

/** One server that this agent serves, over whatever protocol: keeps the connection and does what the policy allows. */
export interface Upstream {
  /** The server's name, for logs and the ready line. */
  readonly name: string;
  readonly state: ClientState;
  start(): void;
  /** After a wake-up or a network change: no reason to wait any longer. */
  retryNow(): void;
  /** Ends what runs for the server and closes the connection. */
  close(): Promise<void>;
}
