import type { Connection } from "../../../src-main/wire/connection.ts";
import type { Attach } from "../../../src-main/wire/reconnectingClient.ts";
import { dialWebSocket, ownEndpoint } from "./dialWebSocket.ts";

/** Connects to the core that served this page. */
export function dialCore(attach: Attach): Promise<Connection> {
  return dialWebSocket(ownEndpoint("/ws"), attach);
}
