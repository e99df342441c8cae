import type { FileTask } from "./fileTask.ts";
import type { StagedFile } from "./stagedFile.ts";

/** What is known of one task's upload, between its senders too. */
export interface UploadEntry {
  readonly staged: StagedFile;
  task: FileTask;
  /** Bytes of the whole file. */
  size: number;
  sha256: string | undefined;
  /** Who may write; undefined: nobody sends at this moment. */
  sender: object | undefined;
  /** The write that is under way: settles when it is over, never fails. */
  busy: Promise<void>;
  /** While its file and memory are given back: a write waits for that. */
  resting: Promise<void> | undefined;
  /** On the monotonic clock. */
  usedAt: number;
}
