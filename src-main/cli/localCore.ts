import { systemClock } from "../base/clock.ts";
import { localSocketPath } from "../host/dataFolder.ts";
import { MachinesClient } from "../protocols/machines/client.ts";
import { dialSocket } from "../wire/node/dialSocket.ts";
import { KeepAlive } from "../wire/node/keepAlive.ts";

/** Runs `use` with a connection to the core that runs on this data folder. @throws {Error} when none does */
export async function withLocalCore<T>(dataFolder: string, use: (client: MachinesClient) => Promise<T>): Promise<T> {
  const keepAlive = new KeepAlive(systemClock);
  let client: MachinesClient | undefined;
  const socketPath = localSocketPath(dataFolder);
  try {
    await dialSocket(
      { url: "ws://core/ws", socketPath, clock: systemClock, keepAlive, timeout: 5_000 },
      (connection) => {
        client = new MachinesClient(connection, { clock: systemClock, onClosed: () => {} });
        return client;
      },
    );
  } catch {
    keepAlive.dispose();
    throw new Error(`no core runs on the data folder ${dataFolder}: start it first, or name its folder with --data`);
  }
  if (client === undefined) throw new Error("not connected");
  try {
    await client.hello();
    return await use(client);
  } finally {
    client.close();
    keepAlive.dispose();
  }
}
