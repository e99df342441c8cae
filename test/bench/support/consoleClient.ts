import { systemClock } from "../../../src-main/base/clock.ts";
import { MachinesClient } from "../../../src-main/protocols/machines/client.ts";
import { dialSocket } from "../../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";

export interface ConsoleAddress {
  /** `ws://127.0.0.1:port`. */
  readonly wsUrl: string;
  /** An access token. */
  readonly token: string;
}

/** A console, signed in and past its hello. `onClosed` is told when the connection is gone. */
export async function connectConsole(
  { wsUrl, token }: ConsoleAddress,
  onClosed: () => void = () => {},
): Promise<MachinesClient> {
  const keepAlive = new KeepAlive(systemClock);
  let client: MachinesClient | undefined;
  await dialSocket({ url: `${wsUrl}/ws?token=${token}`, clock: systemClock, keepAlive }, (connection) => {
    client = new MachinesClient(connection, {
      clock: systemClock,
      onClosed: () => {
        keepAlive.dispose();
        onClosed();
      },
    });
    return client;
  });
  if (client === undefined) throw new Error("not connected");
  await client.hello();
  return client;
}
