import type { Revision } from "../tree/revision.ts";

export interface UploadStart {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Hex; checked at the end when given. */
  readonly sha256?: string | undefined;
  /**
   * How many of the bytes that the core holds the sender wants to keep; `held`: all of them. What was really kept is in
   * `OpenUpload.held`. @default 0: from the beginning
   */
  readonly offset?: number | "held" | undefined;
  /** Who must have made the task; undefined: its id is the credential. */
  readonly owner?: string | undefined;
}

/** An upload that somebody is sending. Once another one takes its task over, everything here throws `CANCELLED`. */
export interface OpenUpload {
  readonly documentId: string;
  readonly size: number;
  /** Bytes that the core has and keeps: where the sender goes on. */
  readonly held: number;
  /**
   * Takes the next bytes, of any length, and copies what it keeps. Resolves when the next may come.
   *
   * @throws {PicketError} `STORAGE_FULL` what is held stays; `SIZE_MISMATCH` more than was announced; `CANCELLED`
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Checks, stores and shows it: when this resolves, the revision is durable and visible.
   *
   * @throws {PicketError} `SIZE_MISMATCH` (too short: what is held stays), `HASH_MISMATCH` (what was held is gone, the task
   * can be used again), `STORAGE_FULL`, `FILE_TASK_OVER`, `CANCELLED`
   */
  finish(): Promise<Revision>;
  /** Keeps what came, to be resumed. */
  suspend(): Promise<void>;
  /** Throws away what came; the task can be used again. */
  abort(): Promise<void>;
}
