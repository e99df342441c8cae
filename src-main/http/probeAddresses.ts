import { createServer, type Server } from "node:net";
import { listenError } from "./listenError.ts";

/**
 * Tries all of these addresses at once and lets go of them again: a start that cannot listen has then changed nothing.
 *
 * @throws {PicketError} `PORT_IN_USE`
 */
export async function probeAddresses(
  addresses: readonly { readonly host: string; readonly port: number }[],
): Promise<void> {
  const servers: Server[] = [];
  try {
    for (const { host, port } of addresses) {
      const server = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve, reject) => {
        server.once("error", (error) => reject(listenError(error, { host, port })));
        server.listen({ host, port }, resolve);
      });
      servers.push(server);
    }
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
