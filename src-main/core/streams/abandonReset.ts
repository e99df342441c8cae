import { streamReset } from "./streamReset.ts";

/**
 * The code that ends a stream for which nobody waits any more when it opens: a terminal that was there before stays for
 * whoever wanted it back, one that was just started nobody knows.
 *
 * @param params what the stream was asked for with
 */
export function abandonReset(params: Readonly<Record<string, unknown>>): number {
  return typeof params["session"] === "string" ? streamReset.peerLost : streamReset.cancelled;
}
