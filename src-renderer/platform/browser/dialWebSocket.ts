import { dialBrowserSocket } from "../../../src-main/wire/browser/dialBrowserSocket.ts";
import type { Connection } from "../../../src-main/wire/connection.ts";
import type { Attach } from "../../../src-main/wire/reconnectingClient.ts";

/** A browser itself waits for minutes when packets vanish. */
const dialTimeout = 10_000;

/** Connects to a WebSocket server with the browser's own socket. */
export async function dialWebSocket(url: string | URL, attach: Attach): Promise<Connection> {
  const socket = new WebSocket(url);
  const timer = setTimeout(() => socket.close(), dialTimeout);
  try {
    // The browser's handlers take wider events than the few fields that are used of them.
    return await dialBrowserSocket(socket as Parameters<typeof dialBrowserSocket>[0], attach);
  } finally {
    clearTimeout(timer);
  }
}

/** An endpoint of the core that served this page. */
export function ownEndpoint(path: string): URL {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  return url;
}
