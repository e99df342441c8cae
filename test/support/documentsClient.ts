import type { TestContext } from "node:test";
import { type Clock, systemClock } from "../../src-main/base/clock.ts";
import { DocumentsClient, type DocumentsClientOptions } from "../../src-main/protocols/documents/client.ts";
import { maxChunkMessageBytes } from "../../src-main/protocols/documents/messages/transferFrames.ts";
import { dialSocket } from "../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../src-main/wire/node/keepAlive.ts";

export interface TestClientOptions extends Partial<Omit<DocumentsClientOptions, "dial">> {
  readonly url: string;
  readonly clock?: Clock;
}

/** Picket's own documents client over real sockets, gone when the test ends. */
export function documentsClient(
  context: Pick<TestContext, "after">,
  { url, clock = systemClock, ...options }: TestClientOptions,
): DocumentsClient {
  const keepAlive = new KeepAlive(clock);
  const client = new DocumentsClient({
    clock,
    dial: (attach, use) =>
      dialSocket(
        { url, clock, keepAlive, maxMessageBytes: use === "transfer" ? maxChunkMessageBytes : undefined },
        attach,
      ),
    // Lost connections are tried again at once.
    random: () => 0,
    ...options,
  });
  context.after(() => {
    client.dispose();
    keepAlive.dispose();
  });
  return client;
}
