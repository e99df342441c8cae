import { fullJitter } from "../../src-main/base/backoff.ts";
import { type Clock, sleep } from "../../src-main/base/clock.ts";
import { PicketError } from "../../src-main/base/errors.ts";
import type { DocumentsClient } from "../../src-main/protocols/documents/client.ts";
import type { DocumentFiles } from "../platform/platform.ts";
import type { SendFile } from "./uploadBatch.ts";

/** So much of a file goes in one request; the core brings it to its disk before it answers. */
const sliceBytes = 32 * 1024 * 1024;

/** So often in a row without a byte that came through. */
const mostFailures = 8;

/** Sends a file to the core's own documents over HTTP, from where the core stands, through lost connections. */
export function sendOverHttp(files: DocumentFiles, clock: Clock): SendFile {
  return async (task, file, { signal, progress }) => {
    let held: number | undefined;
    let most = 0;
    for (let failures = 0; ; ) {
      signal.throwIfAborted();
      try {
        if (held === undefined) {
          const before = await files.heldOf(task, signal);
          // The last answer got lost on its way here.
          if (before.isComplete) return;
          ({ held } = before);
        }
        // What came through before the connection was lost was worth the try.
        if (held > most) failures = 0;
        most = Math.max(most, held);
        progress(held);
        const slice = file.slice(held, held + sliceBytes);
        const answer = await files.send(task, { size: file.size, offset: held, slice, signal, progress });
        if (answer.isComplete) return;
        ({ held } = answer);
      } catch (error) {
        signal.throwIfAborted();
        failures += 1;
        if (!(isPassing(error) || isElsewhere(error)) || failures > mostFailures) throw error;
        held = undefined;
        await sleep(clock, fullJitter(failures, { cap: 10_000 }));
      }
    }
  };
}

/** Sends a file over a connection of the protocol: to somebody else's server. */
export function sendOverSocket(client: Pick<DocumentsClient, "upload">): SendFile {
  return async (task, file, { signal, progress }) => {
    await client.upload({
      task,
      size: file.size,
      read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
      onProgress: ({ done }) => progress(done),
      signal,
    });
  };
}

/** It may well go next time. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof PicketError &&
    (error.code === "PEER_LOST" || error.code === "TIMEOUT" || error.code === "RATE_LIMITED")
  );
}

/** The core has fewer bytes than this side thought, or more: it is asked how many. */
function isElsewhere(error: unknown): boolean {
  return error instanceof PicketError && error.code === "CONFLICT";
}
