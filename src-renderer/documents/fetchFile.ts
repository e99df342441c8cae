import { fullJitter } from "../../src-main/base/backoff.ts";
import { type Clock, sleep } from "../../src-main/base/clock.ts";
import { PicketError } from "../../src-main/base/errors.ts";
import { newHasher } from "../../src-main/protocols/documents/client/newHasher.ts";
import type { DocumentsClient } from "../../src-main/protocols/documents/client.ts";
import type { DocumentFiles, FileTarget } from "../platform/platform.ts";
import { isPassing } from "./sendFile.ts";
import type { TransferRun } from "./transfer.svelte.ts";

const mostFailures = 8;
/**
 * What a browser has received and not handed over is lost with the connection, tens of megabytes when the disk is slower
 * than the network: parts keep that small.
 */
const leastPart = 4 * 1024 * 1024;
const mostPart = 16 * 1024 * 1024;
const partsOfFile = 2_048;

export interface FetchFileOptions {
  readonly files: DocumentFiles;
  readonly clock: Clock;
  /** Asked for once, and again when the last one is over. */
  readonly newTask: () => Promise<string>;
  readonly target: FileTarget;
}

/** Fetches a file of the core's own documents into a file on this machine, in ranges, through lost connections. */
export function fetchOverHttp({
  files,
  clock,
  newTask,
  target,
}: FetchFileOptions): (run: TransferRun) => Promise<void> {
  let task: string | undefined;
  let offset = 0;
  let hash = newHasher();
  let length = leastPart;
  let version: string | undefined;
  const begin = (): void => {
    offset = 0;
    hash = newHasher();
    version = undefined;
  };
  return async ({ signal, progress, sized }) => {
    for (let failures = 0; ; ) {
      signal.throwIfAborted();
      try {
        task ??= await newTask();
        const part = await files.fetchFrom(task, { offset, length, signal });
        // Another revision became the current one meanwhile: halves of two files are no file.
        if (version !== undefined && part.version !== version) {
          begin();
          throw new PicketError("HASH_MISMATCH");
        }
        version = part.version;
        sized(part.size);
        length = Math.min(mostPart, Math.max(leastPart, Math.ceil(part.size / partsOfFile)));
        for await (const bytes of part.bytes) {
          await target.write(offset, bytes);
          hash.update(bytes);
          offset += bytes.length;
          failures = 0;
          progress(offset);
          signal.throwIfAborted();
        }
        if (offset < part.end) throw new PicketError("PEER_LOST");
        if (offset < part.size) continue;
        const isSame = part.sha256 === undefined || hash.digest() === part.sha256;
        begin();
        // What is not what the core has must not lie there as if it were.
        if (!isSame) throw new PicketError("HASH_MISMATCH");
        await target.close();
        return;
      } catch (error) {
        signal.throwIfAborted();
        failures += 1;
        const isOver = error instanceof PicketError && /^FILE_TASK_/.test(error.code);
        if (isOver && failures === 1) task = undefined;
        else if (!isPassing(error) || failures > mostFailures) throw error;
        else await sleep(clock, fullJitter(failures, { cap: 10_000 }));
      }
    }
  };
}

/** Fetches a file of somebody else's server over a connection of the protocol. */
export function fetchOverSocket(
  client: Pick<DocumentsClient, "download">,
  newTask: () => Promise<string>,
  target: FileTarget,
): (run: TransferRun) => Promise<void> {
  return async ({ signal, progress, sized }) => {
    await client.download({
      task: newTask,
      target,
      signal,
      onSize: sized,
      onProgress: ({ done }) => progress(done),
    });
    await target.close();
  };
}
