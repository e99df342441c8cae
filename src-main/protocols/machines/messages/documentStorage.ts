import * as z from "zod/mini";
import { done, request } from "./define.ts";

const damagedFile = z.object({
  /** SHA-256 in hex, as it should be. */
  hash: z.string(),
  size: z.number(),
  fault: z.enum(["missing", "changed"]),
  /** Documents with a revision that has this file. */
  documents: z.array(z.object({ documentId: z.string(), title: z.string() })),
});

const storage = z.object({
  /** Files on the disk, those with the same bytes once. */
  files: z.number(),
  bytes: z.number(),
  freeBytes: z.number(),
  totalBytes: z.number(),
  /** Bytes that one user may keep, and that one file may have; 0: no limit but the disk. */
  limits: z.object({ perUser: z.number(), perFile: z.number() }),
  /** The check that runs, or the last one since the start. */
  check: z.object({
    isRunning: z.boolean(),
    checkedFiles: z.number(),
    checkedBytes: z.number(),
    totalFiles: z.number(),
    totalBytes: z.number(),
  }),
  damaged: z.array(damagedFile),
});
export type DocumentStorage = z.infer<typeof storage>;

export const documentStorageRequests = {
  /** What documents take on the core's disk, and whether all of it is well. */
  "document-storage": request(z.object({}), storage),
  /** Begins to read every stored file and compare it; `document-storage` tells how far it is. */
  "document-storage-check": request(z.object({}), done),
};
