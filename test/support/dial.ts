import type { TestContext } from "node:test";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import type { Connection } from "../../src-main/wire/connection.ts";
import { dialSocket } from "../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";
import { RecordingHandler } from "./recordingHandler.ts";

export interface Dialed {
  readonly connection: Connection;
  readonly handler: RecordingHandler;
}

/** Picket's own client end of a socket, gone when the test ends. */
export async function dial(
  context: Pick<TestContext, "after">,
  url: string,
  {
    clock = systemClock,
    keepAlive = new KeepAlive(clock),
  }: { readonly clock?: Clock; readonly keepAlive?: KeepAlive } = {},
): Promise<Dialed> {
  const handler = new RecordingHandler();
  const connection = await dialSocket({ url, clock, keepAlive }, () => handler);
  context.after(() => {
    connection.terminate();
    keepAlive.dispose();
  });
  return { connection, handler };
}
